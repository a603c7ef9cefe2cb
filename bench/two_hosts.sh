#!/usr/bin/env bash
# Runs a program by mpirun as two processes on two hosts: network namespaces of this machine that share its files and are
# joined by one link of RATE each way (tc tbf). Needs root. Usage: two_hosts.sh RATE PROGRAM [ARGUMENT...], e.g. 1gbit
set -euo pipefail
rate=$1
shift
work=$(mktemp -d) name=submask-$$
trap 'for host in a b; do ip netns del "$name-$host" 2>/dev/null || true; done; rm -rf "$work"' EXIT

for host in a b; do ip netns add "$name-$host"; done
ip link add link0 netns "$name-a" type veth peer name link0 netns "$name-b"
for host in a b; do
  ip -n "$name-$host" link set lo up
  ip -n "$name-$host" address add "10.213.0.$([ $host = a ] && echo 1 || echo 2)/24" dev link0
  ip -n "$name-$host" link set link0 up
  # Segments of the size that a network card sends; a token bucket counts a whole one of 64 KiB as it arrives.
  tc -n "$name-$host" qdisc add dev link0 root tbf rate "$rate" burst 256kb latency 50ms
done

# mpirun starts its daemon on the other host by this in place of ssh: AGENT HOST COMMAND...
cat >"$work/agent" <<EOF
#!/usr/bin/env bash
shift
exec ip netns exec "$name-b" unshare --uts bash -c 'hostname other; exec bash -c "\$1"' - "\$*"
EOF
chmod +x "$work/agent"

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
# Shared memory would go past the link.
ip netns exec "$name-a" mpirun -n 2 -H 10.213.0.1:1,10.213.0.2:1 --map-by node --bind-to none \
  --mca plm_rsh_agent "$work/agent" --mca btl tcp,self --mca btl_tcp_if_include link0 --mca oob_tcp_if_include link0 \
  "$@"
