#!/usr/bin/env bash
# A clock that is set back or forward between two runners, or while one runs, changes nothing.
. "$(dirname "$0")/harness.sh" "$@"
. "$golden/../cli/small_grid.sh"

command -v faketime >/dev/null || skip "no faketime (Debian's faketime)"
# Wall clocks alone: no machine's steady clock goes back.
export FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1
expect_exit 0 faketime '+1 day' date +%s
ahead=$(($(cat "$printed") - $(date +%s)))
[ $ahead -gt 80000 ] || fail "expected a clock that is a day ahead"

grid_of grid.toml '["fs"]' 3
expect_exit 0 "${grid_run[@]}" grid.toml --db whole.sqlite
rows whole.sqlite >whole.txt
for shift in '+1 day' '-1 day'; do
  rm -rf shifted.sqlite*
  faketime "$shift" "${grid_run[@]}" grid.toml --db shifted.sqlite >/dev/null 2>&1 &
  runner=$!
  for _ in $(seq 600); do
    ls shifted.sqlite.cells/*/checkpoint/checkpoint.safetensors >/dev/null 2>&1 && break
    sleep 0.1
  done
  pkill -9 -P "$runner"
  kill -9 "$runner" 2>/dev/null
  wait "$runner" 2>/dev/null
  pkill -9 -f -- "--db shifted.sqlite"
  [ "$(ls shifted.sqlite.cells/*/result.json 2>/dev/null | wc -l)" -lt 6 ] || fail "expected cells that were left"
  expect_exit 0 timeout 120 "${grid_run[@]}" grid.toml --db shifted.sqlite --retry
  rows shifted.sqlite >shifted.txt
  expect_same_files whole.txt shifted.txt
done

# Two runners, one of them a day behind, share the cells.
faketime '-1 day' "${grid_run[@]}" grid.toml --db one.sqlite --cells shared >one.out 2>&1 &
runner=$!
expect_exit 0 timeout 120 "${grid_run[@]}" grid.toml --db two.sqlite --cells shared
wait "$runner" || fail "expected the other runner to end well: $(cat one.out)"
expect_exit 0 "$submask" grid merge one.sqlite two.sqlite
rows one.sqlite >one.txt
expect_same_files whole.txt one.txt
