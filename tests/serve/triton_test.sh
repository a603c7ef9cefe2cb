#!/usr/bin/env bash
# Triton's own client speaks to `submask serve`.
tests=$(dirname "$(realpath "$0")")
. "$tests/../cli/harness.sh" "$@"
[ -e "${SUBMASK_CLIENTS:-}" ] || skip "no SUBMASK_CLIENTS with tritonclient, which ./test fetches"
. "$tests/make_tasks.sh"

export PYTHONPATH=$SUBMASK_CLIENTS
python3 -B -c "import sys; sys.path.insert(0, '$tests'); import server; sys.stdout.buffer.write(server.striped(3, True))" >image.png
expect_exit 0 python3 -B "$tests/with_server.py" "$submask" --backbone resnet20 --tasks tasks -- \
  python3 -B "$tests/triton_client_test.py" '{address}' a image.png
expect_line 'all as expected'
