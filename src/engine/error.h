/*
 * error.h - the one setter of struct modprop_error, and the growing of messages.
 */
#ifndef MODPROP_ENGINE_ERROR_H
#define MODPROP_ENGINE_ERROR_H

#include "modprop.h"

#if defined(__GNUC__)
#define MODPROP_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define MODPROP_PRINTF(text, first)
#endif

/* Writes code and message unless err already holds an error (the first one wins) or is NULL.
 * Returns `code`, so that a failing function ends with `return MODPROP_FAIL(err, ...)`. */
enum modprop_status modprop_error_set(struct modprop_error *err, const char *file, int line,
                                      enum modprop_status code, const char *format, ...)
    MODPROP_PRINTF(5, 6);

#define MODPROP_FAIL(err, code, ...) modprop_error_set(err, __FILE__, __LINE__, code, __VA_ARGS__)

#endif
