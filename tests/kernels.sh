#!/bin/sh
# The self-checks and the reference gradients hold with each kernel that this processor can run.
# Usage: tests/kernels.sh DIR   (DIR/modprop_sweep, from the top folder)
program=${1:?usage: tests/kernels.sh DIR_OF_PROGRAM}/modprop_sweep
failed=0

# check FILE...: the checks on these files, or those of the program itself
check() {
    if result=$("$program" --check "$@" 2>&1); then
        echo "$MODPROP_KERNEL: $(echo "$result" | tail -n 1)"
    else
        echo "$MODPROP_KERNEL: failed" >&2
        echo "$result" >&2
        failed=1
    fi
}

for MODPROP_KERNEL in avx512 avx2 portable; do
    export MODPROP_KERNEL
    if "$program" --version | grep -q "kernel *$MODPROP_KERNEL\$"; then
        check
        check tests/data/golden/*.h5
    else
        echo "$MODPROP_KERNEL: this processor cannot run it"
    fi
done
exit $failed
