#!/usr/bin/env bash
# `submask serve` as its users see it: answers, refusals, files that come and go, keys, ends, teaching.
tests=$(dirname "$(realpath "$0")")
. "$tests/../cli/harness.sh" "$@"
. "$tests/make_tasks.sh"

expect_exit 0 python3 -B "$tests/behaviour_test.py" "$submask" tasks
expect_line '^OK'
