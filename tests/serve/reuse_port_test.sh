#!/usr/bin/env bash
# Two processes of `submask serve` share a port.
tests=$(dirname "$(realpath "$0")")
. "$tests/../cli/harness.sh" "$@"
. "$tests/make_tasks.sh"

expect_exit 0 python3 -B "$tests/reuse_port_test.py" "$submask" tasks
expect_line 'all as expected'
