#!/usr/bin/env bash
# ssl-fs killed by SIGKILL while prototypes are frozen, just after the queue started and once it is full, and started
# again: the bytes of a run that was left alone. So for DINO while its last layer is frozen, and after.
. "$(dirname "$0")/harness.sh" "$@"

# place FILE: "epoch batch" where a checkpoint stands, both from 0; nothing where there is none.
place() {
  grep -aoE '\\"(epoch|batch)\\":[0-9]+' "$1" 2>/dev/null | sort -r | grep -oE '[0-9]+' | tr '\n' ' '
}

# kill_from EPOCH BATCH COMMAND...: kills the command as soon as its checkpoint stands there or behind; $epoch and
# $batch are where it stood then.
kill_from() {
  local wanted=$(($1 * 1000 + $2)) tries=0 child
  shift 2
  command_line=$*
  "$@" >"$printed" 2>"$complaints" </dev/null &
  child=$!
  epoch=-1 batch=0
  while [ "$((epoch * 1000 + batch))" -lt "$wanted" ]; do
    tries=$((tries + 1))
    [ $tries -lt 6000 ] && kill -0 "$child" 2>/dev/null || fail "expected a checkpoint at $wanted to kill the run at"
    sleep 0.01
    read -r epoch batch <<<"$(place "$state/checkpoint.safetensors")"
    epoch=${epoch:--1} batch=${batch:-0}
  done
  kill -9 "$child" || fail "expected a run to kill"
  wait "$child" 2>/dev/null
  read -r epoch batch <<<"$(place "$state/checkpoint.safetensors")"
  [ ! -e killed.task ] || fail "expected no result of a killed run"
}

# Ten batches an epoch.
run=(train "${backbone[@]}" "${data[@]}" --threads 1 --workers 1 --batch-size 4 --method ssl-fs --rate 500 --epochs 4
  --train-limit 40 --test-limit 10)

expect_phase() { [ "$1" -ge "$2" ] && [ "$1" -lt "$3" ] || fail "expected a kill at step $2 to $3, got $1"; }

# Prototypes are frozen for ten steps; the queue starts in epoch 1 and is full 8 steps later.
swav=("${run[@]}" --nmb-prototypes 8 --freeze-prototypes-niters 10 --epoch-queue-starts 1 --queue-length 32)
expect_exit 0 "$submask" "${swav[@]}" --quiet --out swav.whole
state=swav.state
command=("$submask" "${swav[@]}" --checkpoint $state --checkpoint-seconds 0 --out killed.task)
kill_from 0 2 "${command[@]}"
expect_phase $((epoch * 10 + batch)) 2 10
kill_from 1 1 "${command[@]}"
expect_line "resumed at epoch 1, batch [0-9]+, from $state"
expect_phase $((epoch * 10 + batch)) 11 18
kill_from 2 1 "${command[@]}"
expect_line "resumed at epoch 2, batch [0-9]+, from $state"
expect_phase $((epoch * 10 + batch)) 21 40
expect_exit 0 "${command[@]}"
expect_line "resumed at epoch [34], batch [0-9]+, from $state"
expect_same_files swav.whole killed.task
rm killed.task

dino=("${run[@]}" --objective dino --out-dim 16 --freeze-last-layer 1 --momentum-teacher 0.9 --teacher-temp 0.07
  --warmup-teacher-temp-epochs 3)
expect_exit 0 "$submask" "${dino[@]}" --quiet --out dino.whole
expect_other_files dino.whole swav.whole
state=dino.state
command=("$submask" "${dino[@]}" --checkpoint $state --checkpoint-seconds 0 --out killed.task)
kill_from 0 2 "${command[@]}"
expect_phase $((epoch * 10 + batch)) 2 10
kill_from 1 1 "${command[@]}"
expect_phase $((epoch * 10 + batch)) 11 40
expect_exit 0 "${command[@]}"
expect_line "resumed at epoch [234], batch [0-9]+, from $state"
expect_same_files dino.whole killed.task

# The other objective is another run.
expect_refusal 2 'other settings' "${command[@]}" --objective swav --quiet
