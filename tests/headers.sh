#!/bin/sh
# Every header compiles alone: include/modprop.h as C and as C++, those of src/ as C.
# Usage: CC=cc CXX=c++ tests/headers.sh   (from the top folder; CPPFLAGS for libraries' headers)
# shellcheck disable=SC2086 # flags are words on purpose
cc=${CC:-cc} cxx=${CXX:-c++}
warn="-Wall -Wextra -Werror -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -Iinclude -Isrc"
failed=0

# compiles COMPILER... -- HEADER
compiles()
{
    header=$1
    shift
    # Twice: its guard must hold.
    if ! printf '#include "%s"\n#include "%s"\n' "$header" "$header" | "$@" -fsyntax-only -; then
        echo "$header does not compile alone: $*" >&2
        failed=1
    fi
}

compiles modprop.h $cxx $warn -Wold-style-cast -std=c++11 -x c++
compiles modprop.h $cxx $warn -std=c++20 -x c++
compiles modprop.h $cc $warn -pedantic -std=c99 -x c
for header in include/*.h src/*/*.h; do
    [ -e "$header" ] || continue
    compiles "${header#*/}" $cc $warn ${CPPFLAGS-} -std=c11 -x c
done
exit $failed
