#!/usr/bin/env bash
# Numbers of each epoch as CSV and as TensorBoard's event files, of runs left alone, killed and started again.
. "$(dirname "$0")/harness.sh" "$@"
command -v python3 >/dev/null || skip "python3 is not installed"

header=epoch,loss,masked_fraction,training_accuracy,validation_accuracy,assignment_entropy,prototypes_in_use
number='[0-9]+(\.[0-9]+)?(e-[0-9]+)?'

# expect_rows FILE EPOCHS PATTERN: the header, then lines of these columns, one an epoch.
expect_rows() {
  expect_equal "$(head -n 1 "$1")" "$header"
  expect_equal "$(tail -n +2 "$1" | cut -d, -f1 | tr '\n' ' ')" "$(seq -s ' ' "$2") " "epochs in $1"
  ! tail -n +2 "$1" | grep -qvE "^$3$" || fail "expected lines of $3, got: $(cat "$1")"
}

# events DIR: "STEP TAG" of its event files, in their order; any damage fails.
events() {
  python3 "$golden/../cli/print_events.py" "$1"/events.out.tfevents.* >"$scratch/events" 2>"$complaints" ||
    fail "expected event files that can be read"
  cut -d' ' -f2,3 "$scratch/events"
}

# expect_same_curves CSV DIR: in the files of DIR, the later ones in place of the earlier, what the table has.
expect_same_curves() {
  events "$2" >/dev/null
  awk -v OFS=, '
    FNR == NR && FNR == 1 { columns = split($0, name, ","); next }
    FNR == NR { for (c = 2; c <= columns; ++c) if ($c != "") expected[$1, name[c]] = $c; next }
    FNR == 1 { FS = " "; $0 = $0 }
    $3 == "restart" { for (key in got) { split(key, part, SUBSEP); if (part[1] >= $2) delete got[key] } next }
    (($2, $3) in got) { print "twice: " $0; bad = 1 }
    { got[$2, $3] = $4 }
    END {
      for (key in expected)
        if (!(key in got) || got[key] - expected[key] > 1e-5 || expected[key] - got[key] > 1e-5) {
          split(key, part, SUBSEP); print "expected", part[1], part[2], expected[key], "got", got[key]; bad = 1
        }
      exit bad
    }' FS=, "$1" "$scratch/events" >&2 || fail "expected the numbers of $1 in $2"
}

mask=("$submask" "${learn_mask[@]}" --validation 20p)
expect_exit 0 "${mask[@]}" --epochs 6 --out whole.task --log logs/whole.csv --tensorboard runs/whole
expect_rows logs/whole.csv 6 "[1-6],$number,$number,$number,$number,,"
expect_same_curves logs/whole.csv runs/whole
expect_equal "$(events runs/whole | head -n 5 | tr '\n' ';')" \
  "1 restart;1 loss;1 masked_fraction;1 training_accuracy;1 validation_accuracy;"
expect_equal "$(events runs/whole | tail -n 2 | tr '\n' ';')" "6 accuracy;6 mean_class_accuracy;"
[ "$(find runs/whole -type f | wc -l)" = 1 ] || fail "expected one event file"
# What is logged changes nothing.
expect_exit 0 "${mask[@]}" --epochs 6 --out plain.task
expect_same_files whole.task plain.task

# kill_after EPOCH LOG COMMAND...: as soon as its log has that epoch.
kill_after() {
  local epoch=$1 log=$2 tries=0 child
  shift 2
  command_line=$*
  "$@" >"$printed" 2>"$complaints" </dev/null &
  child=$!
  until grep -q "^$epoch," "$log" 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 6000 ] && kill -0 "$child" 2>/dev/null || fail "expected epoch $epoch in $log"
    sleep 0.01
  done
  kill -9 "$child" 2>/dev/null && kills=$((kills + 1))
  wait "$child" 2>/dev/null
  # Whatever the moment, whole lines of a row of epochs.
  expect_equal "$(tail -c 1 "$log" | od -An -tx1 | tr -d ' ')" 0a "the end of $log"
  expect_rows "$log" "$(tail -n 1 "$log" | cut -d, -f1)" "[0-9]+(,($number)?){6}"
}

# expect_resume COMMAND...: killed twice, the second time set back to a checkpoint that is older than the log.
expect_resume() {
  local log=logs/killed.csv kills=0
  rm -rf state state.old runs/killed $log
  local command=("$@" --out killed.task --checkpoint state --checkpoint-seconds 0 --log "$log"
    --tensorboard runs/killed)
  kill_after 1 $log "${command[@]}"
  [ $kills = 1 ] || fail "expected a run to kill"
  cp -r state state.old
  kill_after 3 $log "${command[@]}"
  rm -r state && mv state.old state
  expect_exit 0 "${command[@]}"
  expect_same_files killed.task whole.task
  expect_same_files $log logs/whole.csv
  [ "$(find runs/killed -type f | wc -l)" -ge 2 ] || fail "expected an event file of each run"
  expect_same_curves $log runs/killed
  # Begun again at its end, it learns and logs nothing more.
  expect_exit 0 "${command[@]}"
  expect_same_files $log logs/whole.csv
}

expect_resume "${mask[@]}" --epochs 6

# Without labels other columns are filled.
ssl=("$submask" "${learn[@]}" --method ssl-fs --rate 500 --epochs 5 --nmb-prototypes 8 --train-limit 24 --test-limit 10
  --validation 20p --validate-every 2)
expect_exit 0 "${ssl[@]}" --out whole.task --log logs/whole.csv --tensorboard runs/without_labels
expect_rows logs/whole.csv 5 "[1-5],$number,$number,,($number)?,$number,$number"
expect_equal "$(tail -n +2 logs/whole.csv | cut -d, -f5 | grep -c .)" 3 "epochs with a validation accuracy"
expect_same_curves logs/whole.csv runs/without_labels
events runs/without_labels | grep -qx '5 knn_accuracy' || fail "expected the final kNN accuracy"
expect_resume "${ssl[@]}"

# An older log of another run goes, also where nothing is learned in epochs; pretrain has the same options.
expect_exit 0 "$submask" "${learn[@]}" --method fft --epochs 2 --out x.safetensors --log logs/whole.csv
expect_rows logs/whole.csv 2 "[12],$number,0.0,$number,,,"
expect_exit 0 "$submask" "${learn[@]}" --method lp --out x.task --log logs/whole.csv --tensorboard runs/probe
expect_equal "$(cat logs/whole.csv)" "$header"
expect_equal "$(events runs/probe | tr '\n' ';')" "0 accuracy;0 mean_class_accuracy;"
expect_exit 0 "$submask" pretrain --backbone resnet20 "${data[@]}" "${small[@]}" --epochs 1 --out x.safetensors \
  --log logs/pretrain.csv --tensorboard runs/pretrain
expect_rows logs/pretrain.csv 1 "1,$number,0.0,$number,,,"
expect_same_curves logs/pretrain.csv runs/pretrain

# A list of tasks: a run each in TensorBoard, a log of its own.
printf '[[task]]\nout = "a.task"\nlog = "a.csv"\n[[task]]\nout = "b.task"\nlog = "b.csv"\n' >list.toml
list=("$submask" train --tasks list.toml "${backbone[@]}" "${data[@]}" "${small[@]}" --epochs 1)
expect_exit 0 "${list[@]}" --tensorboard runs/list
expect_same_curves a.csv runs/list/a.task
expect_same_curves b.csv runs/list/b.task
expect_refusal 2 'a log of its own.*same.csv twice.*list.toml' "${list[@]}" --log same.csv

# Places that do not do are found out before anything is learned.
echo 'a file' >file
forever=("$submask" "${learn[@]}" --epochs 1000000 --out x.task)
for place in /proc/x file/x; do
  expect_refusal 4 "cannot .*${place%/x}" "${forever[@]}" --log $place.csv
  expect_refusal 4 "cannot .*${place%/x}" "${forever[@]}" --tensorboard $place
done
expect_refusal 4 'cannot .*file' "${forever[@]}" --tensorboard file
expect_refusal 4 'cannot write logs: it is a folder' "${forever[@]}" --log logs
expect_refusal 3 'a log with the columns epoch,loss.*in file' "${forever[@]}" --log file
for damage in '1,2.3' 'x\n' '0,\n' '\n'; do
  # shellcheck disable=SC2059
  printf "$header\n$damage" >damaged.csv
  expect_refusal 3 'whole lines.*after epoch 0, in damaged.csv' "${forever[@]}" --log damaged.csv
done

# A disk that fills up while a run learns: a clear end, whole records.
limited() { (ulimit -f "$1" && shift && exec "$@"); }
expect_exit 4 limited 1 "${forever[@]}" --log full.csv
expect_equal "$(wc -l <"$complaints")" 1
expect_line 'cannot write full\.csv'
expect_rows full.csv "$(tail -n 1 full.csv | cut -d, -f1)" "[0-9]+,$number,$number,$number,,,"
expect_exit 4 limited 1 "${forever[@]}" --tensorboard runs/full
expect_line 'cannot write runs/full/events'
[ "$(events runs/full | wc -l)" -gt 10 ] || fail "expected some epochs"
