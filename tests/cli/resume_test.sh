#!/usr/bin/env bash
# A run that is killed or interrupted, and started again until it ends, leaves the bytes of one that was not.
. "$(dirname "$0")/harness.sh" "$@"

RANDOM=${SUBMASK_TEST_SEED:=$$}
echo "the moments of the kills come from SUBMASK_TEST_SEED=$SUBMASK_TEST_SEED"

state_of() { stat -c %y "$1/checkpoint.safetensors" 2>/dev/null; }

# start_until_saved DIR COMMAND...: runs it in the background ($child) until it writes a checkpoint or ends.
start_until_saved() {
  local folder=$1 before tries=0
  shift
  before=$(state_of "$folder")
  command_line=$*
  "$@" >"$printed" 2>"$complaints" </dev/null &
  child=$!
  while [ "$(state_of "$folder")" = "$before" ] && kill -0 "$child" 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 3000 ] || fail "expected a checkpoint within a minute"
    sleep 0.02
  done
}

# expect_resume METHOD OPTION...
expect_resume() {
  local method=$1 kills=0 child
  shift
  local command=("$submask" "${learn[@]}" --method "$method" --epochs 4 --checkpoint-seconds 0 "$@")
  expect_exit 0 "${command[@]}" --out "$method.whole"
  command+=(--checkpoint "$method.state" --out "$method.out")
  for _ in 1 2 3 4; do
    start_until_saved "$method.state" "${command[@]}"
    sleep "$(printf '0.%03d' $((RANDOM % 50)))"
    kill -9 "$child" 2>/dev/null && kills=$((kills + 1))
    wait "$child" 2>/dev/null
    [ ! -e "$method.out" ] || break
  done
  [ $kills -ge 2 ] || fail "expected two kills at least, got $kills"
  expect_exit 0 "${command[@]}" --quiet=false
  expect_line "resumed at epoch [1-4], batch [0-9]+, from $method.state"
  expect_same_files "$method.whole" "$method.out"
}

expect_resume fs --score-start normal --validation 10p --momentum 0.9 --keep-epochs
diff -r fs.whole.epochs fs.out.epochs || fail "expected the same tasks of all epochs"
expect_equal "$(ls fs.out.epochs | tr '\n' ' ')" "0001.task 0002.task 0003.task 0004.task "
expect_resume fft --validation 10p

# Killed before its first step, a run starts afresh.
command=("$submask" "${learn[@]}" --method fs --score-start normal --validation 10p --epochs 4
  --checkpoint early --checkpoint-seconds 0 --out early.out)
"${command[@]}" >"$printed" 2>"$complaints" &
child=$!
sleep "0.$((RANDOM % 3 + 1))"
kill -9 "$child" 2>/dev/null
wait "$child" 2>/dev/null
expect_exit 0 "${command[@]}"
expect_same_files fs.whole early.out

# Ctrl-C: exit 130, one line, a checkpoint; with nothing kept, the line says so.
command=("$submask" "${learn[@]}" --method fs --score-start normal --validation 10p --epochs 4
  --checkpoint asked --checkpoint-seconds 0 --out asked.out)
start_until_saved asked "${command[@]}"
kill -INT "$child" || fail "expected a run to interrupt"
wait "$child"
status=$?
expect_equal $status 130
grep -qE '^submask: interrupted' "$complaints" || fail "expected a line that tells of the interruption"
[ ! -e asked.out ] || fail "expected no result"
expect_exit 0 "${command[@]}"
expect_same_files fs.whole asked.out
expect_equal "$(ls asked)" checkpoint.safetensors

# What a kill in the middle of a write leaves behind goes.
echo half >asked/checkpoint.safetensors.unfinished
expect_exit 0 "${command[@]}"
expect_equal "$(ls asked)" checkpoint.safetensors

# A checkpoint belongs to one run.
expect_refusal 2 'other settings.*asked' "${command[@]}" --rate 1
cp asked/checkpoint.safetensors whole.state
flip_byte asked/checkpoint.safetensors 5
expect_refusal 3 'asked/checkpoint' "${command[@]}"
head -c 5000 whole.state >asked/checkpoint.safetensors
expect_refusal 3 'asked/checkpoint' "${command[@]}"
cp "$fixture/backbone.safetensors" asked/checkpoint.safetensors
expect_refusal 3 'asked/checkpoint' "${command[@]}"
