#include "cli/blas_core.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "modprop.h"

void modprop_blas_core_choose(char **argv)
{
    const char *const wish = getenv("MODPROP_BLAS_CORE");
    const bool best = wish && strcmp(wish, "best") == 0;
    if ((wish && strcmp(wish, "off") == 0) || (getenv("OPENBLAS_CORETYPE") && !best))
        return;
    const char *const core = modprop_blas_better_core();
    if (!core || setenv("OPENBLAS_CORETYPE", core, 1) != 0 ||
        setenv("MODPROP_BLAS_CORE", "off", 1) != 0) /* once is enough, whatever comes of it */
        return;
    execv("/proc/self/exe", argv); /* if that cannot be, on it goes as it is */
}
