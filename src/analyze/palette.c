#include "analyze/palette.h"

#include <stdlib.h>
#include <string.h>

/* gnuplot's point types. */
enum {
    OPEN_SQUARE = 4,
    SQUARE,
    OPEN_CIRCLE,
    CIRCLE,
    OPEN_TRIANGLE,
    TRIANGLE,
    OPEN_REVERSED,
    REVERSED,
    OPEN_DIAMOND,
    DIAMOND,
    OPEN_PENTAGON,
    PENTAGON
};

/* A rule, and the second of two series of that rule: darker, open, another dash. */
static const struct {
    const char *name;
    struct modprop_palette_style style, second;
} rules[] = {
    {"modprop", {0xD55E00, 0xFF8C42, 0, CIRCLE}, {0x8A3800, 0xFFC9A3, 1, OPEN_CIRCLE}},
    {"bptt", {0x222222, 0xEDEDED, 0, SQUARE}, {0x6E6E6E, 0xB0B0B0, 1, OPEN_SQUARE}},
    {"mdgl", {0x0069AB, 0x5AB0F2, 1, TRIANGLE}, {0x00375C, 0xB3DBFA, 2, OPEN_TRIANGLE}},
    {"eprop", {0x008A64, 0x27C79A, 2, DIAMOND}, {0x004D37, 0xA0EBD3, 3, OPEN_DIAMOND}},
    {"rtrl", {0xB65A96, 0xE593C6, 3, REVERSED}, {0x6E2B57, 0xF6D2E8, 0, OPEN_REVERSED}},
    {"rflo", {0x7F0065, 0xFE4C5E, 3, OPEN_DIAMOND}, {0xA83A8C, 0xFFB3BB, 0, OPEN_SQUARE}},
    {"snap1", {0x7930E8, 0x8F87FF, 1, PENTAGON}, {0x3E1480, 0xCFC9FF, 2, OPEN_PENTAGON}},
    {"snap2", {0x5B330A, 0xF2D38C, 2, OPEN_PENTAGON}, {0x9A7440, 0xFAEBCB, 3, PENTAGON}},
};
enum { RULES = sizeof rules / sizeof *rules };

/* What is no rule. */
static const struct modprop_palette_style others[] = {
    {0x3F3A96, 0xA79BF0, 0, CIRCLE},   {0x8A6A00, 0xF5DE8A, 1, SQUARE},
    {0x0F7B8A, 0x6FD3E0, 2, TRIANGLE}, {0xA8324A, 0xFF9CA8, 3, DIAMOND},
    {0x6B6B6B, 0xB4B4B4, 0, REVERSED}, {0x5A7A1E, 0xB8DB6A, 1, OPEN_CIRCLE},
};
enum { OTHERS = sizeof others / sizeof *others };

/* An ordered scale, from which STEPS styles are taken: lightness and hue change together. */
enum { STEPS = 12, STOPS = 4, DASHES = 4 };
static const unsigned stops[STOPS] = {0x3B0F70, 0x8C2981, 0xD8456C, 0xE07B1A};
static const unsigned dark_stops[STOPS] = {0x9B7BF0, 0xE07BD0, 0xFF8A90, 0xFFD08A};

static const struct modprop_palette_style heats[] = {
    {0xA63C00, 0xFF8C42, 0, 0},
    {0x7A3E86, 0xDDA0EA, 0, 0},
    {0x00558C, 0x5AB0F2, 0, 0},
    {0x006B4E, 0x27C79A, 0, 0},
};
enum { HEATS = sizeof heats / sizeof *heats };

static const struct modprop_palette_style parts[MODPROP_PALETTE_PARTS] = {
    [MODPROP_PALETTE_INK] = {0x1B1F24, 0xE7E9EC, 0, 0},
    [MODPROP_PALETTE_MUTED] = {0x5B636E, 0xA4ACB7, 0, 0},
    [MODPROP_PALETTE_GRID] = {0xDFE3E8, 0x343A43, 0, 0},
    [MODPROP_PALETTE_PAPER] = {0xFFFFFF, 0x16181C, 0, 0},
};

/* Between two of the stops, at `at` from 0 to 1. */
static unsigned blend(const unsigned *stop, double at)
{
    const double place = at * (STOPS - 1);
    const size_t below = place >= STOPS - 1 ? STOPS - 2 : (size_t)place;
    const double part = place - (double)below;
    unsigned color = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
        const double from = stop[below] >> shift & 0xFF, to = stop[below + 1] >> shift & 0xFF;
        color = color << 8 | (unsigned)(from + part * (to - from) + 0.5);
    }
    return color;
}

static struct modprop_palette_style step(size_t index, size_t count)
{
    static const int marker[] = {CIRCLE, SQUARE, TRIANGLE, DIAMOND, REVERSED};
    /* Few series stand far apart on the scale; a scale of one is its middle. */
    const size_t shown = count < STEPS ? count : STEPS;
    const size_t rank = count > 1 ? index * (shown - 1) / (count - 1) : 0;
    const size_t at = shown > 1 ? rank * (STEPS - 1) / (shown - 1) : STEPS / 2;
    const double share = (double)at / (STEPS - 1);
    return (struct modprop_palette_style){blend(stops, share), blend(dark_stops, share),
                                          (int)(index % DASHES),
                                          marker[index % (sizeof marker / sizeof *marker)]};
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Which rule the name is or contains as a word; RULES: none. */
static size_t rule_in(const char *name)
{
    for (size_t rule = 0; rule < RULES; rule++) {
        const size_t length = strlen(rules[rule].name);
        for (const char *at = name; (at = strstr(at, rules[rule].name)); at++)
            if ((at == name || !is_word(at[-1])) && !is_word(at[length]))
                return rule;
    }
    return RULES;
}

/* "0.25", "mu = 0.25", "mu=0.25": ends in a number that is all of its value. */
static bool is_numeric(const char *name)
{
    const char *equals = strrchr(name, '=');
    const char *value = equals ? equals + 1 : name;
    char *end;
    strtod(value, &end);
    return end != value && *end == '\0';
}

/* More than two of one rule are steps of a scale. */
enum { ALIKE = 2 };

void modprop_palette_assign(struct modprop_palette_style *style, const char *const *name,
                            size_t count)
{
    size_t of_rule[RULES + 1] = {0}, seen[RULES] = {0}, steps = 0, stepped = 0, other = 0;
    for (size_t k = 0; k < count; k++)
        of_rule[rule_in(name[k])]++;
    /* All that take steps share one scale. */
    for (size_t k = 0; k < count; k++) {
        const size_t rule = rule_in(name[k]);
        steps += rule < RULES ? of_rule[rule] > ALIKE : is_numeric(name[k]);
    }
    for (size_t k = 0; k < count; k++) {
        const size_t rule = rule_in(name[k]);
        if (rule < RULES && of_rule[rule] <= ALIKE) {
            style[k] = seen[rule]++ ? rules[rule].second : rules[rule].style;
        } else if (rule < RULES || is_numeric(name[k])) {
            style[k] = step(stepped++, steps);
        } else {
            style[k] = others[other % OTHERS];
            style[k].dash = (int)(other++ % DASHES);
        }
    }
}

struct modprop_palette_style modprop_palette_heat(size_t panel)
{
    return heats[panel % HEATS];
}

struct modprop_palette_style modprop_palette_part(enum modprop_palette_part part)
{
    return parts[part];
}

bool modprop_palette_at(size_t index, struct modprop_palette_style *style)
{
    if (index < MODPROP_PALETTE_PARTS)
        *style = parts[index];
    else if ((index -= MODPROP_PALETTE_PARTS) < RULES)
        *style = rules[index].style;
    else if ((index -= RULES) < RULES)
        *style = rules[index].second;
    else if ((index -= RULES) < OTHERS)
        *style = others[index];
    else if ((index -= OTHERS) < HEATS)
        *style = heats[index];
    else if ((index -= HEATS) < STEPS)
        *style = step(index, STEPS);
    else
        return false;
    return true;
}
