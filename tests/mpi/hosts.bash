# Two hosts on one machine: network namespaces with addresses of their own, and a script that mpirun takes for
# ssh; read by `run`. They share their files, as hosts with a common file system do.

# Namespaces, so that two tests on a machine do not meet.
net=modprop$$

hosts_up() {
    hosts_down
    ip netns add "${net}a" && ip netns add "${net}b" || return
    ip link add "veth$$" netns "${net}a" type veth peer name "veth$$" netns "${net}b" || return
    local side
    for side in a:1 b:2; do
        ip -n "$net${side%:*}" addr add "10.177.0.${side#*:}/24" dev "veth$$" &&
            ip -n "$net${side%:*}" link set "veth$$" up && ip -n "$net${side%:*}" link set lo up || return
    done
    printf '10.177.0.1 slots=2\n10.177.0.2 slots=2\n' >hostfile
    # Called as: agent ADDRESS COMMAND... What is in memory-a or memory-b, megabytes, is what SLURM grants there.
    cat >agent <<SH
#!/bin/sh
case \$1 in 10.177.0.1) side=a ;; *) side=b ;; esac
shift
[ ! -e $PWD/memory-\$side ] || export SLURM_MEM_PER_NODE=\$(cat $PWD/memory-\$side)
exec ip netns exec $net\$side unshare --uts sh -c "hostname host-\$side; \$*"
SH
    chmod +x agent
}
hosts_down() {
    local side pids
    for side in a b; do
        pids=$(ip netns pids "$net$side" 2>/dev/null)
        [ -z "$pids" ] || kill -9 $pids 2>/dev/null
        ip netns del "$net$side" 2>/dev/null
    done
    return 0
}

# Fails where there can be no namespaces.
needs_hosts() {
    [ "$(id -u)" = 0 ] || { skip "network namespaces need root"; return 1; }
    command -v ip >/dev/null || { skip "needs ip (iproute2)"; return 1; }
    at_exit+=(hosts_down)
    hosts_up >out 2>&1 || { skip "no network namespaces here: $(tail -n 1 out)"; return 1; }
}

# on_hosts ARGUMENTS: the program on two ranks of each host, started on the first; in the background, its
# process in `job`. Keepalives as short as can be; Open MPI's own take eight minutes to miss a host.
on_hosts() {
    env -u OMPI_MCA_odls_base_sigkill_timeout ./agent 10.177.0.1 exec "${launcher[@]}" \
        --mca plm_rsh_agent "$PWD/agent" --hostfile hostfile -n 4 --mca btl tcp,self \
        --mca btl_tcp_if_include 10.177.0.0/24 --mca oob_tcp_if_include 10.177.0.0/24 \
        --mca oob_tcp_keepalive_time 2 --mca oob_tcp_keepalive_intvl 1 --mca oob_tcp_keepalive_probes 3 \
        "$program" "$@" >out 2>&1 </dev/null &
    job=$!
}

several_hosts_give_the_same_bits() {
    needs_hosts || return
    long hosts 20000
    ranks 1 hosts.ini -o one.h5; wants_code 0
    on_hosts hosts.ini; finish "$job"; wants_code 0
    wants_text "host-a: 2 runs at a time"; wants_text "host-b: 2 runs at a time"
    wants_same one.h5 hosts.h5
    h5dump -d host hosts.h5 >out; wants_text "host-\|\"h\", \"o\", \"s\", \"t\", \"-\""
    hosts_down
}

# Three ranks on one host and one on the other: what is asked of a host is what its own ranks take, and what it is
# compared with is its own memory. A network of 1000 units takes more than the processes themselves.
what_does_not_fit_on_one_of_the_hosts_is_refused() {
    needs_hosts || return
    sweep room 4 2
    sed -i 's/^n = .*/n = 1000/; s/^evaluate_every = .*/evaluate_every = 4/' room.ini
    ranks 0 room.ini --dry-run; wants_code 0
    local run
    run=$(sed -n 's/.* a run takes at most \([0-9]*\).* MB$/\1/p' out)
    [ "${run:-0}" -gt 20 ] || { fail "a run of 1000 units takes ${run:-?} MB"; return; }
    local process=100 plenty=100000 # of a process alone, more than one needs; and of a host
    printf '10.177.0.1 slots=3\n10.177.0.2 slots=1\n' >hostfile
    echo $((3 * (run + 1 + process))) >memory-a; echo $((run + 1 + process)) >memory-b
    on_hosts room.ini; finish "$job"; wants_code 0
    wants_text "host-a: 3 runs at a time"; wants_text "host-b: 1 run at a time"; wants_states room.h5 "done:6"
    echo "$plenty" >memory-a; echo "$run" >memory-b # less than the run and its process
    on_hosts room.ini -o no.h5; finish "$job"; wants_code 2
    wants_text "host-b: 1 run at a time would take .* not even one of the largest fits"
    echo $((3 * run)) >memory-a; echo "$plenty" >memory-b
    on_hosts room.ini -o no.h5; finish "$job"; wants_code 2
    wants_text "host-a: 3 runs at a time would take .*[12] fit: start fewer ranks there"
    [ ! -e no.h5 ] || fail "a results file was made all the same"
    printf '10.177.0.1 slots=1\n10.177.0.2 slots=3\n' >hostfile # the other way round it fits
    on_hosts room.ini -o fits.h5; finish "$job"; wants_code 0; wants_states fits.h5 "done:6"
    hosts_down
}

# severed NAME COMMAND...: does it to the second host once there are checkpoints; the sweep ends by itself
# with a message, the file is sound, the same command on one host finishes it.
severed() {
    local name=$1 k; shift
    hosts_up >out 2>&1 || { fail "namespaces"; return; }
    rm -rf cut.h5*
    on_hosts cut.ini
    for k in $(seq 200); do
        [ "$(ls cut.h5.checkpoints 2>/dev/null | grep -vc part)" -lt 4 ] || break
        sleep 0.1
    done
    "$@"
    finish "$job"
    [ "$code" != 0 ] && [ "$code" != 124 ] || fail "$name: exit code $code"
    wants_text "ORTE has lost communication\|ORTE was unable"; wants_text "^stopping, a signal arrived"
    wants_sound cut.h5
    [ -z "$why" ] || return
    # Those of the other host notice as well.
    for k in $(seq 100); do
        [ -n "$(ip netns pids "${net}b" 2>/dev/null)" ] || break
        sleep 0.2
    done
    [ -z "$(ip netns pids "${net}b" 2>/dev/null)" ] || fail "$name: ranks of the lost host go on"
    ranks 2 cut.ini; wants_code 0; wants_text "[1-9] continued"
    wants_same whole.h5 cut.h5; wants_no_checkpoints cut.h5
    report "$name" 1 "$([ -z "$why" ] && echo 1 || echo 0)" "at most checkpoint_s a run"
    hosts_down
}
cut_link() { ip -n "${net}b" link set "veth$$" down; }
kill_host() { kill -9 $(ip netns pids "${net}b"); }

a_lost_host_ends_the_sweep_in_order() {
    needs_hosts || return
    long cut 150000 "save_weights = yes"
    sed -i 's/^seed = .*/seed = 1, 2/' cut.ini
    ranks 2 cut.ini -o whole.h5 -q; wants_code 0
    severed "network of one of two hosts down" cut_link
    [ -n "$why" ] || [ -z "$LONG" ] || severed "kill -9 of all on one of two hosts" kill_host
}

tests+=(several_hosts_give_the_same_bits what_does_not_fit_on_one_of_the_hosts_is_refused a_lost_host_ends_the_sweep_in_order)
