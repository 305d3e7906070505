/*
 * sweepfile.h - the lines of a sweep file: sections and their keys, with line numbers.
 *
 * inih takes the lines apart. It is fed line by line, because it passes in silence over what a
 * scientist must hear about: the rest of a line longer than its buffer, what stands behind a
 * [section], sections without keys, lines that are neither section nor key. This way line numbers
 * are known however the installed inih was built. Beyond plain INI:
 *   - a line may be indented; an indented line without '=' or ':' continues the list above it
 *   - comments begin with ; or # at the start of a line, or with ; behind white space
 *   - the text is UTF-8, with or without byte order mark, lines end with LF or CRLF
 */
#ifndef MODPROP_SWEEP_SWEEPFILE_H
#define MODPROP_SWEEP_SWEEPFILE_H

#include "sweep/mistakes.h"

enum { MODPROP_SWEEPFILE_BYTES = 1 << 20 }; /* the longest sweep file */

struct modprop_sweepfile_section {
    char *name; /* as between the brackets, without white space around it */
    size_t line;
};

struct modprop_sweepfile_entry {
    size_t section; /* index, or MODPROP_SWEEPFILE_NONE for keys above the first section */
    size_t line;
    char *name;
    char *value;         /* with its continuations, a space between them */
    size_t length, room; /* of value */
};

#define MODPROP_SWEEPFILE_NONE ((size_t)-1)

/* Zero-initialise. Owns all strings. */
struct modprop_sweepfile {
    size_t sections, section_room;
    struct modprop_sweepfile_section *section;
    size_t entries, entry_room;
    struct modprop_sweepfile_entry *entry;
};

/* Takes a text apart; what is wrong with its lines is added to mistakes. size: bytes of text, which
 * ends with a zero byte beyond them. Errors: MODPROP_NO_MEMORY. */
enum modprop_status modprop_sweepfile_parse(struct modprop_sweepfile *file, const char *text,
                                            size_t size, struct modprop_mistakes *mistakes);
void modprop_sweepfile_clear(struct modprop_sweepfile *file);

/* Reads a file as it stands, with a zero byte behind it. The caller frees *text with free().
 * Errors: MODPROP_IO (told in mistakes), MODPROP_NO_MEMORY. */
enum modprop_status modprop_sweepfile_load(char **text, size_t *size, const char *path,
                                           struct modprop_mistakes *mistakes);

#endif
