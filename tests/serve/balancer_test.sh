#!/usr/bin/env bash
# `submask serve` behind HAProxy and nginx, as examples/serve sets them up.
tests=$(dirname "$(realpath "$0")")
. "$tests/../cli/harness.sh" "$@"
PATH=$PATH:/usr/sbin${SUBMASK_BALANCERS:+:$SUBMASK_BALANCERS}
for balancer in haproxy nginx; do
  command -v $balancer >/dev/null || skip "no $balancer (Debian's haproxy and nginx, which ./test fetches)"
done
. "$tests/make_tasks.sh"

expect_exit 0 python3 -B "$tests/balancer_test.py" "$submask" tasks
expect_line '^OK'
