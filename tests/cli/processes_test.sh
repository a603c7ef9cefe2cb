#!/usr/bin/env bash
# Runs of several processes, started by OpenMPI's mpirun.
. "$(dirname "$0")/harness.sh" "$@"

command -v mpirun >/dev/null || skip "no mpirun (openmpi-bin)"
[ -e "$(dirname "$submask")/../lib/submask/libsubmask_mpi.so" ] || skip "built without MPI (libopenmpi-dev)"

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 PRTE_ALLOW_RUN_AS_ROOT=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_btl=self,vader OMPI_MCA_hwloc_base_binding_policy=none
export TMPDIR=$scratch  # mpirun's own files too
processes() { echo mpirun -n "$1"; }
# shellcheck disable=SC2046
expect_mpi() { local code=$1 count=$2; shift 2; expect_exit "$code" $(processes "$count") "$submask" "$@"; }

# One command, one result: the first process prints and writes, and the others do not.
learn_together=("${learn_mask[@]}" --epochs 2 --sync-batch-norm)
expect_exit 0 "$submask" "${learn_together[@]}" --out alone.task --json
alone=$(json_key "$printed" masked_fraction)
expect_mpi 0 2 "${learn_together[@]}" --out together.task --json
expect_json method accuracy masked_fraction
expect_equal "$(ls)" $'alone.task\ntogether.task'
awk -v a="$alone" -v b="$(json_key "$printed" masked_fraction)" 'BEGIN { exit !(a - b < .001 && b - a < .001) }' ||
  fail "expected a masked fraction near $alone"
expect_mpi 0 2 "${learn_together[@]}" --out again.task
expect_same_files together.task again.task
expect_exit 0 "$submask" diff alone.task together.task "${backbone[@]}" --json
awk -v same="$(json_key "$printed" agreement)" 'BEGIN { exit !(same == "" || same > .999) }' ||
  fail "expected the mask that one process learns"

# Measuring, and the other ways to learn.
expect_exit 0 "$submask" evaluate --task alone.task "${backbone[@]}" "${data[@]}" --method task,knn --threads 1 --json
expected=$(json_key "$printed" accuracy)/$(json_key "$printed" knn_accuracy)
expect_mpi 0 3 evaluate --task alone.task "${backbone[@]}" "${data[@]}" --method task,knn --threads 1 --json
expect_equal "$(json_key "$printed" accuracy)/$(json_key "$printed" knn_accuracy)" "$expected"
expect_mpi 0 2 cascade "${backbone[@]}" "${data[@]}" "${small[@]}" --epochs 1 --experts 2 --router-width 2 --nmb-prototypes 4 \
  --checkpoint cascade --out together.cascade --json
expect_mpi 0 4 cascade "${backbone[@]}" "${data[@]}" "${small[@]}" --epochs 1 --experts 2 --router-width 2 --nmb-prototypes 4 \
  --checkpoint cascade --out again.cascade --json
expect_same_files together.cascade again.cascade
expect_mpi 0 2 pretrain --backbone resnet20 "${data[@]}" "${small[@]}" --epochs 1 --out together.safetensors

# Slurm's warning: every process stops after a checkpoint, and the same command goes on to the same bytes.
long=("${learn_mask[@]}" --epochs 6 --checkpoint state --checkpoint-seconds 0)
expect_mpi 0 2 "${learn_mask[@]}" --epochs 6 --out whole.task

start_until_saved() {
  rm -f pids
  # shellcheck disable=SC2046
  $(processes 2) bash -c 'echo $$ >>pids; exec "$@"' - "$submask" "${long[@]}" --out stopped.task >"$printed" 2>"$complaints" &
  child=$!
  for _ in $(seq 3000); do
    [ -e state/checkpoint.safetensors ] && [ "$(wc -l <pids 2>/dev/null)" = 2 ] && return
    kill -0 "$child" 2>/dev/null || return
    sleep .02
  done
  fail "expected a checkpoint within a minute"
}

start_until_saved
# shellcheck disable=SC2046
kill -TERM $(cat pids) || fail "expected a run to stop"
wait "$child"
status=$?
expect_equal "$status" 75
expect_line '^submask: interrupted in epoch [1-6]; the same command goes on from the checkpoint$'
[ ! -e stopped.task ] || fail "expected no result of a stopped run"
expect_mpi 0 2 "${long[@]}" --out stopped.task
expect_same_files whole.task stopped.task

# A process that is killed ends the others, and mpirun names it.
rm -r state
start_until_saved
kill -9 "$(tail -1 pids)" || fail "expected a run to kill"
seconds=$SECONDS
wait "$child"
status=$?
[ "$status" != 0 ] || fail "expected a killed run to fail"
expect_line 'process rank [01] .*exited on signal 9 \(Killed\)'
is_left() { for pid in $(cat pids); do kill -0 "$pid" 2>/dev/null && return; done; return 1; }
while is_left; do
  [ $((SECONDS - seconds)) -lt 30 ] || fail "expected the end of all processes within 30 s"
  sleep .1
done
[ -z "$(find "$scratch" -name 'submask-??????')" ] || fail "expected nothing of the killed run to stay"
rm -f stopped.task
expect_mpi 0 2 "${long[@]}" --out stopped.task
expect_same_files whole.task stopped.task

# From one process's checkpoint two go on.
rm -r state
mv whole.task two.task
expect_exit 0 "$submask" "${learn_together[@]}" --checkpoint state --out one.task
expect_mpi 0 2 "${learn_together[@]}" --checkpoint state --out two.task
expect_same_files one.task two.task

# The commands of the README and of docs/scale.md, on few images.
pages=("$golden"/../../README.md "$golden"/../../docs/scale.md)
mapfile -t shown < <(awk '$0 == "```sh mpi" { inside = 1; next } $0 == "```" { inside = 0 } inside' "${pages[@]}")
expect_equal "${#shown[@]}" 2
if [ -d /usr/share/datasets/fashion-mnist ]; then
  for line in "${shown[@]}"; do
    # shellcheck disable=SC2086
    PATH=$(dirname "$submask"):$PATH expect_exit 0 $line --epochs 1 --train-limit 64 --test-limit 32 --threads 1
  done
  rm shared.task clothes.task
  # Stopped while the result is measured: the last epoch's checkpoint stands.
  rm -r state
  "$submask" train --backbone resnet20 --data fashion-mnist --train-limit 64 --epochs 1 --threads 1 --checkpoint state \
    --out slow.task >"$printed" 2>"$complaints" &
  child=$!
  while [ ! -e state/checkpoint.safetensors ] && kill -0 "$child" 2>/dev/null; do sleep .02; done
  kill -TERM "$child"
  wait "$child"
  status=$?
  expect_equal "$status" 75
  expect_line '^submask: interrupted while it measured; the same command goes on from the checkpoint$'
fi

# Images that do not decode are told whichever process met them.
class_folders photos
for photo in colour/lossy.webp grey/grey.png; do echo "no picture" >"photos/train/$photo"; done
expect_mpi 0 2 train "${backbone[@]}" --data folder:photos --skip-bad-images --epochs 1 --batch-size 6 --threads 1 --out photos.task --json
expect_line '"bad_training_images":\[[^]]*lossy.webp[^]]*grey.png[^]]*\]'

# What processes cannot do together: one line, which says why, and nothing written.
expect_apart() {
  local code=$1 pattern=$2 before
  shift 2
  before=$(ls)
  expect_exit "$code" "$@"
  expect_line "^submask: $pattern"
  expect_equal "$(grep -c '^submask: ' "$complaints")" 1
  expect_equal "$(ls)" "$before"
}
idx_dataset other_data 40 20
idx_part other_data/train 40 7
expect_apart 2 'expected the same data on all processes: .* as rank 0 has, got .* on rank 1' \
  mpirun -n 1 "$submask" "${learn_mask[@]}" --out no.task : \
  -n 1 "$submask" "${learn_mask[@]}" --data fashion-mnist:other_data --out no.task
expect_apart 2 'expected the same (head-)?rate on all processes: 50.0 as rank 0 has, got 7.0 on rank 1' \
  mpirun -n 1 "$submask" "${learn_mask[@]}" --out no.task : -n 1 "$submask" "${learn_mask[@]}" --rate 7 --out no.task
expect_apart 2 'expected the same bucket_mib on all processes: 25.0 as rank 0 has, got 0.01 on rank 1' \
  mpirun -n 1 "$submask" "${learn_mask[@]}" --out no.task : -n 1 "$submask" "${learn_mask[@]}" --bucket-mib .01 --out no.task
expect_apart 2 'expected the same test_digest on all processes: ' \
  mpirun -n 1 "$submask" "${learn_mask[@]}" --out no.task : -n 1 "$submask" "${learn_mask[@]}" --test-limit 2 --out no.task
evaluate_alone=(evaluate "${backbone[@]}" "${data[@]}" --threads 1)
expect_apart 2 'expected the same settings/k on all processes: 20 as rank 0 has, got 3 on rank 1' \
  mpirun -n 1 "$submask" "${evaluate_alone[@]}" --method knn --k 20 : -n 1 "$submask" "${evaluate_alone[@]}" --method knn --k 3
expect_apart 2 'expected the same settings/task on all processes: ' \
  mpirun -n 1 "$submask" "${evaluate_alone[@]}" --task alone.task : -n 1 "$submask" "${evaluate_alone[@]}" --task stopped.task
expect_apart 2 'expected the same command on all processes: "submask train" as rank 0 has, got "submask evaluate" on rank 1' \
  mpirun -n 1 "$submask" "${learn_mask[@]}" --out no.task : -n 1 "$submask" "${evaluate_alone[@]}" --method knn
expect_apart 2 'expected the same experts on all processes: 2 as rank 0 has, got 3 on rank 1' \
  mpirun -n 1 "$submask" cascade "${backbone[@]}" "${data[@]}" "${small[@]}" --experts 2 --out no.cascade : \
  -n 1 "$submask" cascade "${backbone[@]}" "${data[@]}" "${small[@]}" --experts 3 --out no.cascade
expect_apart 2 'expected a --batch-size that 3 processes share evenly, got 8' \
  mpirun -n 3 "$submask" "${learn_mask[@]}" --out no.task
expect_apart 4 'cannot open .*missing' \
  mpirun -n 2 "$submask" "${learn_mask[@]}" --weights missing.safetensors --out no.task
expect_mpi 0 2 --version
expect_mpi 0 2 train --help
expect_exit 0 env WORLD_SIZE=2 RANK=1 "$submask" inspect alone.task
expect_exit 0 env WORLD_SIZE= "$submask" "${learn_mask[@]}" --out alone.task
expect_apart 2 'expected train, cascade, pretrain or evaluate for 2 processes, got predict' \
  mpirun -n 2 "$submask" predict --task alone.task photo.jpg
expect_apart 5 'expected OpenMPI.s mpirun or srun --mpi=pmix to start one process of 2 \(WORLD_SIZE\)' \
  env WORLD_SIZE=2 RANK=0 "$submask" "${learn_mask[@]}" --out no.task
mkdir -p moved/cli && cp "$submask" moved/cli/
expect_apart 5 'expected libsubmask_mpi.so, .* for one process of 2 \(OMPI_COMM_WORLD_SIZE\)' \
  env LD_LIBRARY_PATH="$(ldd "$submask" | awk '/libtorch_cpu/ { sub("/[^/]*$", "", $3); print $3 }')" \
  mpirun -n 2 moved/cli/submask "${learn_mask[@]}" --out no.task
