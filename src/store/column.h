/*
 * column.h - the values of a parameter in a results file, as numbers.
 */
#ifndef MODPROP_STORE_COLUMN_H
#define MODPROP_STORE_COLUMN_H

#include "store/h5.h"

/* Reads value [runs]: NaN where a run does not read the parameter; a name is its index, one that
 * this program does not know is the number of those it knows. false: the file has no such column,
 * or there is no memory. */
bool modprop_column_read(double *value, hid_t file, size_t runs, size_t parameter);

#endif
