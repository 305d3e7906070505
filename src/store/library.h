/*
 * library.h - the libraries the results file is written with.
 */
#ifndef MODPROP_STORE_LIBRARY_H
#define MODPROP_STORE_LIBRARY_H

#include <stddef.h>

/* "HDF5 1.10.8", "zlib 1.2.13": those that are linked now. */
void modprop_library_hdf5(char *text, size_t size);
void modprop_library_zlib(char *text, size_t size);

#endif
