#!/usr/bin/env bash
# pack, diff, merge and sign: a task written again keeps its masks, costs less beside its parent, and is refused
# where it was changed since it was signed.
. "$(dirname "$0")/harness.sh" "$@"

task=$fixture/fashion.task
expect_exit 0 "$submask" unpack "$task" "${backbone[@]}" --out bits

# Every profile holds the same masks; plain ones need no weights.
for profile in small fast plain; do
  expect_exit 0 "$submask" pack "$task" "${backbone[@]}" --profile $profile --out $profile.task --json
  expect_json out profile bytes_before task_bytes mask_bytes
  expect_exit 0 "$submask" inspect $profile.task --json
  expect_equal "$(json_key "$printed" profile)" $profile
  expect_exit 0 "$submask" unpack $profile.task "${backbone[@]}" --out $profile.bits
  expect_same_files bits $profile.bits
  expect_exit 0 "$submask" evaluate --task $profile.task "${backbone[@]}" "${data[@]}" "${small[@]}" --json
  expect_equal "$(json_key "$printed" accuracy)" "$(json_key "$fixture/fashion.json" accuracy)" $profile
done
expect_same_files small.task "$task"
for profile in small fast; do
  [ "$(stat -c %s $profile.task)" -lt "$(stat -c %s plain.task)" ] || fail "expected $profile to be smaller than plain"
done
expect_exit 0 "$submask" pack "$task" "${backbone[@]}" --profile plain --statistics exact --out bare.task
expect_exit 0 "$submask" unpack bare.task --out bare.bits
expect_same_files bits bare.bits

# Rounding is checked on data.
expect_refusal 2 'expected --data to check' "$submask" pack "$task" "${backbone[@]}" --head int8 --out eight.task
expect_exit 0 "$submask" pack "$task" "${backbone[@]}" --head int8 --licence CC0-1.0 "${data[@]}" --most-loss 0.1 \
  --out eight.task --json
expect_json accuracy accuracy_before
expect_exit 0 "$submask" inspect eight.task --json
expect_equal "$(json_key "$printed" head)" int8
expect_equal "$(json_key "$printed" licence)" CC0-1.0
expect_refusal 2 'expected to lose at most' "$submask" pack "$task" "${backbone[@]}" --head int8 "${data[@]}" \
  --most-loss -1 --out x.task

# Trimmed to fewer bytes by the scores of its run, which is said of it.
expect_exit 0 "$submask" "${learn_mask[@]}" --checkpoint run --out long.task
half=$((($(stat -c %s long.task) + 8000) / 2))
trim=("$submask" pack long.task "${backbone[@]}" --bytes)
expect_exit 0 "${trim[@]}" $half --checkpoint run "${data[@]}" "${small[@]}" --out short.task --json
expect_json bytes_before task_bytes masked_fraction accuracy_before accuracy
[ "$(json_key "$printed" task_bytes)" -le $half ] || fail "expected at most $half bytes"
accuracy=$(json_key "$printed" accuracy)
expect_exit 0 "$submask" inspect short.task --json
expect_equal "$(json_key "$printed" accuracy)" "$accuracy"
expect_exit 0 "$submask" verify short.task "${backbone[@]}"
expect_exit 0 "${trim[@]}" $half --checkpoint run "${data[@]}" "${small[@]}" --licence "$(printf 'x%.0s' {1..500})" --out x.task
[ "$(stat -c %s x.task)" -le $half ] || fail "expected at most $half bytes with a licence"
rm x.task
expect_exit 0 "$submask" pack long.task "${backbone[@]}" --checkpoint nowhere --most-loss .1 --out y.task
expect_line '^--checkpoint is of no use without --bytes'
expect_line '^--most-loss is of no use without --data'
expect_refusal 2 'expected --checkpoint for --bytes' "${trim[@]}" $half --out x.task
expect_refusal 2 'expected --data for --bytes' "${trim[@]}" $half --checkpoint run --out x.task
expect_refusal 2 'expected more --bytes than the [0-9]+ that the file takes with no weight off, got 5000' \
  "${trim[@]}" 5000 --checkpoint run "${data[@]}" "${small[@]}" --out x.task

# A task that goes on from another is little beside it.
expect_exit 0 "$submask" "${learn_mask[@]}" --from "$task" --rate 1 --out next.task
expect_refusal 2 'expected scores that give this mask by one threshold' "$submask" pack next.task "${backbone[@]}" \
  --bytes 9000 --checkpoint run "${data[@]}" --out x.task
[ ! -e x.task ] || fail "expected no file of what was refused"
expect_exit 0 "$submask" diff "$task" next.task "${backbone[@]}" --json
expect_json equal_share jaccard chance_jaccard mask_bytes mask_bytes_against_a units
alone=$(json_key "$printed" mask_bytes) against=$(json_key "$printed" mask_bytes_against_a)
[ "$against" -lt "$alone" ] || fail "expected fewer bytes against the parent: $against, $alone"
expect_exit 0 "$submask" diff "$task" next.task "${backbone[@]}"
expect_line '^layer3\.2\.conv2\.weight +36864 +[0-9.]+% +[0-9.]+ +[0-9.]+$'
cp "$task" parent.task
expect_exit 0 "$submask" pack next.task "${backbone[@]}" --parent parent.task --out child.task --json
[ "$(stat -c %s child.task)" -lt "$(stat -c %s next.task)" ] || fail "expected a smaller file"
expect_exit 0 "$submask" unpack next.task "${backbone[@]}" --out next.bits
expect_exit 0 "$submask" unpack child.task "${backbone[@]}" --out child.bits
expect_same_files next.bits child.bits
expect_exit 0 "$submask" verify child.task "${backbone[@]}"
rm parent.task
expect_refusal 4 'parent\.task' "$submask" verify child.task "${backbone[@]}"
expect_exit 0 "$submask" verify child.task

# One task of several.
for rule in and or majority; do
  expect_exit 0 "$submask" merge "$task" next.task "${backbone[@]}" "${data[@]}" "${small[@]}" --rule $rule \
    --out $rule.task --json
  expect_json masked_fraction accuracy knn_accuracy head
  expect_exit 0 "$submask" verify $rule.task "${backbone[@]}"
done
expect_exit 0 "$submask" inspect and.task --json
all=$(json_key "$printed" masked_fraction)
expect_exit 0 "$submask" inspect or.task --json
awk -v all="$all" -v any="$(json_key "$printed" masked_fraction)" 'BEGIN { exit !(all > any) }' ||
  fail "expected more to be off where all have to be on"
expect_refusal 2 'expected two tasks or more' "$submask" merge "$task" "${backbone[@]}" --out x.task

# Signatures.
openssl genpkey -algorithm ed25519 -out key.pem 2>/dev/null && openssl pkey -in key.pem -pubout -out public.pem
openssl genpkey -algorithm ed25519 -out other.pem 2>/dev/null && openssl pkey -in other.pem -pubout -out others.pem
expect_refusal 3 'expected the signature .*, got none, in ' "$submask" verify "$task" --key public.pem
expect_exit 0 "$submask" sign "$task" --key key.pem --out signed.task --json
expect_json out signature
expect_exit 0 "$submask" verify signed.task --key public.pem "${backbone[@]}" --json
expect_json signed_by fits_backbone
expect_refusal 3 'expected the signature .*, got another, in ' "$submask" verify signed.task --key others.pem
expect_refusal 3 'key' "$submask" sign "$task" --key public.pem --out x.task
expect_exit 0 "$submask" pack signed.task "${backbone[@]}" --out unsigned.task
expect_refusal 3 'got none' "$submask" verify unsigned.task --key public.pem

# A folder's tasks at a glance.
mkdir shelf && cp small.task fast.task shelf && head -c 100 small.task >shelf/cut.task
for again in first second; do
  expect_exit 0 "$submask" inspect shelf --json
  expect_json folder tasks
  expect_line '"file":"cut.task","task_bytes":100,"error":".*cut\.task"'
  expect_exit 0 "$submask" inspect shelf
  expect_line '^small\.task +[0-9.]+ kB +resnet20 +fs +[0-9.]+% +[0-9.]+$'
done
expect_refusal 4 'missing' "$submask" inspect missing.folder

# Files over the embedded backbone stand for good: these are the masks in them, a byte a weight.
masked=19900e212bb4bcb1 masked_further=713c4600e5e8eb25
for file in small:$masked fast:$masked child:$masked_further fast_child:$masked_further; do
  expect_exit 0 "$submask" unpack "$golden/mask/embedded_${file%:*}.task" --out golden.bits --quiet
  expect_equal "$(tail -c 267696 golden.bits | sha256sum | cut -c1-16)" "${file#*:}" "$file"
done
