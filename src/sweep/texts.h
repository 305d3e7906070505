/*
 * texts.h - the texts (paths) that a sweep file gives to parameters, by their numbers.
 *
 * All values of a plan are numbers; that of a text is a hash (modprop_parameter_value), and what was
 * hashed is kept here.
 */
#ifndef MODPROP_SWEEP_TEXTS_H
#define MODPROP_SWEEP_TEXTS_H

#include "modprop.h"

/* Zero-initialise. */
struct modprop_texts {
    size_t count, room;
    struct modprop_kept_text {
        double number;
        char text[MODPROP_TEXT_SIZE];
    } * item;
};

/* Keeps the text, shorter than MODPROP_TEXT_SIZE, under its number. false: no memory. */
bool modprop_texts_keep(struct modprop_texts *texts, double number, const char *text);

/* The text of that number; NULL if none was kept. */
const char *modprop_texts_find(const struct modprop_texts *texts, double number);

void modprop_texts_clear(struct modprop_texts *texts);

#endif
