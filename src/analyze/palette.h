/*
 * palette.h - the colours, dashes and markers of series, by name.
 *
 * A learning rule has its own colour, dash and marker, in every figure and whatever else is in it.
 * Names that are numbers ("mu = 0.25") take steps of one ordered scale; all others take the remaining
 * hues in their order. The hues are Okabe and Ito's (2008), darkened where a line of theirs would be
 * too pale on white, and told apart with the common colour deficiencies; each has a twin for dark
 * pages.
 */
#ifndef MODPROP_ANALYZE_PALETTE_H
#define MODPROP_ANALYZE_PALETTE_H

#include "modprop.h"

struct modprop_palette_style {
    unsigned color; /* 0xRRGGBB on white */
    unsigned dark;  /* its twin on a dark page */
    int dash;       /* 0: solid, then ever shorter */
    int marker;     /* a gnuplot point type, filled or open */
};

/* style[count]: of the series named name[count]. A name may be a rule, or contain one as a word
 * ("modprop, feedback=type"); the second of one rule has a darker twin of its colour, more than two
 * are steps of the ordered scale. */
void modprop_palette_assign(struct modprop_palette_style *style, const char *const *name,
                            size_t count);

/* The strong end of a heat map, by panel. */
struct modprop_palette_style modprop_palette_heat(size_t panel);

/* Text and axes; pale grid; background; by theme. */
enum modprop_palette_part {
    MODPROP_PALETTE_INK,
    MODPROP_PALETTE_MUTED,
    MODPROP_PALETTE_GRID,
    MODPROP_PALETTE_PAPER,
    MODPROP_PALETTE_PARTS
};
struct modprop_palette_style modprop_palette_part(enum modprop_palette_part part);

/* Every style there is, for a page's style sheet; false past the last. */
bool modprop_palette_at(size_t index, struct modprop_palette_style *style);

#endif
