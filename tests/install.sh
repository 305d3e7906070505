#!/bin/sh
# make install puts everything below DESTDIR, a ten-line program builds against it with pkg-config, the
# user's flags reach the compiler and the linker, and make uninstall leaves no file.
# Usage: O=build/release tests/install.sh   (from the top folder, after make)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
variant=${OBJECTS:-build/release}

${MAKE:-make} -s O="$variant" install DESTDIR="$folder/root" PREFIX=/opt/modprop >"$folder/log" 2>&1 ||
    { cat "$folder/log"; exit 1; }
root=$folder/root/opt/modprop
for file in bin/modprop_sweep bin/modprop_analyze lib/libmodprop.a include/modprop.h lib/pkgconfig/modprop.pc \
            share/man/man1/modprop_sweep.1 share/man/man1/modprop_analyze.1 share/modprop/sweeps/quick.ini share/modprop/slurm/sweep.sbatch; do
    [ -s "$root/$file" ] || { echo "not installed: $file"; exit 1; }
done
"$root/bin/modprop_sweep" --version >/dev/null
"$root/bin/modprop_analyze" --version >/dev/null

# PKG_CONFIG_SYSROOT_DIR stands for the DESTDIR that a packager would copy to /.
sed -n '/^ \*     #include/,/^ \*     }$/s/^ \*     //p' include/modprop.h >"$folder/example.c"
sed "s|^prefix=.*|prefix=$root|" "$root/lib/pkgconfig/modprop.pc" >"$folder/modprop.pc"
flags=$(PKG_CONFIG_PATH="$folder:${PKG_CONFIG_PATH-}" pkg-config --cflags --libs modprop)
# shellcheck disable=SC2086 # words on purpose
${CC:-cc} -std=c11 ${SANITIZE-} -o "$folder/example" "$folder/example.c" $flags
"$folder/example" >/dev/null

${MAKE:-make} -s O="$variant" uninstall DESTDIR="$folder/root" PREFIX=/opt/modprop >>"$folder/log" 2>&1
left=$(find "$folder/root" ! -type d)
[ -z "$left" ] || { echo "left behind: $left"; exit 1; }

# The user's variables, by markers in the commands that make would run.
commands=$(${MAKE:-make} -n V=1 O="$folder/none" CC="mycc" CPPFLAGS=-DmyCPP CFLAGS=-DmyC LDFLAGS=-LmyLD \
           LDLIBS=-lmyLIB FREE_GOALS=all MISSING= all)
for marker in "mycc .*-DmyCPP .*-DmyC .*-c " "mycc .*-DmyC .*-LmyLD .*-lmyLIB"; do
    echo "$commands" | grep -q -- "$marker" || { echo "no command has: $marker"; exit 1; }
done
