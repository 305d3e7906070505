#include "engine/random.h"

#include <Random123/philox.h>
#include <math.h>

#include "engine/kernel.h"

struct modprop_stream modprop_random_stream(long seed, enum modprop_stream_name name,
                                            long iteration)
{
    return (struct modprop_stream){(uint32_t)seed, (uint32_t)name, (uint64_t)iteration};
}

void modprop_random_words(struct modprop_stream stream, uint64_t block, uint32_t words[4])
{
    const philox4x32_ctr_t counter = {{(uint32_t)block, (uint32_t)(block >> 32),
                                       (uint32_t)stream.iteration,
                                       (uint32_t)(stream.iteration >> 32)}};
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

/* ------------------------------------------------------------------ many at a time, in float */

/* Blocks drawn side by side, for the compiler to put into vector registers. */
enum { LANES = 16 };

MODPROP_KERNEL_CLONES
static void philox(struct modprop_stream stream, uint64_t block, uint32_t c[4][LANES])
{
    const uint32_t m0 = 0xD2511F53, m1 = 0xCD9E8D57, w0 = 0x9E3779B9, w1 = 0xBB67AE85;
    uint32_t k0 = stream.seed, k1 = stream.name;
    for (uint32_t i = 0; i < LANES; i++) {
        c[0][i] = (uint32_t)(block + i);
        c[1][i] = (uint32_t)((block + i) >> 32);
        c[2][i] = (uint32_t)stream.iteration;
        c[3][i] = (uint32_t)(stream.iteration >> 32);
    }
    for (int round = 0; round < 10; round++, k0 += w0, k1 += w1) {
        for (int i = 0; i < LANES; i++) {
            const uint64_t p0 = (uint64_t)c[0][i] * m0, p1 = (uint64_t)c[2][i] * m1;
            const uint32_t c1 = c[1][i], c3 = c[3][i];
            c[0][i] = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
            c[1][i] = (uint32_t)p1;
            c[2][i] = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
            c[3][i] = (uint32_t)p0;
        }
    }
}

/* log of (word + 1/2) / 2^32: exponent and, with s = (m - 1) / (m + 1), the series of 2 atanh(s), whose
 * first term left out is below 3e-9 for m in [sqrt(1/2), sqrt(2)). */
static inline float log_uniform(uint32_t word)
{
    const uint32_t root_half = 0x3f3504f3; /* bits of sqrt(1/2) */
    const union {
        float value;
        uint32_t bits;
    } u = {((float)word + 0.5f) * 0x1p-32f};
    const uint32_t shifted = u.bits - root_half;
    const union {
        uint32_t bits;
        float value;
    } m = {(shifted & 0x007fffff) + root_half};
    const float exponent = (float)((int32_t)shifted >> 23);
    const float s = (m.value - 1) / (m.value + 1), q = s * s;
    return exponent * 0.69314718f +
           2 * s * (1 + q * (1.f / 3 + q * (1.f / 5 + q * (1.f / 7 + q * (1.f / 9)))));
}

/* cos and sin of 2 pi (word + 1/2) / 2^32: a quadrant, and an angle of at most pi / 4 for which the
 * Taylor terms left out are below 4e-8. */
static inline void turn(uint32_t word, float *cosine, float *sine)
{
    const uint32_t quadrant = (word + 0x20000000u) >> 30;
    const float a = (float)(int32_t)(word - (quadrant << 30)) * (6.2831853f * 0x1p-32f), q = a * a;
    const float c = 1 + q * (-0.5f + q * (1.f / 24 + q * (-1.f / 720 + q * (1.f / 40320))));
    const float s = a *
                    (1 + q * (-1.f / 6 + q * (1.f / 120 + q * (-1.f / 5040 + q * (1.f / 362880)))));
    const float x = quadrant & 1 ? s : c, y = quadrant & 1 ? c : s;
    *cosine = (quadrant + 1) & 2 ? -x : x;
    *sine = quadrant & 2 ? -y : y;
}

/* x, y: two independent normal numbers of each lane from its words r (radius) and w (angle). */
MODPROP_KERNEL_CLONES
static void box_muller(const uint32_t r[LANES], const uint32_t w[LANES], float x[LANES],
                       float y[LANES])
{
    for (int i = 0; i < LANES; i++) {
        float cosine, sine;
        const float radius = sqrtf(-2 * log_uniform(r[i]));
        turn(w[i], &cosine, &sine);
        x[i] = radius * cosine;
        y[i] = radius * sine;
    }
}

void modprop_random_noise(struct modprop_stream stream, uint64_t block, size_t count,
                          modprop_real *normals)
{
    for (size_t done = 0; done < count; done += 4 * LANES, block += LANES) {
        uint32_t words[4][LANES];
        float normal[4][LANES];
        philox(stream, block, words);
        box_muller(words[0], words[1], normal[0], normal[1]);
        box_muller(words[2], words[3], normal[2], normal[3]);
        for (size_t k = 0; k < 4 * LANES && done + k < count; k++)
            normals[done + k] = (modprop_real)normal[k % 4][k / 4];
    }
}
