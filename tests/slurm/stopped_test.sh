#!/usr/bin/env bash
# Tasks that something stops: a more urgent job, a signal, a kill, a failure. The first two go on, the others are told.
. "$(dirname "$0")/../cli/harness.sh" "$@"
. "$golden/../cli/small_grid.sh"
. "$golden/../slurm/cluster.sh"

start_cluster
grid_of grid.toml '["fs", "fft"]' 10
expect_exit 0 "${grid_run[@]}" grid.toml --db local.sqlite --jobs 2
rows local.sqlite >local.txt

learning() { ls cluster.sqlite.cells/*/checkpoint/*; }
restarted() { scontrol show job | grep -q "Restarts=$1"; }
"$submask" grid submit grid.toml --db cluster.sqlite --json --jobs 2 >watch.out 2>watch.err &
watcher=$!
wait_until "a checkpoint" learning
printf '#!/bin/bash\n' >urgent.sh
sbatch --partition=urgent --nodes=2 --exclusive urgent.sh >/dev/null
wait_until "a task that was pushed out" restarted 1
# A signal for the script alone, as by --signal=B:USR1@60: the program keeps a checkpoint, and the watcher puts the task into the queue.
# A task that runs for the first time, once its program has begun. Its name is the array's with its index, because the
# number of the array alone (which its last task has too) means all of them.
fresh_task() {
  local task job
  while read -r task job; do
    [ "$(wc -l <"$(echo cluster.sqlite.cells/slurm/*/task-"$task".log)")" != 1 ] || { echo "$job" >fresh && return; }
  done < <(squeue -h -t R -p all -o '%K %F_%K')
  return 1
}
wait_until "a task that has begun" fresh_task
scancel --signal=USR1 --batch "$(cat fresh)"
wait_until "word of the signal" grep -q 'was stopped by a signal and is in the queue again' watch.err
wait "$watcher" || fail "expected the grid to end well: $(cat watch.err)"
rows cluster.sqlite >cluster.txt
expect_same_files local.txt cluster.txt

# A task that is killed, and one whose images are gone when it begins: each is told with its log, the third goes on.
idx_dataset gone 20 10
cat >failing.toml <<TOML
[all]
batch-size = 8
[model.fixture]
backbone = "resnet20"
weights = "$fixture/backbone.safetensors"
[set.here]
data = "fashion-mnist:$fixture/data"
[set.gone]
data = "fashion-mnist:$PWD/gone"
[[run]]
method = "fs"
set = "here"
epochs = 100000
[[run]]
method = "knn"
TOML
expect_exit 0 "$submask" grid submit failing.toml --db failing.sqlite --detach --json --sbatch --hold
expect_equal "$(json_key "$printed" tasks)" 3
rm -r gone
scontrol release "$(squeue -h -r -o %F | head -n 1)"
"$submask" grid watch failing.toml --db failing.sqlite >watch.out 2>watch.err &
watcher=$!
programs() {
  local process
  for process in $(pgrep -f -- '--planned failing.sqlite'); do
    [ "$(readlink "/proc/$process/cwd")" != "$PWD" ] || echo "$process"
  done
}
failing_checkpoint() { ls failing.sqlite.cells/*/checkpoint/*; }
wait_until "a checkpoint" failing_checkpoint
wait_until "one program" sh -c "grep -q 'set gone, method knn failed' watch.err"
# shellcheck disable=SC2046
kill -9 $(programs)
status=0
wait "$watcher" || status=$?
expect_equal "$status" 5
expect_in() { grep -qE -- "$1" watch.err || fail "expected a line matching $1, got: $(cat watch.err)"; }
expect_in '^model fixture, set gone, method knn failed: .*gone'
expect_in '^model fixture, set here, method fs failed: expected a result, got none: the task was killed by signal 9'
expect_in '^  failing.sqlite.cells/slurm/.*/task-[0-9].log ends with:$'
expect_in '^  [|] .*Killed '
expect_in '^submask: 2 of 3 cells failed, 0 left; '
# A cell that failed waits for --retry, and then for nobody's leave.
expect_exit 5 "$submask" grid submit failing.toml --db failing.sqlite --keep-going
expect_line '2 of 3 cells failed'
idx_dataset gone 20 10
sed -i 's/^epochs = 100000/epochs = 1/' failing.toml
expect_exit 0 "$submask" grid submit failing.toml --db failing.sqlite --retry --json
expect_line '"submitted":2,.*"cells":3'
