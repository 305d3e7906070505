#include "engine/random.h"

#include <Random123/philox.h>
#include <math.h>

struct modprop_stream modprop_random_stream(long seed, enum modprop_stream_name name, long iteration)
{
    return (struct modprop_stream){(uint32_t)seed, (uint32_t)name, (uint64_t)iteration};
}

void modprop_random_words(struct modprop_stream stream, uint64_t block, uint32_t words[4])
{
    const philox4x32_ctr_t counter = {{(uint32_t)block, (uint32_t)(block >> 32),
                                       (uint32_t)stream.iteration, (uint32_t)(stream.iteration >> 32)}};
    const philox4x32_key_t key = {{stream.seed, stream.name}};
    const philox4x32_ctr_t drawn = philox4x32(counter, key);
    for (int k = 0; k < 4; k++)
        words[k] = drawn.v[k];
}

/* (0, 1): the middle of one of 2^32 equal intervals, never an end. */
static double between(uint32_t word)
{
    return ((double)word + 0.5) * 0x1p-32;
}

double modprop_random_uniform(struct modprop_stream stream, uint64_t block)
{
    uint32_t words[4];
    modprop_random_words(stream, block, words);
    return between(words[0]);
}

void modprop_random_normals(struct modprop_stream stream, uint64_t block, size_t count,
                            modprop_real *normals)
{
    const double two_pi = 6.283185307179586;
    for (size_t done = 0; done < count; done += 4, block++) {
        uint32_t words[4];
        modprop_random_words(stream, block, words);
        for (size_t pair = 0; pair < 2 && done + 2 * pair < count; pair++) {
            const double radius = sqrt(-2 * log(between(words[2 * pair])));
            const double angle = two_pi * between(words[2 * pair + 1]);
            normals[done + 2 * pair] = (modprop_real)(radius * cos(angle));
            if (done + 2 * pair + 1 < count)
                normals[done + 2 * pair + 1] = (modprop_real)(radius * sin(angle));
        }
    }
}
