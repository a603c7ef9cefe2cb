# shellcheck shell=bash disable=SC2034,SC2154
# Sourced after harness.sh: a Slurm cluster of the test alone, of two nodes on this machine.
#
#   start_cluster        munged, slurmctld and the nodes n1 and n2, with keys, sockets, ports and files of their own
#   start_node NAME      also one that was stopped
#   stop_daemon NAME     at once; of a node, as a machine that loses its power, with everything that ran on it
#   wait_until WHAT COMMAND...   until it succeeds, for at most a minute
#
# A node is a namespace of processes. The kernel ends it, and every daemon beside it, when the test's shell ends, also
# where that was killed. Jobs of the partition `urgent` push those of `all` out of their nodes.
#
# MAX_ARRAY_SIZE, where it is set before, is Slurm's.
cluster=$scratch/cluster
export SLURM_CONF=$cluster/slurm.conf
declare -A daemons  # processes by name

# Slurm as it is installed, else as tools/setup unpacked it in SUBMASK_SLURM.
find_slurm() {
  slurm_root=""
  if ! command -v slurmctld >/dev/null && [ -e "${SUBMASK_SLURM:-}" ]; then
    slurm_root=$SUBMASK_SLURM
    export PATH=$slurm_root/usr/bin:$slurm_root/usr/sbin:$PATH
  fi
  slurm_plugins=$(echo "$slurm_root"/usr/lib/*/slurm-wlm)
  if [ -n "$slurm_root" ]; then
    export LD_LIBRARY_PATH=$slurm_plugins:${slurm_plugins%/*}${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  fi
}

free_ports() {  # COUNT
  python3 -c 'import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for each in sockets: each.bind(("127.0.0.1", 0))
print(*(each.getsockname()[1] for each in sockets))' "$1"
}

wait_until() {
  local what=$1 end=$((SECONDS + 60))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || fail "expected $what within a minute; the ends of the logs: $(tail -n 5 "$cluster"/*.log)"
    sleep 0.2
  done
}

start_daemon() {  # NAME COMMAND...: it does not outlive the test's shell
  setpriv --pdeathsig KILL "${@:2}" >>"$cluster/$1.log" 2>&1 </dev/null &
  daemons[$1]=$!
}

# What still writes into the test's folder ends before the folder goes.
stop_cluster() {
  kill -9 "${daemons[@]}" 2>/dev/null
  wait "${daemons[@]}" 2>/dev/null
  for _ in $(seq 100); do
    rm -rf "$scratch" 2>/dev/null && return
    sleep 0.1
  done
}

start_node() {
  # The shell is the first process of the namespace, and takes in what slurmd leaves.
  start_daemon "$1" unshare --pid --fork --kill-child --mount-proc bash -c \
    'slurmd -D -N "$1" ${2:+-d "$2"} & wait' node "$1" "${slurm_root:+$slurm_root/usr/sbin/slurmstepd}"
}

stop_daemon() {
  kill -9 "${daemons[$1]}"
  wait "${daemons[$1]}" 2>/dev/null
}

start_cluster() {
  local ports
  find_slurm
  for program in slurmctld slurmd munged sbatch setpriv; do
    command -v "$program" >/dev/null || skip "no $program (Debian's slurm-wlm and munge)"
  done
  [ "$(id -u)" = 0 ] || skip "not root, whom slurmd needs to start processes of users"
  unshare --pid --fork --kill-child --mount-proc true 2>/dev/null || skip "no right to make namespaces of processes"
  trap stop_cluster EXIT
  mkdir -p "$cluster"/{state,n1,n2}
  chmod 755 "$scratch" "$cluster"
  dd if=/dev/urandom of="$cluster/munge.key" bs=128 count=1 status=none
  chmod 400 "$cluster/munge.key"
  read -ra ports < <(free_ports 3)
  cat >"$SLURM_CONF" <<CONF
ClusterName=submask
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=${ports[0]}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$cluster/munge.socket,cred_expire=5
CredType=cred/munge
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
PluginDir=$slurm_plugins
StateSaveLocation=$cluster/state
SlurmdSpoolDir=$cluster/%n
SlurmctldPidFile=$cluster/slurmctld.pid
SlurmdPidFile=$cluster/%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
MaxArraySize=${MAX_ARRAY_SIZE:-1001}
GresTypes=gpu
SchedulerParameters=sched_interval=1,batch_sched_delay=0,bf_interval=1
ReturnToService=2
SlurmdParameters=config_overrides
SlurmdTimeout=4
MessageTimeout=3
TCPTimeout=1
KillWait=5
MinJobAge=300
MailProg=/bin/true
NodeName=n1 NodeAddr=127.0.0.1 Port=${ports[1]} CPUs=2 Gres=gpu:2
NodeName=n2 NodeAddr=127.0.0.1 Port=${ports[2]} CPUs=2 Gres=gpu:2
PartitionName=all Nodes=ALL Default=YES State=UP MaxTime=INFINITE PriorityTier=1
PartitionName=urgent Nodes=ALL State=UP PriorityTier=2
CONF
  echo 'Name=gpu File=/dev/null,/dev/zero' >"$cluster/gres.conf"
  start_daemon munged munged --foreground --force --socket="$cluster/munge.socket" --key-file="$cluster/munge.key" \
    --pid-file="$cluster/munged.pid" --log-file="$cluster/munged.log" --seed-file="$cluster/munge.seed"
  wait_until "munged" test -S "$cluster/munge.socket"
  start_daemon slurmctld slurmctld -D
  start_node n1
  start_node n2
  wait_until "two idle nodes" both_idle
}

both_idle() { [ "$(sinfo -h -p all -N -o %T | sort | uniq -c | tr -s ' ')" = " 2 idle" ]; }
