#!/bin/sh
# Hostile sweep files, paths and command lines: each ends with a clear error and the exit code 2, quickly, and
# creates nothing. Damaged results files: nothing crashes over them.
# Usage: PROGRAM=build/release/modprop_sweep tests/hostile.sh [BUILD_FOLDER]   (from the top folder)
program=$(realpath "${PROGRAM:?set PROGRAM to modprop_sweep}")
mutants=${1:+$(realpath "$1")/tests/test_analyze_hostile}
work=$(mktemp -d "${TMPDIR:-/tmp}/modprop-hostile.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
mkdir run folder && cd run || exit 2
failed=0 count=0

good='[sweep]
output = out.h5
seed = 1, 2
[network]
n = 8
[task]
delay_ms = 10
cue_ms = 5
[training]
batch = 4
iterations = 20
evaluate_every = 10
'

# refused WORD ARGUMENTS: the program ends with 2, says WORD, and leaves the folders as they were.
refused() {
    word=$1; shift
    count=$((count + 1))
    before=$(find .. | sort)
    timeout 20 "$program" "$@" >"$work/said" 2>&1 </dev/null
    code=$?
    rm -f ../said.old
    after=$(find .. ! -name said | sort)
    before=$(echo "$before" | grep -v '/said$')
    if [ $code -ne 2 ]; then
        echo "exit code $code: $*" | cut -c 1-200; head -c 300 "$work/said"; failed=$((failed + 1))
    elif ! grep -q -e "$word" "$work/said"; then
        echo "no \"$word\" for $*" | cut -c 1-200; head -c 300 "$work/said"; failed=$((failed + 1))
    elif [ "$before" != "$after" ]; then
        echo "something was created for $*" | cut -c 1-200; echo "$after"; failed=$((failed + 1))
    fi
}

# with LINE WORD: the good sweep file with one line more in [training], or in place of its key.
with() {
    key=${1%%=*}
    printf '%s' "$good" | grep -v "^$key" >bad.ini
    case $key in
    output* | seed* | samples* | timeout* | zip* | order*) sed -i "2i $1" bad.ini ;;
    n*) sed -i "s/^\[network\]/&\n$1/" bad.ini ;;
    *) printf '%s\n' "$1" >>bad.ini ;;
    esac
    refused "$2" bad.ini
}

printf '%s' "$good" >good.ini
"$program" --dry-run good.ini >"$work/said" 2>&1 || { echo "the good file is refused:"; cat "$work/said"; exit 1; }

# values
with 'seed = 1..1e308' 'seed'
with 'seed = 1..99999999999' 'seed'
with 'samples = 1e308' 'samples'
with 'n = -1' 'n = -1'
with 'n = nan' 'n = nan'
with 'n = 1e308' 'n = 1e+308'
with 'n = 8.5' 'n = 8.5'
with 'n = 0x10' 'n'
with 'n =' 'n'
with 'batch = 99999999999999999999' 'batch'
with 'learning_rate = nan' 'learning_rate'
with 'learning_rate = inf' 'learning_rate'
with 'learning_rate = -1e-3' 'learning_rate'
with 'learning_rate = linspace(0.1, 0.2, 1e308)' 'learning_rate'
with 'learning_rate = linspace(0.1, nan, 3)' 'learning_rate'
with 'learning_rate = logspace(0, 1, 3)' 'learning_rate'
with 'timeout_s = -1' 'timeout_s'
with 'timeout_s = nan' 'timeout_s'

# paths
long=$(printf '%5000s' '' | tr ' ' x)
with "output = $long" 'bad.ini:2'
with 'output = ../' 'folder'
with 'output = ..' 'folder'
with 'output = .' 'folder'
with 'output = ../folder' 'folder'
with 'output = bad.ini' 'sweep file itself'
with 'output = ./../run/bad.ini' 'sweep file itself'
with 'output = /dev/null' 'device'
with 'output = /proc/out.h5' '/proc'
refused 'output' good.ini -o ''
refused 'folder' good.ini -o ../folder
refused 'File name too long' good.ini -o "$long"
refused 'sweep file itself' good.ini -o good.ini
refused 'too long\|cannot be read' "$long"
refused 'folder\|directory' ../folder
refused 'No such file' nothing.ini
refused 'too long' --status "$long"
refused 'folder' --status ../folder
refused 'sweep file\|HDF5' --status good.ini
refused 'No such file' --status nothing.h5 --watch
refused 'part' good.ini --gather
refused 'No such file\|nowhere' good.ini --gather -o nowhere/x.h5
refused '3/8' good.ini --shard 3
refused 'counted from 1' good.ini --shard 0/8
refused 'only 8' good.ini --shard 9/8
refused '3/8' good.ini --shard nan/1e308
refused '3/8' good.ini --shard "$long"
refused 'known are failed' good.ini --retry="$long"
refused 'seconds' --status x.h5 --watch=nan
refused 'goes with --status' good.ini --watch
refused 'nothing.h5' good.ini --extend=nothing.h5
refused 'give one of them' good.ini --only 1 --shard 1/2

# bytes
printf '%s\0%s' "$good" 'mu = 0' >bad.ini; refused 'bad.ini:13.*zero\|bad.ini:13.*byte' bad.ini
printf '%s\377\376' "$good" >bad.ini; refused 'bad.ini:13' bad.ini
printf '\376\377%s' "$good" >bad.ini; refused 'bad.ini:1' bad.ini
printf '%s' "$good" | iconv -f utf-8 -t utf-16 >bad.ini 2>/dev/null && refused 'bad.ini' bad.ini
printf '' >bad.ini; refused '' bad.ini -o ''
head -c 300000 /dev/urandom >bad.ini; refused 'bad.ini' bad.ini
printf '\211HDF\r\n\032\n' >bad.h5; refused 'results file' bad.h5
refused 'HDF5' --status bad.h5
cp bad.h5 out.h5; refused 'HDF5' good.ini; refused 'HDF5' good.ini --extend; refused 'HDF5' good.ini --dry-run
[ "$(wc -c <out.h5)" -eq 8 ] || { echo 'a foreign file was changed'; failed=$((failed + 1)); }
rm -f out.h5

# Results files with a few wrong bytes, over some of which HDF5 crashes: an answer, or words that name the file.
seed=0 crashes=0
while [ -x "$mutants" ] && [ $seed -lt 40 ]; do
    seed=$((seed + 1)) count=$((count + 1))
    rm -f mutant.h5*; "$mutants" --mutant mutant.h5 $seed || { echo 'no mutants'; exit 2; }
    for look in --verify --status; do
        timeout 20 "$program" $look mutant.h5 >"$work/said" 2>&1 </dev/null
        code=$?
        if [ $code -gt 2 ] || { [ $code -eq 2 ] && ! grep -q 'mutant.h5' "$work/said"; }; then
            echo "exit code $code: $look of mutant $seed"; head -c 300 "$work/said"; failed=$((failed + 1))
        fi
        ! grep -q 'crashed' "$work/said" || crashes=$((crashes + 1))
    done
done
rm -f mutant.h5*

# A folder that may not be written to, where that is to be had.
if [ "$(id -u)" -ne 0 ]; then
    chmod 500 ../folder; refused 'ermission' good.ini -o ../folder/x.h5; chmod 700 ../folder
fi

# What only looks hostile is read: CRLF, a byte order mark, a last line without an end.
read_as_well() {
    "$program" --dry-run fine.ini >"$work/said" 2>&1 && return
    echo "$1 is refused"; cat "$work/said"; failed=$((failed + 1))
}
printf '%s' "$good" | sed 's/$/\r/' >fine.ini; read_as_well CRLF
printf '\357\273\277%s' "$good" >fine.ini; read_as_well 'a byte order mark'
printf '%sweight_decay = 0' "$good" >fine.ini; read_as_well 'a last line without an end'

echo "$count hostile inputs, $failed not refused as they should be"
[ "$failed" -eq 0 ]
