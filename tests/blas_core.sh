#!/bin/sh
# OpenBLAS gets the code for AVX-512 where the processor has it and its own choice missed it.
# Usage: tests/blas_core.sh DIR   (DIR/modprop_sweep)
program=${1:?usage: tests/blas_core.sh DIR_OF_PROGRAM}/modprop_sweep
failed=0

# core VARIABLE=VALUE...: the core's code that the program runs on with these in the environment
core() {
    env -u OPENBLAS_CORETYPE -u MODPROP_BLAS_CORE "$@" "$program" --version |
        sed -n 's/.*OpenBLAS.*core \([A-Za-z0-9]*\).*/\1/p' | tr '[:upper:]' '[:lower:]'
}

# same WHAT GOT WANTED
same() {
    [ "$2" = "$3" ] || { echo "$1: $2 instead of $3" >&2; failed=1; }
}

case $(core MODPROP_BLAS_CORE=off OPENBLAS_CORETYPE=Haswell) in
haswell) ;;
*) echo "the library has no code for Haswell here: not tested"; exit 0 ;;
esac
same "what the user names stays" "$(core OPENBLAS_CORETYPE=Haswell)" haswell
for flag in avx512f avx512cd avx512bw avx512dq avx512vl; do
    grep -qw "$flag" /proc/cpuinfo || wide=no
done
if [ "${wide:-yes}" = yes ]; then
    same "a choice that missed AVX-512" \
        "$(core OPENBLAS_CORETYPE=Haswell MODPROP_BLAS_CORE=best)" skylakex
else
    same "a processor without AVX-512" \
        "$(core OPENBLAS_CORETYPE=Haswell MODPROP_BLAS_CORE=best)" haswell
fi
detected=$(core MODPROP_BLAS_CORE=off)
case $detected in
haswell | zen | sandybridge) ;;
*) same "a choice of AVX-512 code" "$(core)" "$detected" ;;
esac
exit $failed
