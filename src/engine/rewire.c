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
    size_t diagonal; /* distance of autapses in memory, 0: there are none */
    size_t possible; /* entries that may exist */
    size_t connected;
};

static bool autapse(const struct side *side, size_t at)
{
    return side->diagonal && at % side->diagonal == 0;
}

static void sides_of(const struct modprop_network *net, struct side sides[2])
{
    const size_t n = net->n, out = net->n * net->n_out;
    sides[0] = (struct side){net->theta.W_rec, n * n, n + 1, n * n - n, 0};
    sides[1] = (struct side){net->theta.W_out, out, 0, out, 0};
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
    const modprop_real pressure = (modprop_real)(learning_rate * config->l1);
    const modprop_real jitter = (modprop_real)sqrt(2 * learning_rate * config->temperature);
    struct side sides[2];
    const unsigned char *connected = rewire->connected;
    uint64_t block = NOISE_BLOCKS;
    sides_of(rewire->network, sides);
    for (const struct side *side = sides; side < sides + 2; connected += side->count, side++) {
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

/* Connects `missing` of the side's disconnected entries, each set of that size equally likely
 * (selection sampling, Knuth 3.4.2 S). */
static void connect(const struct side *side, size_t missing, struct modprop_stream stream,
                    uint64_t block)
{
    const modprop_real newborn = (modprop_real)1e-12;
    size_t left = side->possible - side->connected;
    for (size_t k = 0; k < side->count && missing > 0; k++) {
        if (side->theta[k] > 0 || autapse(side, k))
            continue;
        if (modprop_random_uniform(stream, block + k) * (double)left < (double)missing) {
            side->theta[k] = newborn;
            missing--;
        }
        left--;
    }
}

void modprop_rewire_reconnect(struct modprop_rewire *rewire, const struct modprop_config *config,
                              long iteration)
{
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
    for (size_t s = 0; s < 2; s++)
        connect(&sides[s], missing[s], stream, CHOICE_BLOCKS * (s + 1));
}
