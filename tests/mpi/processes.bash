# What a rank is to the system: its threads, its memory; read by `run`.

# threads_of PID...: the number of each.
threads_of() { local pid; for pid in "$@"; do ls "/proc/$pid/task" | wc -l; done | sort -u | tr '\n' ' '; }

# A program that does nothing but start MPI has as many threads: none is ours or OpenBLAS's, whatever the
# environment says.
no_thread_but_those_of_mpi() {
    printf '#include <mpi.h>\n#include <unistd.h>\nint main(int c, char **v) { MPI_Init(&c, &v); %s' \
        'sleep(4); return MPI_Finalize(); }' >bare.c
    ${MPICC:-mpicc} -o bare bare.c 2>out || { skip "no mpicc"; return; }
    "${launcher[@]}" -n 2 ./bare >out 2>&1 </dev/null &
    local pid=$! bare ours
    sleep 2; bare=$(threads_of $(ranks_of "$pid")); finish "$pid"
    long threads 10000000
    env -u OPENBLAS_NUM_THREADS "${launcher[@]}" -n 2 "$program" threads.ini -q >out 2>&1 </dev/null &
    pid=$!
    until_running threads.h5 "$pid"; sleep 0.3
    ours=$(threads_of $(ranks_of "$pid"))
    kill -USR1 "$pid"; finish "$pid"
    [ -n "$bare" ] && [ "$ours" = "$bare" ] || fail "ranks have $ours threads, MPI alone has $bare"
    note="$ours threads a rank, all of Open MPI"
}

# Resident memory of 8 ranks, every second, through 10,000 short runs (soak.py, which derives the bound).
memory_does_not_grow_with_the_runs() {
    local seeds=${SOAK:-3334}
    local runs=$((seeds * 3))
    sweep soak 1000 "$seeds" "checkpoint_s = 0.2" "save_weights = yes"
    "$python" "$here/soak.py" "$runs" -- "${launcher[@]}" -n 8 "$program" soak.ini >out 2>&1 || fail "memory grows"
    note=$(tail -n 1 out)
    wants_states soak.h5 "done:$runs"
    report "soak: short runs at 8 ranks" "$runs" "$([ -z "$why" ] && echo "$runs" || echo 0)" "${note#* s: }"
}

tests+=(no_thread_but_those_of_mpi)
[ -z "$LONG" ] || tests+=(memory_does_not_grow_with_the_runs)
