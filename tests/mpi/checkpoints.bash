# Tests of checkpoints, walltime and results that cannot be written; read by `run`.

# long NAME ITERATIONS [MORE...]: a sweep of three runs as `sweep` makes it, evaluated ten times a run,
# with a checkpoint every fifth of a second. 100,000 iterations take a second or more.
long() {
    local name=$1 iterations=$2; shift 2
    sweep "$name" "$iterations" 1 "checkpoint_s = 0.2" "$@"
    sed -i "s/^evaluate_every = .*/evaluate_every = $((iterations / 10))/" "$name.ini"
}

# hit N SIGNAL DELAY_MS ARGUMENTS: starts the program on N ranks and sends a signal after a while, to
# mpirun or, if it is KILL, to one of the ranks.
hit() {
    local n=$1 signal=$2 delay=$3 pid whom; shift 3
    "${launcher[@]}" -n "$n" "${use:-$program}" "$@" >out 2>&1 </dev/null &
    pid=$!
    sleep "$((delay / 1000)).$(printf %03d $((delay % 1000)))"
    whom=$pid
    [ "$signal" != KILL ] || whom=$(ranks_of "$pid" | sed -n "$((RANDOM % n + 1))p")
    [ -z "$whom" ] || kill "-$signal" "$whom" 2>/dev/null
    finish "$pid" 2>/dev/null
}

# interrupted NAME: stops the sweep as soon as there are checkpoints.
interrupted() {
    local pid k
    "${launcher[@]}" -n 2 "$program" "$1.ini" >out 2>&1 </dev/null &
    pid=$!
    for k in $(seq 200); do
        [ -n "$(ls "$1.h5.checkpoints" 2>/dev/null | grep -v part)" ] && break
        sleep 0.05
    done
    kill -USR1 "$pid"; finish "$pid"; wants_code 75
    [ -n "$(ls "$1.h5.checkpoints")" ] || fail "no checkpoint was written"
}

wants_no_checkpoints() { [ ! -e "$1.checkpoints" ] || fail "$(ls "$1.checkpoints" | wc -l) checkpoints are left"; }

# Without checkpoints no run would ever end: each takes longer than the time between two signals.
runs_go_on_after_twenty_signals_and_kills() {
    long storm 120000 "save_weights = yes"
    ranks 2 storm.ini -o calm.h5; wants_code 0; wants_no_checkpoints calm.h5
    local signals=(USR1 TERM KILL INT) k continued=0
    RANDOM=${SEED:-7}
    for k in $(seq 20); do
        hit $((RANDOM % 4 + 1)) "${signals[RANDOM % 4]}" $((RANDOM % 700 + 400)) storm.ini
        ! grep -q "[1-9][0-9]* continued" out || continued=$((continued + 1))
        [ ! -e storm.h5 ] || wants_sound storm.h5
        [ -e storm.h5 ] && [[ $(states storm.h5) == "done:3" ]] && { mv storm.h5 "early$k.h5"; wants_same calm.h5 "early$k.h5"; }
        [ -z "$why" ] || return
    done
    ranks 3 storm.ini; wants_code 0
    wants_same calm.h5 storm.h5
    wants_no_checkpoints storm.h5
    [ "$continued" -ge 5 ] || fail "only $continued of 20 starts went on from checkpoints"
    note="20 interruptions, $continued starts from checkpoints"
}

the_plan_tells_what_goes_on() {
    long plan 2000000
    interrupted plan
    local there=$(ls plan.h5.checkpoints | wc -l)
    ranks 2 plan.ini --dry-run; wants_code 0; wants_text "$there continued"
    [ "$there" = "$(ls plan.h5.checkpoints | wc -l)" ] || fail "looking changed something"
}

damaged_and_foreign_checkpoints_are_told_and_ignored() {
    long damage 100000
    ranks 2 damage.ini -o sound.h5; wants_code 0
    interrupted damage
    local file first=1
    for file in damage.h5.checkpoints/*; do
        "$python" - "$file" "$first" <<'PY'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[len(data) // 2] ^= 1
open(sys.argv[1], "wb").write(data if sys.argv[2] == "1" else b"")
PY
        first=0
    done
    touch damage.h5.checkpoints/notes
    ranks 2 damage.ini; wants_code 0
    wants_text "of no use, it starts again: .*is damaged"; wants_text "1 file of no run"
    wants_same sound.h5 damage.h5
    [ "$(ls damage.h5.checkpoints)" = notes ] || fail "left: $(ls damage.h5.checkpoints)"
}

other_kernels_do_not_go_on() {
    "$program" --version | grep -q "portable kernels" && { note="portable kernels only"; return; }
    long kernel 100000
    MODPROP_KERNEL=portable ranks 2 kernel.ini -o portable.h5; wants_code 0
    interrupted kernel
    MODPROP_KERNEL=portable ranks 2 kernel.ini; wants_code 0
    wants_text "computed by .* whose bits differ"
}

# A tenth of the walltime is the margin.
the_walltime_is_kept() {
    long wall 20000000
    local start=$SECONDS
    ranks 3 wall.ini --walltime 0:00:04; wants_code 75
    [ $((SECONDS - start)) -le 5 ] || fail "it took $((SECONDS - start)) s"
    wants_text "the walltime nears"
    [ "$(ls wall.h5.checkpoints | wc -l)" = 3 ] || fail "not every run has a checkpoint"
    wants_states wall.h5 "pending:3"
    ranks 0 wall.ini --walltime soon; wants_code 2; wants_text "give seconds"
    ranks 0 wall.ini --walltime 0; wants_code 2
    long short 1000
    ranks 2 short.ini --walltime 1-00:00:00; wants_code 0
    # An iteration of this network takes seconds, by a pessimist's estimate: nothing is begun.
    long slow 1000
    sed -i 's/^n = .*/n = 600/; s/^batch = .*/batch = 200/; s/^delay_ms = .*/delay_ms = 1000/' slow.ini
    ranks 2 slow.ini -q --walltime 2; wants_code 75; wants_states slow.h5 "pending:3"
    wants_no_checkpoints slow.h5
}

# leaves SIGNAL RANKS MOMENT CODE SWEEP: within two seconds, without what other programs of the machine take
# (leave.py): mpirun gives little more.
leaves() {
    local signal=$1 n=$2 moment=$3 wanted=$4 name=$5
    rm -rf "$name".h5*
    LAUNCHER="${launcher[*]}" "$python" "$here/leave.py" "$signal" "$n" "$moment" 2 -- \
        "$program" "$name.ini" -q -o "$name.h5" >out 2>&1 || fail "$signal, $n ranks, $moment: too slow"
    grep -q "code $wanted\$" out || fail "$signal, $n ranks, $moment: not the code $wanted"
    note="${note:+$note; }$moment: $(tail -n 1 out)"
    wants_states "$name.h5" "pending:3"; wants_sound "$name.h5"
}

# An iteration takes ten seconds and more, then a second; the network takes two to make, its checkpoint has 50 MB.
a_signal_is_followed_within_two_seconds() {
    long heavy 1000
    sed -i 's/^n = .*/n = 2000/; s/^batch = .*/batch = 32/; s/^delay_ms = .*/delay_ms = 1990/' heavy.ini
    leaves USR1 0 begin 75 heavy
    leaves TERM 0 iterate 75 heavy
    sed 's/^delay_ms = .*/delay_ms = 10/; s/^output = .*/output = large.h5/' heavy.ini >large.ini
    leaves INT 0 checkpoint 75 large
    leaves USR1 2 checkpoint 75 large
    [ "$(ls large.h5.checkpoints | wc -l)" = 2 ] || fail "not both ranks have left a checkpoint"
}

# A fake scontrol; its answers as those of SLURM 22.05.
the_allocation_says_when_to_end() {
    long alloc 20000000
    mkdir -p fake
    printf '#!/bin/sh\n[ "$*" = "--oneliner show job 4711" ] || exit 1\n' >fake/scontrol
    printf 'echo "JobId=4711 JobName=x StartTime=2020-01-01T00:00:00 EndTime=$(date -d "+4 seconds" +%%FT%%T) X=Y"\n' >>fake/scontrol
    chmod +x fake/scontrol
    PATH=$PWD/fake:$PATH SLURM_JOB_ID=4711 ranks 2 alloc.ini; wants_code 75
    wants_text "the allocation ends in"
    SLURM_JOB_ID=4711 SLURM_JOB_END_TIME=$(($(date +%s) + 4)) ranks 2 alloc.ini; wants_code 75
    wants_text "the walltime nears"
    long free 1000
    printf '#!/bin/sh\nexec sleep 100\n' >fake/scontrol
    local start=$SECONDS
    PATH=$PWD/fake:$PATH SLURM_JOB_ID=4711 ranks 2 free.ini; wants_code 0
    [ $((SECONDS - start)) -le 12 ] || fail "it waited $((SECONDS - start)) s for scontrol"
    printf '#!/bin/sh\necho EndTime=Unknown\n' >fake/scontrol
    PATH=$PWD/fake:$PATH SLURM_JOB_ID=4711 ranks 2 free.ini; wants_code 0
    SLURM_JOB_ID=4711 ranks 2 free.ini; wants_code 0
}

# The time before an interruption counts.
a_timeout_counts_all_parts() {
    long pieces 50000000 "timeout_s = 3"
    sed -i 's/^rule = .*/rule = bptt/' pieces.ini
    hit 1 USR1 2500 pieces.ini; wants_code 75
    ranks 1 pieces.ini; wants_code 1; wants_states pieces.h5 "timeout:1"
    wants_no_checkpoints pieces.h5
    "$python" -c "import h5py; f = h5py.File('pieces.h5'); assert 3 < f['wall_s'][0] < 4 and f['attempts'][0] == 1, f['wall_s'][0]" ||
        fail "wall_s is not that of both parts, or attempts are not 1"
}

without_a_place_for_checkpoints_the_sweep_goes_on() {
    long place 100000
    touch place.h5.checkpoints
    ranks 2 place.ini; wants_code 0
    wants_text "checkpoint could not be written: .*Not a directory"
    [ "$(grep -c "could not be written" out)" = 3 ] || fail "not told once a run"
    wants_states place.h5 "done:3"
}

# The file vanishes: it is made anew, and results that it lacks are kept.
results_of_a_vanished_file_are_kept() {
    long gone 100000
    ranks 2 gone.ini -o there.h5; wants_code 0
    "${launcher[@]}" -n 2 "$program" gone.ini >out 2>&1 </dev/null &
    local pid=$!
    until_running gone.h5 "$pid"
    rm gone.h5; finish "$pid"; wants_code 1
    wants_text "gone.h5: vanished while it was written; it was made anew"
    wants_text "kept in gone.h5.checkpoints"; wants_sound gone.h5
    ranks 3 gone.ini; wants_code 0; wants_text "finished run.* from the checkpoints, where they were kept"
    wants_same there.h5 gone.h5; wants_no_checkpoints gone.h5
}

faulty_results_that_cannot_be_written_are_kept() {
    sweep keep 200 4 "save_weights = yes"
    ranks 2 keep.ini -o good.h5; wants_code 0
    use=$faulty
    local k
    for k in 1 4 12; do
        rm -rf keep.h5*
        MODPROP_FAULT=store:$k ranks 3 keep.ini; wants_code 1; wants_text "no space left"
        wants_text "kept in keep.h5.checkpoints"
        ranks 3 keep.ini; wants_code 0; wants_text "from the checkpoints, where they were kept"
        wants_same good.h5 keep.h5; wants_no_checkpoints keep.h5
    done
}

tests+=(runs_go_on_after_twenty_signals_and_kills the_plan_tells_what_goes_on
    damaged_and_foreign_checkpoints_are_told_and_ignored other_kernels_do_not_go_on the_walltime_is_kept
    a_signal_is_followed_within_two_seconds the_allocation_says_when_to_end a_timeout_counts_all_parts
    without_a_place_for_checkpoints_the_sweep_goes_on results_of_a_vanished_file_are_kept
    faulty_results_that_cannot_be_written_are_kept)
