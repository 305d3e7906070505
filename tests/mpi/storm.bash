# Kills, signals and pauses at random moments; read by `run`. The storm itself is storm.py.

# STORM times (20; 200 in LONG): from before the file exists to the end of the sweep. Every time the file opens and
# verifies, no run in flight loses more than checkpoint_s, and in the end no bit differs.
kills_cost_at_most_a_checkpoint() {
    local times=20
    [ -z "$LONG" ] || times=200
    long storm 100000 "save_weights = yes"
    sed -i 's/^checkpoint_s = .*/checkpoint_s = 0.3/; s/^seed = .*/seed = 1..4/' storm.ini
    ranks 2 storm.ini -o calm.h5; wants_code 0
    "$python" "$here/storm.py" "$program" storm.ini calm.h5 "${STORM:-$times}" --seed "${SEED:-4}" \
        --launcher "${launcher[*]}" >out 2>&1 || fail "see above: $(grep wrong out | head -n 3)"
    grep '|' out | while IFS='|' read -r kind tried survived lost; do
        report "$kind" "$tried" "$survived" "at most $lost a rank (checkpoint_s = 0.3)"
    done
    note=$(tail -n 1 out)
    [ ! -e storm.h5 ] || { ranks 3 storm.ini; wants_code 0; wants_same calm.h5 storm.h5; wants_no_checkpoints storm.h5; }
}

tests+=(kills_cost_at_most_a_checkpoint)
