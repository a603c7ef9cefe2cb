#!/usr/bin/env bash
# The same command gives the same bytes, whatever the number of threads that read.
. "$(dirname "$0")/harness.sh" "$@"

expect_exit 0 "$submask" "${learn_mask[@]}" --out again.task
expect_same_files "$fixture/fashion.task" again.task
for workers in 0 3; do
  expect_exit 0 "$submask" "${learn_mask[@]}" --workers $workers --out workers.task
  expect_same_files "$fixture/fashion.task" workers.task
done
expect_exit 0 "$submask" "${learn_mask[@]}" --seed 1 --out seed.task
expect_other_files "$fixture/fashion.task" seed.task

for method in fft lp; do
  for run in 1 2; do
    expect_exit 0 "$submask" "${learn[@]}" --method $method --workers $run --out $method.$run
  done
  expect_same_files $method.1 $method.2
done
