#include "store/column.h"

#include <math.h>
#include <string.h>

#include "engine/memory.h"

/* A text's number, or a name's index in its choices; a name this program does not know is one value
 * more. */
static double number_of(size_t index, const char *name)
{
    const struct modprop_parameter *parameter = modprop_parameter_at(index);
    double number = NAN;
    size_t k = 0;
    if (name[0] == '\0')
        return NAN;
    if (parameter->kind == MODPROP_TEXT_VALUE) {
        modprop_parameter_parse(index, name, &number, NULL);
        return number;
    }
    while (parameter->choice(k) && strcmp(parameter->choice(k), name) != 0)
        k++;
    return (double)k;
}

/* [runs][width] characters of a column of names or texts, as numbers. */
static bool read_names(double *value, hid_t column, size_t index, size_t runs, size_t width)
{
    char *text = modprop_memory_get(runs, width);
    char *name = modprop_memory_get(width + 1, 1);
    const bool read = text && name &&
                      H5Dread(column, H5T_C_S1, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) >= 0;
    for (size_t run = 0; read && run < runs; run++) {
        memcpy(name, text + run * width, width);
        value[run] = number_of(index, name);
    }
    modprop_memory_free(name);
    modprop_memory_free(text);
    return read;
}

static bool read_numbers(double *value, hid_t column, const struct modprop_parameter *parameter,
                         size_t runs)
{
    if (H5Dread(column, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) < 0)
        return false;
    for (size_t run = 0; parameter->kind == MODPROP_INTEGER_VALUE && run < runs; run++)
        if (value[run] == -1) /* the fill value of whole numbers */
            value[run] = NAN;
    return true;
}

bool modprop_column_read(double *value, hid_t file, size_t runs, size_t parameter)
{
    const struct modprop_parameter *about = modprop_parameter_at(parameter);
    hsize_t extent[H5S_MAX_RANK] = {0, 1};
    const hid_t column = modprop_h5_dataset(file, about->name);
    const hid_t space = column < 0 ? -1 : H5Dget_space(column);
    const int rank = space < 0 ? -1 : H5Sget_simple_extent_dims(space, extent, NULL);
    const bool texts = about->kind == MODPROP_NAME_VALUE || about->kind == MODPROP_TEXT_VALUE;
    bool read = rank == (texts ? 2 : 1) && extent[0] == runs && extent[1] <= 1000;
    if (read)
        read = texts ? read_names(value, column, parameter, runs, (size_t)extent[1])
                     : read_numbers(value, column, about, runs);
    modprop_h5_drop(space);
    modprop_h5_drop(column);
    return read;
}
