#include "sweep/sweepfile.h"

#include <errno.h>
#include <ini.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sweep/array.h"
#include "sweep/textcheck.h"

#define BLANK " \t\r"
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* What inih is fed from, and where its findings go. */
struct reader {
    const char *next; /* rest of the text */
    size_t line;      /* number of the line inih was given last */
    bool due;         /* that line must give a key */
    bool continues;   /* that line continues the value above it */
    bool refused;     /* an allocation */
    struct modprop_sweepfile *file;
    struct modprop_mistakes *mistakes;
};

/* White space at the start. */
static size_t blanks(const char *text, size_t length)
{
    size_t k = 0;
    while (k < length && strchr(BLANK, text[k]))
        k++;
    return k;
}

static void told_if_due(struct reader *reader)
{
    if (reader->due)
        modprop_mistakes_add(reader->mistakes, reader->line,
                             "this line is neither [section] nor key = value nor a comment");
    reader->due = false;
}

static void add_section(struct reader *reader, const char *start, size_t length)
{
    const size_t skip = blanks(start, length);
    start += skip;
    length -= skip;
    while (length && strchr(BLANK, start[length - 1]))
        length--;
    struct modprop_sweepfile *file = reader->file;
    char *name = modprop_array_text(start, length);
    struct modprop_sweepfile_section *section = modprop_array_grow(
        file->section, &file->section_room, file->sections + 1, sizeof *section);
    if (section)
        file->section = section;
    if (name && section) {
        section[file->sections++] = (struct modprop_sweepfile_section){name, reader->line};
    } else {
        free(name);
        reader->refused = true;
    }
}

/* A line that begins with '['. The section is noted here, so that one without keys is known too. */
static void see_section(struct reader *reader, const char *start, size_t length)
{
    const char *close = memchr(start, ']', length);
    if (!close) {
        modprop_mistakes_add(reader->mistakes, reader->line, "the section's name lacks its ]");
        add_section(reader, start + 1, length - 1);
        return;
    }
    add_section(reader, start + 1, (size_t)(close - start - 1));
    const size_t rest = length - (size_t)(close + 1 - start), skip = blanks(close + 1, rest);
    if (skip < rest && close[1 + skip] != ';' && close[1 + skip] != '#')
        modprop_mistakes_add(
            reader->mistakes, reader->line,
            "something stands behind the section's ]: put it on a line of its own");
}

/* Whether an indented line continues the value of the key above. */
static bool continuation(const struct reader *reader, const char *start, size_t length)
{
    const struct modprop_sweepfile *file = reader->file;
    return file->entries && file->entry[file->entries - 1].section + 1 == file->sections &&
           !memchr(start, '=', length) && !memchr(start, ':', length);
}

/* inih's source of lines, in the manner of fgets. Comments and what is told here become empty. */
static char *next_line(char *line, int size, void *context)
{
    struct reader *reader = context;
    told_if_due(reader);
    if (!*reader->next || reader->refused || modprop_mistakes_full(reader->mistakes))
        return NULL;
    reader->line++;
    const char *start = reader->next;
    size_t length = strcspn(start, "\n");
    reader->next += length + (start[length] == '\n');
    const size_t skip = blanks(start, length);
    start += skip;
    length -= skip;

    reader->continues = false;
    if (length == 0 || *start == ';' || *start == '#') {
        length = 0;
    } else if (*start == '[') {
        see_section(reader, start, length);
    } else if (length + 3 > (size_t)size) { /* blank, LF and zero byte */
        modprop_mistakes_add(reader->mistakes, reader->line,
                             "the line has %zu characters, more than %d: end it earlier and go on "
                             "with the list in the next line, indented",
                             length, size - 3);
        length = 0;
    } else {
        reader->due = true;
        reader->continues = skip && continuation(reader, start, length);
    }
    if (length + 3 > (size_t)size)
        length = 0; /* a section's line: noted already */
    snprintf(line, (size_t)size, "%s%.*s\n", reader->continues ? " " : "", (int)length, start);
    return line;
}

/* Adds to the entry's value. Its room grows by doubling: a list may have thousands of lines. */
static bool append(struct modprop_sweepfile_entry *entry, const char *text, size_t length)
{
    char *value = modprop_array_grow(entry->value, &entry->room, entry->length + length + 1, 1);
    if (!value)
        return false;
    memcpy(value + entry->length, text, length);
    entry->length += length;
    value[entry->length] = '\0';
    entry->value = value;
    return true;
}

/* Length of a value without a comment behind it: inih takes off those with ;, but not every inih
 * does so in a continuation. One with # is told, lest it becomes part of a path. */
static size_t value_length(struct reader *reader, const char *value)
{
    size_t length = 0;
    while (value[length] &&
           !(strchr(";#", value[length]) && length && strchr(BLANK, value[length - 1])))
        length++;
    if (value[length] == '#')
        modprop_mistakes_add(reader->mistakes, reader->line,
                             "a comment behind a value begins with ; not with #");
    return length;
}

static void extend_value(struct reader *reader, const char *more)
{
    struct modprop_sweepfile_entry *entry = &reader->file->entry[reader->file->entries - 1];
    if (!append(entry, " ", 1) || !append(entry, more, value_length(reader, more)))
        reader->refused = true;
}

static void add_entry(struct reader *reader, const char *name, const char *value)
{
    struct modprop_sweepfile *file = reader->file;
    struct modprop_sweepfile_entry *entry = modprop_array_grow(file->entry, &file->entry_room,
                                                               file->entries + 1, sizeof *entry);
    if (!entry) {
        reader->refused = true;
        return;
    }
    file->entry = entry;
    entry += file->entries++;
    *entry = (struct modprop_sweepfile_entry){
        .section = file->sections ? file->sections - 1 : MODPROP_SWEEPFILE_NONE,
        .line = reader->line,
        .name = modprop_array_text(name, strlen(name)),
    };
    if (!append(entry, value, value_length(reader, value)) || !entry->name)
        reader->refused = true;
}

/* inih's section is not used: it is cut to 49 characters, and ours was noted with its line. */
static int see_key(void *context, const char *section, const char *name, const char *value)
{
    (void)section;
    struct reader *reader = context;
    if (!name || !value)
        return 1; /* no key = value: the line stays due */
    reader->due = false;
    if (reader->continues)
        extend_value(reader, value);
    else if (!*name)
        modprop_mistakes_add(reader->mistakes, reader->line, "there is no key before the =");
    else
        add_entry(reader, name, value);
    return 1;
}

enum modprop_status modprop_sweepfile_parse(struct modprop_sweepfile *file, const char *text,
                                            size_t size, struct modprop_mistakes *mistakes)
{
    size_t line = 0;
    const char *wrong = modprop_textcheck(text, size, &line);
    if (wrong) {
        modprop_mistakes_add(mistakes, line, "%s", wrong);
        return MODPROP_OK;
    }
    const size_t mark = strlen(BYTE_ORDER_MARK);
    struct reader reader = {
        .next = strncmp(text, BYTE_ORDER_MARK, mark) == 0 ? text + mark : text,
        .file = file,
        .mistakes = mistakes,
    };
    const int found = ini_parse_stream(next_line, &reader, see_key, &reader);
    return reader.refused || found < 0 ? MODPROP_NO_MEMORY : MODPROP_OK;
}

void modprop_sweepfile_clear(struct modprop_sweepfile *file)
{
    for (size_t k = 0; k < file->sections; k++)
        free(file->section[k].name);
    for (size_t k = 0; k < file->entries; k++) {
        free(file->entry[k].name);
        free(file->entry[k].value);
    }
    free(file->section);
    free(file->entry);
    *file = (struct modprop_sweepfile){0};
}

enum modprop_status modprop_sweepfile_load(char **text, size_t *size, const char *path,
                                           struct modprop_mistakes *mistakes)
{
    *text = NULL;
    FILE *stream = fopen(path, "rb");
    if (!stream) {
        modprop_mistakes_add(mistakes, 0, "cannot be opened: %s", strerror(errno));
        return MODPROP_IO;
    }
    enum modprop_status status = MODPROP_NO_MEMORY;
    char *buffer = malloc(MODPROP_SWEEPFILE_BYTES + 1);
    if (!buffer)
        goto cleanup;
    status = MODPROP_IO;
    *size = fread(buffer, 1, MODPROP_SWEEPFILE_BYTES + 1, stream);
    if (ferror(stream)) {
        modprop_mistakes_add(mistakes, 0, "cannot be read: %s", strerror(errno));
        goto cleanup;
    }
    if (*size > MODPROP_SWEEPFILE_BYTES) {
        modprop_mistakes_add(mistakes, 0, "is larger than %d bytes: this is not a sweep file",
                             MODPROP_SWEEPFILE_BYTES);
        goto cleanup;
    }
    buffer[*size] = '\0';
    *text = buffer;
    buffer = NULL;
    status = MODPROP_OK;
cleanup:
    free(buffer);
    fclose(stream); /* was only read: nothing can be lost */
    return status;
}
