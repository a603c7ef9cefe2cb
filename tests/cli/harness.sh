# shellcheck shell=bash disable=SC2034
# Sourced by every test here, as `. harness.sh PROGRAM FIXTURE`, where the test got both from ctest. By hand:
#
#   bash tests/cli/make_fixture.sh build/dev/cli/submask /tmp/fixture
#   bash tests/cli/train_test.sh build/dev/cli/submask /tmp/fixture
#
# A test stands in an empty folder of its own, which goes when it ends. The first check that fails ends it and
# shows the command, what it printed and the line of the test.
set -uo pipefail

submask=$(realpath "$1")
fixture=$(realpath "$2")
golden=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../golden")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
printed=$scratch/stdout complaints=$scratch/stderr
mkdir "$scratch/work"
cd "$scratch/work" || exit 1
export OMP_NUM_THREADS=1
unset SUBMASK_ASSETS

# The words most commands begin with.
small=(--threads 1 --workers 1 --batch-size 8 --quiet)
backbone=(--backbone resnet20 --weights "$fixture/backbone.safetensors")
data=(--data "fashion-mnist:$fixture/data")
# Scores near the threshold and one rate: a handful of steps then masks a visible share.
learn=(train "${backbone[@]}" "${data[@]}" "${small[@]}" --epochs 1)
learn_mask=("${learn[@]}" --method fs --recipe one-rate --score-start normal --score-mean 0.5 --score-std 0.5)

command_line="" status=0

fail() {
  local frame=1
  while [ "$(basename "${BASH_SOURCE[frame]}")" = harness.sh ]; do frame=$((frame + 1)); done
  {
    printf '%s:%s: %s\n' "${BASH_SOURCE[frame]}" "${BASH_LINENO[frame - 1]}" "$*"
    printf 'command: %s\nexit: %s\n' "$command_line" "$status"
    for name in stdout stderr; do printf -- '--- %s\n' "$name" && tail -c 3000 "$scratch/$name"; done
  } >&2 2>/dev/null
  exit 1
}

skip() {
  printf 'skipped: %s\n' "$*"
  exit 77
}

run() {
  command_line=$* status=0
  "$@" >"$printed" 2>"$complaints" </dev/null || status=$?
}

# expect_exit CODE COMMAND...
expect_exit() {
  local code=$1
  shift
  run "$@"
  [ "$status" = "$code" ] || fail "expected exit $code"
}

# A line of what the last command printed, on either stream, matches the extended regular expression.
expect_line() { grep -qE -- "$1" "$printed" "$complaints" || fail "expected a line matching: $1"; }
expect_no_line() { ! grep -qE -- "$1" "$printed" "$complaints" || fail "expected no line matching: $1"; }

# expect_refusal CODE PATTERN COMMAND...: fails with one clear line, prints no result, leaves no file.
expect_refusal() {
  local code=$1 pattern=$2 before after
  shift 2
  before=$(find . -type f | sort)
  expect_exit "$code" "$@"
  after=$(find . -type f | sort)
  [ ! -s "$printed" ] || fail "expected nothing on stdout"
  [ "$(wc -l <"$complaints")" = 1 ] || fail "expected one line on stderr"
  grep -q '^submask: ' "$complaints" || fail "expected a line that begins with 'submask: '"
  expect_line "$pattern"
  [ "$before" = "$after" ] || fail "expected no new file, got: $(comm -13 <(echo "$before") <(echo "$after"))"
}

# json_key FILE KEY: the value of a scalar key of the outermost object; nothing where there is none.
json_key() {
  sed -E ':again; s/(.)(\{[^][{}]*\}|\[[^][{}]*\])/\1/; t again' "$1" |
    grep -oE "\"$2\":(\"[^\"]*\"|[^][,{}]+)" | sed -E 's/^"[^"]*"://; s/^"(.*)"$/\1/'
}

# expect_json KEY...: stdout is one JSON object on one line, with these keys.
expect_json() {
  local key
  [ "$(wc -l <"$printed")" = 1 ] || fail "expected one line on stdout"
  grep -qE '^\{.*\}$' "$printed" || fail "expected a JSON object on stdout"
  if command -v jq >/dev/null; then jq -e . "$printed" >/dev/null || fail "expected valid JSON"; fi
  for key; do grep -q "\"$key\":" "$printed" || fail "expected the key $key"; done
}

expect_equal() { [ "$1" = "$2" ] || fail "expected equal values, got '$1' and '$2' ${3:-}"; }
expect_same_files() { cmp "$1" "$2" >&2 || fail "expected the same bytes in $1 and $2"; }
expect_other_files() { ! cmp -s "$1" "$2" || fail "expected other bytes in $1 than in $2"; }

# octal N: one byte of that value as an escape that printf prints.
octal() { printf '\\%03o' "$1"; }

# idx_part PREFIX IMAGES SEED: Fashion-MNIST's file layout, 8 x 8 pixels, classes in turn. Each class has stripes
# of its own under noise from a small congruential generator.
idx_part() {
  {
    printf '\0\0\010\003\0\0\0%b\0\0\0\010\0\0\0\010' "$(octal "$2")"
    printf '%b' "$(awk -v images="$2" -v noise="$3" 'BEGIN {
      for (i = 0; i < images; ++i)
        for (p = 0; p < 64; ++p) {
          noise = (noise * 75 + 74) % 65537
          printf "\\%04o", (p * (i % 10 + 1) % 10 < 5 ? 160 : 0) + noise % 90
        }
    }')"
  } >"$1-images-idx3-ubyte"
  {
    printf '\0\0\010\001\0\0\0%b' "$(octal "$2")"
    printf '%b' "$(awk -v images="$2" 'BEGIN { for (i = 0; i < images; ++i) printf "\\%04o", i % 10 }')"
  } >"$1-labels-idx1-ubyte"
}

# idx_dataset DIR TRAIN TEST: as many images each, 255 at most.
idx_dataset() {
  mkdir -p "$1"
  idx_part "$1/train" "$2" 1
  idx_part "$1/t10k" "$3" 2
}

# class_folders DIR: two classes, colour and grey, of six small training and two test images in all.
class_folders() {
  local images=$golden/data/images
  mkdir -p "$1"/{train,test}/{colour,grey}
  cp "$images"/{rgb.png,rgb444.jpg,lossy.webp} "$1/train/colour"
  cp "$images"/{grey.png,grey1.png,grey16.png} "$1/train/grey"
  cp "$images/rgb420.jpg" "$1/test/colour"
  cp "$images/grey.jpg" "$1/test/grey"
}

# flip_byte FILE OFFSET: every bit of that byte.
flip_byte() {
  local value
  value=$(od -An -tu1 -j "$2" -N 1 "$1")
  printf '%b' "\\0$(printf %o $((255 - value)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
