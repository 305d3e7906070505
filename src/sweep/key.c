#include "sweep/key.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static uint64_t more_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * FNV_PRIME;
    return hash;
}

uint64_t modprop_key_text(const char *text)
{
    return more_text(FNV_OFFSET, text);
}

uint64_t modprop_key_part(size_t parameter, double value)
{
    const struct modprop_parameter *p = modprop_parameter_at(parameter);
    uint64_t hash = more_text(modprop_key_text(p->name), "=");
    if (p->kind == MODPROP_NAME_VALUE)
        return mix(more_text(hash, p->choice((size_t)value)));
    uint64_t bits;
    const double plain = value + 0.0; /* -0 and 0 are the same run */
    memcpy(&bits, &plain, sizeof bits);
    for (int k = 0; k < 64; k += 8)
        hash = (hash ^ (bits >> k & 0xff)) * FNV_PRIME;
    return mix(hash);
}

uint64_t modprop_key_finish(uint64_t sum)
{
    return mix(sum);
}

uint64_t modprop_key_chain(uint64_t hash, uint64_t key)
{
    return mix(hash ^ key);
}

void modprop_key_reads(struct modprop_config *config, bool *read)
{
    struct modprop_config defaults;
    modprop_config_init(&defaults);
    bool changed = true;
    /* Each round takes at least one choice back, so that it ends. */
    while (changed) {
        changed = false;
        modprop_config_reads(config, read);
        for (size_t p = 0; p < modprop_parameter_count(); p++) {
            const double fallback = modprop_parameter_value(p, &defaults);
            if (!read[p] && modprop_parameter_value(p, config) != fallback) {
                modprop_parameter_assign(p, config, fallback);
                changed = true;
            }
        }
    }
}

uint64_t modprop_config_key(const struct modprop_config *config)
{
    enum { MOST = 256 };
    bool read[MOST];
    const size_t parameters = modprop_parameter_count();
    assert(parameters <= MOST);
    struct modprop_config effective = *config;
    modprop_key_reads(&effective, read);
    uint64_t sum = 0;
    for (size_t p = 0; p < parameters; p++)
        if (read[p])
            sum += modprop_key_part(p, modprop_parameter_value(p, &effective));
    return modprop_key_finish(sum);
}
