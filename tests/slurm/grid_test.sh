#!/usr/bin/env bash
# A grid on two nodes, one of which loses its power in the middle of it, gives what it gives on one machine.
. "$(dirname "$0")/../cli/harness.sh" "$@"
. "$golden/../cli/small_grid.sh"
. "$golden/../slurm/cluster.sh"

start_cluster
grid_of grid.toml '["fs", "fft"]' 6
expect_exit 0 "${grid_run[@]}" grid.toml --db local.sqlite --jobs 2
rows local.sqlite >local.txt
expect_equal "$(grep -cE '^[0-9a-f]{64} 1 (train|evaluate) ' local.txt)" 12

expect_exit 0 "$submask" grid submit grid.toml --db cluster.sqlite --detach --json
expect_json jobs tasks submitted queued
expect_line '"tasks":4,"submitted":12,"queued":0'
job=$(squeue -h -o %F | head -n 1)
"$submask" grid watch grid.toml --db cluster.sqlite --json >watch.out 2>watch.err &
watcher=$!

# checkpoint_on NODE: a task of that node has one.
checkpoint_on() {
  local task cell
  for task in $(squeue -h -t R -w "$1" -o %K); do
    for cell in $(sed -n '/^cells=/,/^)/p' cluster.sqlite.cells/slurm/*/job.sh | sed -n "$((task + 2))p" | grep -oE '[0-9a-f]{16}'); do
      ls cluster.sqlite.cells/"$cell"*/checkpoint/* && return
    done
  done 2>/dev/null
  return 1
}
wait_until "a checkpoint on n1" checkpoint_on n1
stop_daemon n1
wait "$watcher" || fail "expected the watcher to end well: $(cat watch.err)"
grep -q '"cells":12,"runs":12' watch.out || fail "expected 12 cells, got $(cat watch.out)"
# Slurm started tasks again, on the node that was left.
scontrol show job "$job" >jobs.txt
grep -q 'Restarts=1' jobs.txt || fail "expected a task that was started again: $(cat jobs.txt)"
rows cluster.sqlite >cluster.txt
expect_same_files local.txt cluster.txt
expect_equal "$(find cluster.sqlite.cells -name '*.lease' -o -name checkpoint | wc -l)" 0
