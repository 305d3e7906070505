#include "engine/rewire.h"

#include <math.h>

#include "engine/memory.h"
#include "engine/random.h"

/* The iteration's blocks of the stream: the split from 0 on, then the choices, then the noise. */
static const uint64_t CHOICE_BLOCKS = (uint64_t)1 << 40, NOISE_BLOCKS = (uint64_t)1 << 48;

/* One of the two sign-constrained matrices. */
struct side {
    modprop_real *theta;
    size_t count;    /* entries in memory */
    size_t possible; /* entries that may exist */
    size_t connected;
};

static void sides_of(const struct modprop_network *net, struct side sides[2])
{
    const size_t n = net->n, out = net->n * net->n_out;
    sides[0] = (struct side){net->theta.W_rec, n * n, net->structure.possible, 0};
    sides[1] = (struct side){net->theta.W_out, out, out, 0};
}

enum modprop_status modprop_rewire_init(struct modprop_rewire *rewire,
                                        struct modprop_network *network, struct modprop_error *err)
{
    const size_t count = network->n * network->n + network->n * network->n_out;
    *rewire = (struct modprop_rewire){network, modprop_memory_get(count, 1)};
    return rewire->connected ? MODPROP_OK : modprop_memory_error("the rewiring", count, err);
}

void modprop_rewire_clear(struct modprop_rewire *rewire)
{
    modprop_memory_free(rewire->connected);
    *rewire = (struct modprop_rewire){0};
}

void modprop_rewire_note(struct modprop_rewire *rewire)
{
    struct side sides[2];
    unsigned char *connected = rewire->connected;
    sides_of(rewire->network, sides);
    for (const struct side *side = sides; side < sides + 2; connected += side->count, side++)
        for (size_t k = 0; k < side->count; k++)
            connected[k] = side->theta[k] > 0;
}

void modprop_rewire_guard(struct modprop_rewire *rewire, const struct modprop_config *config,
                          double learning_rate, long iteration)
{
    const struct modprop_stream stream = modprop_random_stream(config->seed,
                                                               MODPROP_STREAM_REWIRING, iteration);
    const double factor[2] = {config->learning_rate_rec, 1};
    struct side sides[2];
    const unsigned char *connected = rewire->connected;
    uint64_t block = NOISE_BLOCKS;
    sides_of(rewire->network, sides);
    for (const struct side *side = sides; side < sides + 2; connected += side->count, side++) {
        const double rate = factor[side - sides] * learning_rate;
        const modprop_real pressure = (modprop_real)(rate * config->l1);
        const modprop_real jitter = (modprop_real)sqrt(2 * rate * config->temperature);
        for (size_t k = 0; k < side->count; k++, block++) {
            modprop_real theta = side->theta[k] - pressure;
            if (jitter > 0 && connected[k]) {
                modprop_real normal;
                modprop_random_normals(stream, block, 1, &normal);
                theta += jitter * normal;
            }
            side->theta[k] = connected[k] && !(theta <= 0) ? theta
                                                           : 0; /* NaN stays, to be noticed */
        }
    }
}

void modprop_rewire_reconnect(struct modprop_rewire *rewire, const struct modprop_config *config,
                              long iteration)
{
    const modprop_real newborn = (modprop_real)1e-12;
    const struct modprop_stream stream = modprop_random_stream(config->seed,
                                                               MODPROP_STREAM_REWIRING, iteration);
    struct side sides[2];
    sides_of(rewire->network, sides);
    for (struct side *side = sides; side < sides + 2; side++)
        for (size_t k = 0; k < side->count; k++)
            side->connected += side->theta[k] > 0;
    const size_t possible = sides[0].possible + sides[1].possible;
    const size_t connected = sides[0].connected + sides[1].connected;
    const size_t wanted = (size_t)floor(config->connectivity * (double)possible);
    size_t missing[2] = {0, 0};
    for (size_t draw = 0; connected + draw < wanted; draw++) {
        const double share = (double)sides[0].possible / (double)possible;
        missing[modprop_random_uniform(stream, draw) >= share]++;
    }
    for (size_t s = 0; s < 2; s++) { /* a full side leaves the rest to the other */
        const size_t room = sides[s].possible - sides[s].connected;
        if (missing[s] > room) {
            missing[1 - s] += missing[s] - room;
            missing[s] = room;
        }
    }
    modprop_structure_connect(&rewire->network->structure, sides[0].theta, missing[0], newborn,
                              stream, CHOICE_BLOCKS);
    modprop_structure_connect_any(sides[1].count, sides[1].theta, missing[1], newborn, stream,
                                  2 * CHOICE_BLOCKS);
}
