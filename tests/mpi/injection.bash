# Faults that are made: the n-th call fails, a disk of 1 MB is full; read by `run`.

# Every allocation, write, sync, rename, opening and HDF5 call of two small sweeps (nth.py); a part of them
# unless LONG. SANITIZED: the programs are compiled so.
faulty_nth_calls_fail_in_order() {
    local every=${NTH:-67} kind tried wrong
    [ -z "$LONG" ] || every=${NTH:-1}
    "$python" "$here/nth.py" "$program" "$faulty" "$work/nth" --every "$every" >nth.out 2>&1 ||
        { cp nth.out out; fail "$(grep -c ': ' nth.out) faults, the first: $(head -n 3 nth.out | tr '\n' ' ')"; }
    while read -r kind tried wrong; do
        case $kind in hdf5) kind=HDF5 ;; esac
        report "n-th $kind call fails${SANITIZED:+, under AddressSanitizer}" "$tried" $((tried - wrong)) "the run it belongs to, or a start"
        note="${note:+$note, }$tried $kind"
    done < <(grep -E '^[a-z0-9]+ [0-9]+ [0-9]+$' nth.out)
}

# A file system that is full at a random moment: the results file has its whole size from the start, so what
# does not fit are the checkpoints; and one on which not even the results file fits.
a_full_disk_costs_no_result() {
    [ "$(id -u)" = 0 ] || { skip "mounting needs root"; return; }
    mkdir -p small
    mount -t tmpfs -o size=1m modprop-small small 2>out || { skip "cannot mount a tmpfs"; return; }
    at_exit+=("umount -l $PWD/small")
    long disk 100000 "save_weights = yes"
    sed -i 's/^n = .*/n = 100/; s/^iterations = .*/iterations = 2000/; s/^evaluate_every.*/evaluate_every = 200/' disk.ini
    ranks 2 disk.ini -o roomy.h5; wants_code 0
    local k times=2 free
    [ -z "$LONG" ] || times=20
    for k in $(seq "$times"); do
        rm -rf small/*
        "${launcher[@]}" -n 2 "$program" disk.ini -o small/disk.h5 >out 2>&1 </dev/null &
        local pid=$!
        until_running small/disk.h5 "$pid"
        sleep "0.$((RANDOM % 10))"
        free=$(($(df --output=avail small | tail -n 1) - RANDOM % 8))
        head -c "${free}k" /dev/zero >small/ballast 2>/dev/null
        finish "$pid"
        [ "$code" = 0 ] || [ "$code" = 1 ] || fail "exit code $code"
        wants_sound small/disk.h5
        rm small/ballast
        ranks 2 disk.ini -o small/disk.h5; wants_code 0
        wants_same roomy.h5 small/disk.h5; wants_no_checkpoints small/disk.h5
        [ -z "$why" ] || break
    done
    report "1 MB disk full in the middle" "$k" "$([ -z "$why" ] && echo "$k" || echo $((k - 1)))" "nothing that was finished"
    rm -rf small/*
    head -c 1000k /dev/zero >small/ballast
    ranks 2 disk.ini -o small/disk.h5; wants_code 2; wants_text "small/disk.h5: .*\(free\|space\)"
    [ "$(ls small)" = ballast ] || fail "left: $(ls small)"
    rm -f small/ballast
    ranks 2 disk.ini -o small/disk.h5 -q; wants_code 0; wants_same roomy.h5 small/disk.h5
    umount small
}

# A file system that has become read-only between two starts.
a_read_only_disk_is_told_and_then_gone_on_with() {
    [ "$(id -u)" = 0 ] || { skip "mounting needs root"; return; }
    mkdir -p fixed
    mount -t tmpfs -o size=4m modprop-fixed fixed 2>out || { skip "cannot mount a tmpfs"; return; }
    at_exit+=("umount -l $PWD/fixed")
    sweep fixed 40 2 "save_weights = yes"
    ranks 2 fixed.ini -o fixed/fixed.h5 --only 0..2; wants_code 0
    mount -o remount,ro fixed 2>out || { skip "cannot remount a tmpfs"; umount fixed; return; }
    ranks 2 fixed.ini -o fixed/fixed.h5; wants_code 2; wants_text "Read-only file system"
    ranks 2 fixed.ini -o fixed/new.h5; wants_code 2; wants_text "Read-only file system"
    wants_sound fixed/fixed.h5; wants_states fixed/fixed.h5 "done:3 pending:3"
    ranks 0 fixed.ini -o fixed/fixed.h5 --dry-run; wants_code 0; wants_text "3 fresh, 3 reused"
    mount -o remount,rw fixed
    ranks 2 fixed.ini -o fixed/fixed.h5; wants_code 0
    ranks 1 fixed.ini -o whole.h5 -q; wants_same whole.h5 fixed/fixed.h5
    umount fixed
}

tests+=(faulty_nth_calls_fail_in_order a_full_disk_costs_no_result a_read_only_disk_is_told_and_then_gone_on_with)
