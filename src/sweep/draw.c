#include "sweep/draw.h"

#include <Random123/philox.h>

#include "sweep/key.h"

/* The second word of the key keeps these draws apart from those of a run, whose streams count from
 * 1 (engine/random.h). */
#define STREAM UINT32_C(0x73776565)

double modprop_draw(uint32_t seed, const char *name, uint64_t sample)
{
    const uint64_t which = modprop_key_text(name);
    const philox4x32_key_t key = {{seed, STREAM}};
    const philox4x32_ctr_t counter = {
        {(uint32_t)sample, (uint32_t)(sample >> 32), (uint32_t)which, (uint32_t)(which >> 32)}};
    const philox4x32_ctr_t words = philox4x32(counter, key);
    /* 53 bits, as many as a double between 0 and 1 takes. */
    const uint64_t bits = (uint64_t)words.v[0] << 21 | words.v[1] >> 11;
    return (double)bits * 0x1p-53;
}
