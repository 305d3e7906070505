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

/* The parameter of that name, or NULL. */
static const struct modprop_parameter *known(const char *name)
{
    const size_t index = modprop_parameter_find(name);
    return index < modprop_parameter_count() ? modprop_parameter_at(index) : NULL;
}

/* What a number contributes; p is its parameter, or NULL. */
static uint64_t part_of_number(const struct modprop_parameter *p, const char *name, double value)
{
    if (p && p->later && value == strtod(p->fallback, NULL))
        return 0;
    uint64_t bits, hash = more_text(modprop_key_text(name), "=");
    const double plain = value + 0.0; /* -0 and 0 are the same run */
    memcpy(&bits, &plain, sizeof bits);
    for (int k = 0; k < 64; k += 8)
        hash = (hash ^ (bits >> k & 0xff)) * FNV_PRIME;
    return mix(hash);
}

uint64_t modprop_key_number(const char *name, double value)
{
    return part_of_number(known(name), name, value);
}

uint64_t modprop_key_choice(const char *name, const char *choice)
{
    const struct modprop_parameter *p = known(name);
    double number = 0;
    if (p && p->later && strcmp(choice, p->fallback) == 0)
        return 0;
    if (p && p->kind == MODPROP_TEXT_VALUE &&
        modprop_parameter_parse(modprop_parameter_find(name), choice, &number, NULL) == MODPROP_OK)
        return part_of_number(p, name, number);
    return mix(more_text(more_text(modprop_key_text(name), "="), choice));
}

uint64_t modprop_key_part(size_t parameter, double value)
{
    const struct modprop_parameter *p = modprop_parameter_at(parameter);
    return p->kind == MODPROP_NAME_VALUE ? modprop_key_choice(p->name, p->choice((size_t)value))
                                         : part_of_number(p, p->name, value);
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
                modprop_parameter_copy(p, config, &defaults);
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
