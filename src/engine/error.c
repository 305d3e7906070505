#include "engine/error.h"

#include <stdarg.h>
#include <stdio.h>

enum modprop_status modprop_error_set(struct modprop_error *err, const char *file, int line,
                                      enum modprop_status code, const char *format, ...)
{
    if (err && err->code == MODPROP_OK) {
        va_list args;
        va_start(args, format);
        vsnprintf(err->message, sizeof err->message, format, args);
        va_end(args);
        err->code = code;
        err->file = file;
        err->line = line;
    }
    return code;
}
