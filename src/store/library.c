#include "store/library.h"

#include <hdf5.h>
#include <stdio.h>
#include <zlib.h>

void modprop_library_hdf5(char *text, size_t size)
{
    unsigned major = 0, minor = 0, release = 0;
    if (H5get_libversion(&major, &minor, &release) < 0)
        snprintf(text, size, "HDF5 of unknown version");
    else
        snprintf(text, size, "HDF5 %u.%u.%u", major, minor, release);
}

void modprop_library_zlib(char *text, size_t size)
{
    snprintf(text, size, "zlib %s", zlibVersion());
}
