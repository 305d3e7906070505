# Real SLURM, started on this machine (tests/slurm/cluster), with the scripts that users submit; read by
# `run`.

scripts=$(cd "$here/../../slurm" && pwd)
cluster=$here/../slurm/cluster
slurm_up=

cluster_down() {
    [ -z "$slurm_up" ] || PYTHON=$python "$cluster" stop "$work/slurm"
    slurm_up=
}

# Fails where SLURM cannot be started.
needs_cluster() {
    local cannot
    cannot=$("$cluster" missing)
    [ -z "$cannot" ] || { skip "SLURM $cannot"; return 1; }
    [ -z "$slurm_up" ] || return 0
    slurm_up=1
    at_exit+=(cluster_down)
    PYTHON=$python "$cluster" start "$work/slurm" >out 2>&1 || { fail "SLURM did not start"; return 1; }
    export SLURM_CONF=$work/slurm/slurm.conf
}

# submit LOG ARGUMENTS of sbatch: the job's number.
submit() {
    local log=$1; shift
    MODPROP_SWEEP=$program sbatch --parsable --mem-per-cpu=100M --output="$log" "$@"
}
job_field() { scontrol --oneliner show job "$1" 2>/dev/null | grep -o "$2=[^ ]*" | head -n 1 | cut -d= -f2; }

# until_job NUMBER SECONDS STATE...: waits for one of the states (a pattern).
until_job() {
    local k
    for k in $(seq $(($2 * 5))); do
        [[ $(job_field "$1" JobState) =~ $3 ]] && return
        sleep 0.2
    done
    return 1
}

# until_checkpoint NUMBER OUTPUT: the job trains, and has written a checkpoint in this slot.
until_checkpoint() {
    local k
    touch "$2.mark"
    for k in $(seq 300); do
        [ -n "$(find "$2.checkpoints" -newer "$2.mark" ! -name '*.part' -type f 2>/dev/null)" ] && return
        sleep 0.1
    done
    return 1
}

# Strikes twice: with the signal that SLURM sends ahead of the limit, and with the one it sends at preemption; the
# limit itself comes in LONG, because SLURM measures it in minutes.
strike_twice() {
    local job=$1 output=$2 signal
    for signal in USR1 TERM; do
        until_job "$job" 60 RUNNING || { fail "job $job does not start"; return; }
        until_checkpoint "$job" "$output" || { fail "job $job: no checkpoint"; return; }
        scancel --batch --signal="$signal" "$job"
        until_job "$job" 30 'PENDING|COMPLETED' || { fail "job $job was not requeued"; return; }
    done
}

# ended JOB LOG OUTPUT SECONDS: finished by requeue, at least twice, with the bits of an uninterrupted sweep.
ended() {
    local job=$1 log=$2 output=$3
    until_job "$job" "$4" 'COMPLETED|FAILED|TIMEOUT|CANCELLED|NODE_FAIL' || fail "job $job does not end"
    [ "$(job_field "$job" JobState)" = COMPLETED ] ||
        { tail -n 5 "$log" "$work"/slurm/slurm*.log >out; fail "job $job: $(job_field "$job" JobState)"; cat out; }
    [ "$(job_field "$job" Restarts)" -ge 2 ] || fail "job $job: only $(job_field "$job" Restarts) restarts"
    cp "$log" out; wants_text "[1-9][0-9]* continued"
    wants_same calm.h5 "$output"; wants_no_checkpoints "$output"
}

a_slurm_job_finishes_by_requeue() {
    needs_cluster || return
    local iterations=180000 options=(--ntasks=4 --time=30) wait=120 two
    if [ -n "$LONG" ]; then
        # The limit of a minute strikes: mpirun's ranks leave at the signal ahead of it, those of srun, which
        # get none that means anything, by what the allocation says of its end.
        iterations=4000000 options=(--ntasks=4 --time=1) wait=900
    fi
    long slurm "$iterations" "save_weights = yes"
    sed -i 's/^seed = .*/seed = 1..3/; s/^checkpoint_s = .*/checkpoint_s = 1/' slurm.ini
    limit=600 ranks 2 slurm.ini -q -o calm.h5; wants_code 0
    local first second
    first=$(submit mpirun.log "${options[@]}" ${LONG:+--signal=B:USR1@20} "$scripts/sweep.sbatch" slurm.ini -o mpirun.h5)
    second=$(LAUNCH="srun --mpi=pmix" submit srun.log "${options[@]}" ${LONG:+--signal=B:CONT@1} \
        "$scripts/sweep.sbatch" slurm.ini -o srun.h5)
    [ -n "$first" ] && [ -n "$second" ] || { fail "sbatch refused"; return; }
    if [ -z "$LONG" ]; then
        strike_twice "$first" mpirun.h5 &
        two=$!
        strike_twice "$second" srun.h5
        wait "$two"
    fi
    ended "$first" mpirun.log mpirun.h5 "$wait"
    ended "$second" srun.log srun.h5 "$wait"
    [ -z "$LONG" ] || { cp srun.log out; wants_text "stopping, the walltime nears"; }
    note="$(job_field "$first" Restarts) requeues with mpirun, $(job_field "$second" Restarts) with srun"
    local strikes=$(($(job_field "$first" Restarts) + $(job_field "$second" Restarts))) by="its signal"
    [ -z "$LONG" ] || by="its time limit"
    report "SLURM job stopped by $by, requeued" "$strikes" "$([ -z "$why" ] && echo "$strikes" || echo "not all")" \
        "nothing: checkpoints at the signal"
}

array_jobs_join_to_the_whole_sweep() {
    needs_cluster || return
    long array 60000 "save_weights = yes"
    sed -i 's/^seed = .*/seed = 1..3/' array.ini
    ranks 2 array.ini -q -o calm.h5; wants_code 0
    local job k
    job=$(submit 'part-%a.log' --array=1-3 --ntasks=2 --time=30 "$scripts/array.sbatch" array.ini)
    [ -n "$job" ] || { fail "sbatch refused"; return; }
    for k in $(seq 600); do
        [ -n "$(squeue -h -j "$job" 2>/dev/null)" ] || break
        sleep 0.2
    done
    cat part-*.log >out
    [ "$(ls array.shard-?-of-3.h5 2>/dev/null | wc -l)" = 3 ] || { fail "not three parts"; return; }
    "$(dirname "$program")/modprop_analyze" merge merged.h5 array.shard-?-of-3.h5 >out 2>&1 || fail "merge failed"
    # By a program without MPI, which may have been compiled elsewhere.
    wants_same calm.h5 merged.h5 mpi cpu compiler commit
    ranks 0 array.ini --gather; wants_code 0
    wants_same calm.h5 array.h5
    cluster_down
}

tests+=(a_slurm_job_finishes_by_requeue array_jobs_join_to_the_whole_sweep)
