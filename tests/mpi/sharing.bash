# Tests of results that move between files: --extend, --shard, --gather; of --retry, --status and the guard
# against too little memory. Read by `run`.

# attempts FILE: how often each run was begun.
attempts() {
    "$python" -c 'import h5py, sys; print(*h5py.File(sys.argv[1], "r")["attempts"][()])' "$1"
}

an_extended_sweep_keeps_what_it_has() {
    sweep narrow 40 2 "save_weights = yes"
    ranks 2 narrow.ini -o wide.h5; wants_code 0
    sed 's/seed = .*/seed = 3, 1, 2/; s/^rule = .*/rule = bptt, mdgl, eprop, modprop/' narrow.ini >wide.ini
    ranks 2 wide.ini -o wide.h5; wants_code 2; wants_text "take over its runs with --extend"
    ranks 0 wide.ini -o wide.h5 --extend --dry-run; wants_code 0; wants_text "6 fresh, 6 reused"
    wants_states wide.h5 "done:6"
    ranks 2 wide.ini -o wide.h5 --extend; wants_code 0
    wants_text "6 of its 6 finished runs are in this sweep"; wants_text "6 fresh, 6 reused"
    ranks 2 wide.ini -o whole.h5 -q; wants_code 0
    wants_same wide.h5 whole.h5
    ranks 2 wide.ini -o wide.h5 --extend; wants_code 0; wants_text "0 fresh, 12 reused" # as often as one likes
    h5dump -a history wide.h5 >out; wants_text "made by"
    wants_text "extended by .*6 runs reused from the file before, 6 fresh"
    ranks 2 narrow.ini -o wide.h5 --extend; wants_code 2; wants_text "6 of its 12 finished runs .* would be lost"
    wants_states wide.h5 "done:12"
    ranks 2 narrow.ini -o again.h5 --extend=wide.h5; wants_code 0; wants_text "0 fresh, 6 reused"
    ranks 0 narrow.ini -o clean.h5 -q; wants_same again.h5 clean.h5
}

# Whenever it is killed, the file is there with all that was done, and the same command goes on.
an_extended_sweep_survives_kills() {
    sweep kext 3000 6
    ranks 2 kext.ini -q; wants_code 0
    sed 's/1\.\.6/1..9/' kext.ini >kwide.ini
    local k pid left
    for k in $(seq 12); do
        cp kext.h5 kwide.h5
        "$program" kwide.ini -o kwide.h5 --extend -q >out 2>&1 </dev/null &
        pid=$!
        sleep "0.0$((RANDOM % 9 + 1))"
        kill -9 "$pid" 2>/dev/null; wait "$pid" 2>/dev/null
        ranks 0 --verify kwide.h5; wants_code 0
        left=$(states kwide.h5 | sed -n 's/.*done:\([0-9]*\).*/\1/p')
        [ "${left:-0}" -ge 18 ] || fail "only $left of 18 results are left"
    done
    ranks 2 kwide.ini -o kwide.h5 --extend; wants_code 0; wants_states kwide.h5 "done:27"
}

parts_join_to_the_whole_sweep() {
    sweep parts 40 4 "save_weights = yes"
    local k
    ranks 0 parts.ini --gather; wants_code 2; wants_text "train the parts with --shard"
    for k in 3 1; do
        ranks "$k" parts.ini --shard "$k/3"; wants_code 0; wants_text "part $k of 3"; wants_text "4 fresh"
    done
    ranks 0 parts.ini --gather; wants_code 75; wants_text "part 2 of 3 is not there"; wants_text "4 missing"
    wants_states parts.h5 "done:8 pending:4"
    ranks 0 parts.ini --shard 2/3 --dry-run; wants_code 0; wants_text "12\|4 fresh"
    ranks 0 parts.ini --shard 2/3 -q; wants_code 0
    rm parts.shard-1-of-3.h5 # what was gathered stays
    ranks 0 parts.ini --gather; wants_code 0; wants_text "12 done"
    ranks 2 parts.ini -o one.h5 -q; wants_code 0; wants_same parts.h5 one.h5
    ranks 2 parts.ini; wants_code 0; wants_text "0 fresh, 12 reused"
    ranks 2 parts.ini --shard 20/20; wants_code 0
    ranks 2 parts.ini --shard 3/40; wants_code 0; wants_text "has no runs"
    [ ! -e parts.shard-3-of-40.h5 ] || fail "a file for no runs"
}

# A part says how it is gone on with; the command does it.
a_part_that_is_interrupted_goes_on() {
    sweep half 100000 2
    sed -i 's/^evaluate_every = .*/evaluate_every = 50000/' half.ini
    "${launcher[@]}" -n 2 "$program" half.ini --shard 2/2 >out 2>&1 </dev/null &
    local pid=$!
    until_running half.shard-2-of-2.h5 "$pid"
    kill -USR1 "$pid"; finish "$pid"; wants_code 75
    ranks 0 --status half.shard-2-of-2.h5; wants_code 0
    wants_text "modprop_sweep half.ini -o half.h5 --shard 2/2"
    ranks 2 half.ini -o half.h5 --shard 2/2; wants_code 0; wants_states half.shard-2-of-2.h5 "done:3"
    ranks 0 half.ini --gather; wants_code 75; wants_states half.h5 "done:3 pending:3"
}

faulty_retried_runs_are_counted() {
    sweep again 30 4
    use=$faulty
    MODPROP_FAULT=engine:3 ranks 2 again.ini; wants_code 1
    [ "$(attempts again.h5)" = "1 1 1 1 1 1 1 1 1 1 1 1" ] || fail "attempts: $(attempts again.h5)"
    MODPROP_FAULT=engine:3 ranks 2 again.ini --retry; wants_code 1; wants_text "3 retried: --retry"
    ranks 0 --status again.h5; wants_text "3 failed: "; wants_text "seed=3: 3 of the 3 finished runs"
    wants_text "runs 6..8; tried up to 2 times"
    MODPROP_FAULT=engine:3 ranks 2 again.ini --retry=timeout,diverged; wants_code 1; wants_text "0 retried, 3 failed before"
    ranks 2 again.ini --retry failed; wants_code 0; wants_text "3 retried"
    [ "$(attempts again.h5)" = "1 1 1 1 1 1 3 3 3 1 1 1" ] || fail "attempts: $(attempts again.h5)"
}

diverged_runs_are_retried_when_asked() {
    sweep wild 30 1 -- "learning_rate = 1e-3, 1e3" "clip_norm = 0"
    ranks 2 wild.ini
    local wild
    wild=$(states wild.h5 | sed -n 's/.*diverged:\([0-9]*\).*/\1/p')
    [ "${wild:-0}" -gt 0 ] || fail "nothing diverged: $(states wild.h5)"
    ranks 2 wild.ini --retry; wants_text "0 fresh, 6 reused, 0 retried"
    ranks 2 wild.ini --retry diverged; wants_text "$wild retried"
}

status_tells_how_far_runs_are() {
    sweep far 200000 1
    sed -i 's/^evaluate_every = .*/evaluate_every = 100000/' far.ini
    "${launcher[@]}" -n 2 "$program" far.ini >log 2>&1 </dev/null &
    local pid=$! k
    for k in $(seq 100); do
        ranks 0 --status far.h5; grep -q " of 200000 " out && break
        sleep 0.1
    done
    wants_text " of 200000 .* ago"; wants_text "writer   process"
    ranks 0 --status far.h5 --watch=0.2; wants_code 0 # until the sweep ends
    wants_text "writer   nobody: the sweep is complete"
    [ "$(grep -c '^results ' out)" -gt 2 ] || fail "watched only $(grep -c '^results ' out) times"
    finish "$pid"; wants_code 0
    ranks 0 --status far.h5 --watch; wants_code 0; [ "$(grep -c '^results ' out)" = 1 ] || fail "watched the dead"
}

what_does_not_fit_is_refused() {
    sweep fits 30 2
    export SLURM_MEM_PER_NODE=1 # less than the processes themselves have
    ranks 2 fits.ini; wants_code 2; wants_text "not even one of the largest fits.*--force"
    [ ! -e fits.h5 ] || fail "a results file was made all the same"
    ranks 0 fits.ini --dry-run; wants_code 2; wants_text "left of what SLURM grants"; wants_text "what SLURM grants"
    ranks 2 fits.ini --force; wants_code 0; wants_states fits.h5 "done:6"
    SLURM_MEM_PER_NODE=100000 ranks 2 fits.ini -o plenty.h5; wants_code 0; wants_text "2 runs at a time"
    unset SLURM_MEM_PER_NODE
}

# Lines of log/starts: one for each start, whatever became of it.
every_start_is_in_the_log() {
    sweep started 30 1
    ranks 1 started.ini --only 0 -q; ranks 2 started.ini -q; ranks 0 started.ini -q; wants_code 0
    "$python" - started.h5 >out 2>&1 <<'PY' || fail "log: $(tail -1 out)"
import h5py, sys
with h5py.File(sys.argv[1], "r") as file:
    lines = [bytes(line).rstrip(b"\0").decode() for line in file["log/starts"][()]]
lines = [line for line in lines if line]
assert len(lines) == 3, lines
assert "3 fresh" not in lines[0] and "1 fresh" in lines[0] and "1 ranks" in lines[0], lines
assert "2 fresh" in lines[1] and "1 reused" in lines[1] and "2 ranks" in lines[1], lines
assert "0 fresh" in lines[2] and "3 reused" in lines[2] and "started.ini" in lines[2], lines
PY
}

tests+=(an_extended_sweep_keeps_what_it_has an_extended_sweep_survives_kills parts_join_to_the_whole_sweep
    a_part_that_is_interrupted_goes_on faulty_retried_runs_are_counted diverged_runs_are_retried_when_asked
    status_tells_how_far_runs_are what_does_not_fit_is_refused every_start_is_in_the_log)
