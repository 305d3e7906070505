#include "store/history.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "engine/memory.h"
#include "store/raw.h"

enum { MOST_BYTES = 32 << 10 }; /* of the attribute: HDF5 keeps up to 64 kB in the simplest way */

void modprop_history_date(char *text, size_t size)
{
    const time_t seconds = time(NULL);
    struct tm utc;
    text[0] = '\0';
    if (gmtime_r(&seconds, &utc))
        (void)strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

/* ------------------------------------------------------------------ the attribute */

char *modprop_history_add(const char *old, const char *line)
{
    static const char omission[] = "[...]\n";
    if (!old)
        old = "";
    const size_t length = strlen(old), more = strlen(line);
    char *text = modprop_memory_get(length + more + sizeof omission + 2, 1);
    if (!text)
        return NULL;
    if (length + more <= MOST_BYTES) {
        sprintf(text, "%s%s%s", old, length ? "\n" : "", line);
        return text;
    }
    const size_t first = strcspn(old, "\n") + 1; /* how the file came into being */
    const size_t half = length / 2 > first ? length / 2 : first;
    const char *rest = half < length ? strchr(old + half, '\n') : NULL;
    sprintf(text, "%.*s%s%s\n%s", (int)(first < length ? first : length), old, omission,
            rest ? rest + 1 : "", line);
    return text;
}

/* ------------------------------------------------------------------ the log */

uint64_t modprop_history_find(hid_t file)
{
    hsize_t extent[H5S_MAX_RANK] = {0}, bytes = 0;
    const hid_t group = H5Lexists(file, "log", H5P_DEFAULT) > 0 ? H5Gopen2(file, "log", H5P_DEFAULT)
                                                                : -1;
    const hid_t log = group < 0 ? -1 : modprop_h5_dataset(group, "starts");
    const hid_t space = log < 0 ? -1 : H5Dget_space(log);
    const int rank = space < 0 ? -1 : H5Sget_simple_extent_dims(space, extent, NULL);
    const haddr_t place = rank == 2 ? H5Dget_offset(log) : HADDR_UNDEF;
    const hsize_t all = (hsize_t)MODPROP_HISTORY_LINES * MODPROP_HISTORY_WIDTH;
    const bool found = place != HADDR_UNDEF && extent[0] == MODPROP_HISTORY_LINES &&
                       extent[1] == MODPROP_HISTORY_WIDTH && H5Dget_storage_size(log) == all &&
                       H5Fget_filesize(file, &bytes) >= 0 && all <= bytes && place <= bytes - all;
    modprop_h5_drop(space);
    modprop_h5_drop(log);
    modprop_h5_drop(group);
    return found ? place : 0;
}

enum modprop_status modprop_history_append(int fd, uint64_t place, const char *line,
                                           const char *path, struct modprop_error *err)
{
    char lines[MODPROP_HISTORY_LINES][MODPROP_HISTORY_WIDTH];
    const size_t width = sizeof *lines;
    size_t used = 0, length = strlen(line);
    enum modprop_status status = modprop_raw_read(fd, lines, sizeof lines, place, path, err);
    if (status != MODPROP_OK)
        return status;
    while (used < MODPROP_HISTORY_LINES && lines[used][0])
        used++;
    if (used == MODPROP_HISTORY_LINES)
        memmove(lines[1], lines[2], (--used - 1) * width);
    if (length > width) /* never half of a UTF-8 character, whose later bytes are all 10xxxxxx */
        for (length = width; length > 0 && ((unsigned char)line[length] & 0xC0) == 0x80;)
            length--;
    memset(lines[used], 0, width);
    memcpy(lines[used], line, length);
    return modprop_raw_write(fd, lines, sizeof lines, place, path, err);
}

enum modprop_status modprop_history_copy(int from, uint64_t from_place, const char *from_path,
                                         int to, uint64_t to_place, const char *to_path,
                                         struct modprop_error *err)
{
    const size_t all = (size_t)MODPROP_HISTORY_LINES * MODPROP_HISTORY_WIDTH;
    char *bytes = modprop_memory_get(all, 1);
    if (!bytes)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "%s: no memory for its log", from_path);
    enum modprop_status status = modprop_raw_read(from, bytes, all, from_place, from_path, err);
    if (status == MODPROP_OK)
        status = modprop_raw_write(to, bytes, all, to_place, to_path, err);
    modprop_memory_free(bytes);
    return status;
}
