#!/usr/bin/env bash
# A short soak; tools/nightly has the long one.
tests=$(dirname "$(realpath "$0")")
. "$tests/../cli/harness.sh" "$@"
. "$tests/make_tasks.sh"

expect_exit 0 python3 -B "$tests/soak.py" "$submask" tasks/a.task --tasks 30 --requests 2000
expect_line '^2000 requests over 30 tasks .*all as predict says'
