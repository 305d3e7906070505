#include "engine/halting.h"

/* A tenth of a millisecond, a thousand times what a look at the clock takes. Where operations wait for
 * memory it is a few times as long. */
static const double EVERY = 1e6;

void modprop_halting_init(struct modprop_halting *halting, modprop_halt *ask, void *context)
{
    *halting = (struct modprop_halting){.ask = ask, .context = context, .every = EVERY};
}

void modprop_halting_begin(struct modprop_halting *halting)
{
    halting->halted = false;
}

bool modprop_halting_after(struct modprop_halting *halting, double operations)
{
    if (!halting || !halting->ask || halting->deaf)
        return false;
    halting->operations += operations;
    if (halting->halted || halting->operations < halting->every)
        return halting->halted;
    halting->operations = 0;
    halting->halted = halting->ask(halting->context);
    return halting->halted;
}

bool modprop_halting_is(const struct modprop_halting *halting)
{
    return halting && halting->halted;
}
