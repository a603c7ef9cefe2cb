#!/usr/bin/env bash
# `submask serve` as its users see it: answers, refusals, files that come and go, keys, ends, teaching.
tests=$(dirname "$(realpath "$0")")
. "$tests/../cli/harness.sh" "$@"
. "$tests/make_tasks.sh"

export SUBMASK_PROGRAM=$submask SUBMASK_TASKS=$PWD/tasks
expect_exit 0 python3 -B -m unittest discover -s "$tests/behaviour" -p '*_test.py'
expect_line '^OK'
