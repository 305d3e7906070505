#include "engine/type_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/error.h"
#include "engine/memory.h"
#include "engine/network.h"

enum { LONGEST = 63 }; /* bytes of a label */

struct entry {
    char label[LONGEST + 2]; /* one byte more, to see that it is too long */
    size_t unit;
};

/* entry [n]: the labels as they stand in the file. */
static enum modprop_status read_labels(FILE *file, const char *path, size_t n, struct entry *entry,
                                       struct modprop_error *err)
{
    struct entry next;
    size_t count = 0;
    for (; fscanf(file, "%64s", next.label) == 1; count++) {
        if (strlen(next.label) > LONGEST || !next.label[0])
            return MODPROP_FAIL(err, MODPROP_INVALID,
                                "type_file = %s: label %zu is longer than %d bytes, or not text",
                                path, count + 1, LONGEST);
        if (count < n) {
            next.unit = count;
            entry[count] = next;
        }
    }
    if (ferror(file))
        return MODPROP_FAIL(err, MODPROP_IO, "type_file = %s could not be read: %s", path,
                            strerror(errno));
    if (count != n)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "type_file = %s has %zu labels, but n = %zu units want one each, the "
                            "inhibitory ones first",
                            path, count, n);
    return MODPROP_OK;
}

static int compare(const void *a, const void *b)
{
    const struct entry *const one = a, *const other = b;
    const int order = strcmp(one->label, other->label);
    return order ? order : (one->unit > other->unit) - (one->unit < other->unit);
}

/* Of the sorted entries: those of a label are next to each other, the first unit with it in front.
 * same [n]: that first unit, for each unit. */
static enum modprop_status group(const struct entry *entry, size_t n, size_t n_inh,
                                 const char *path, size_t *same, struct modprop_error *err)
{
    for (size_t k = 0, first = 0; k < n; k++) {
        if (strcmp(entry[k].label, entry[first].label) != 0)
            first = k;
        same[entry[k].unit] = entry[first].unit;
        if (entry[first].unit < n_inh && entry[k].unit >= n_inh)
            return MODPROP_FAIL(err, MODPROP_INVALID,
                                "type_file = %s: type %s has unit %zu, which is inhibitory, and "
                                "unit %zu, which is excitatory (counted from 0, %zu inhibitory "
                                "ones first); a type has units of one sign",
                                path, entry[k].label, entry[first].unit, entry[k].unit, n_inh);
    }
    return MODPROP_OK;
}

/* same [n], the first unit of each one's label, becomes the label's number. */
static size_t enumerate(size_t n, size_t *same)
{
    size_t C = 0;
    for (size_t i = 0; i < n; i++)
        same[i] = same[i] == i ? C++ : same[same[i]];
    return C;
}

enum modprop_status modprop_type_file_read(const struct modprop_config *config, size_t *label,
                                           size_t *C, struct modprop_error *err)
{
    const char *const path = config->type_file;
    const size_t n = (size_t)config->n, n_inh = modprop_network_inhibitory(config);
    struct modprop_memory_plan plan = {0};
    struct entry *entry = modprop_memory_take(&plan, n, sizeof *entry);
    size_t *same = label ? label : modprop_memory_take(&plan, n, sizeof *same);
    FILE *file = fopen(path, "r");
    enum modprop_status status = MODPROP_OK;
    if (plan.refused)
        status = modprop_memory_error("the cell types", plan.bytes, err);
    else if (!file)
        status = MODPROP_FAIL(err, MODPROP_IO, "type_file = %s could not be opened: %s", path,
                              strerror(errno));
    if (status == MODPROP_OK)
        status = read_labels(file, path, n, entry, err);
    if (status == MODPROP_OK) {
        qsort(entry, n, sizeof *entry, compare);
        status = group(entry, n, n_inh, path, same, err);
    }
    if (status == MODPROP_OK)
        *C = enumerate(n, same);
    if (file)
        fclose(file);
    if (!label)
        modprop_memory_free(same);
    modprop_memory_free(entry);
    return status;
}
