/*
 * blas_core.h - has OpenBLAS run the code for this processor where it did not find out by itself.
 */
#ifndef MODPROP_CLI_BLAS_CORE_H
#define MODPROP_CLI_BLAS_CORE_H

/* Starts the program again with OPENBLAS_CORETYPE set where that makes it faster; the library reads it
 * when it is loaded. Returns where there is nothing to gain, where the user has set OPENBLAS_CORETYPE
 * (MODPROP_BLAS_CORE=best overrides that), and with MODPROP_BLAS_CORE=off. Call it first of all. */
void modprop_blas_core_choose(char **argv);

#endif
