/*
 * types_file.h - a small run (small_run.h) whose cell types a file says, for tests: one file of this
 * process in the temporary folder, written anew each time.
 */
#ifndef MODPROP_TESTS_TYPES_FILE_H
#define MODPROP_TESTS_TYPES_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "small_run.h"

struct types_file {
    char path[256];
};

static inline struct types_file types_file_name(void)
{
    struct types_file file;
    const char *const folder = getenv("TMPDIR");
    snprintf(file.path, sizeof file.path, "%s/modprop_types.%ld", folder ? folder : "/tmp",
             (long)getpid());
    return file;
}

static inline void types_file_write(const char *text)
{
    FILE *file = fopen(types_file_name().path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static inline void types_file_remove(void)
{
    unlink(types_file_name().path);
}

static inline struct modprop_config types_file_config(const char *text)
{
    struct modprop_config config = small_config();
    small_set(&config, "feedback", "type");
    small_set(&config, "type_labels", "file");
    small_set(&config, "type_file", types_file_name().path);
    types_file_write(text);
    return config;
}

#endif
