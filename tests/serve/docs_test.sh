#!/usr/bin/env bash
# Runs what README.md and docs/serve.md show of serving (the `sh serve` and `python serve` blocks).
tests=$(dirname "$(realpath "$0")")
. "$tests/../cli/harness.sh" "$@"
. "$tests/make_tasks.sh"
mv tasks/a.task tasks/fashion.task
mv tasks/b.task tasks/pets.task
python3 -B -c "import sys; sys.path.insert(0, '$tests'); import server; open('photo.jpg', 'wb').write(server.striped(3, True))"
export KEY=secret

for page in README.md docs/serve.md; do
  awk '$0 == "```sh serve" { inside = 1; next } $0 == "```" { inside = 0 } inside' "$tests/../../$page" >commands
  awk '$0 == "```python serve" { inside = 1; next } $0 == "```" { inside = 0 } inside' "$tests/../../$page" >program.py
  [ "$(grep -c '^submask serve --backbone resnet20 --tasks tasks --port 8080\( &\)\?$' commands)" = 1 ] ||
    fail "expected the command that serves, in $page"
  grep -v '^submask \|^mkdir ' commands | sed 's/curl /curl -sS --fail-with-body /; s/127.0.0.1:8080/{address}/' >asked
  [ -s asked ] || fail "expected commands that ask, in $page"
  sed 's/127.0.0.1:8080/{address}/' program.py >program
  expect_exit 0 python3 -B "$tests/with_server.py" "$submask" --backbone resnet20 --tasks tasks -- \
    bash -euo pipefail -c "$(cat asked)"
  expect_line '"predictions":\[\{"label":'
  if [ -s program ] && [ -e "${SUBMASK_CLIENTS:-}" ]; then
    PYTHONPATH=$SUBMASK_CLIENTS expect_exit 0 python3 -B "$tests/with_server.py" "$submask" --backbone resnet20 --tasks tasks -- \
      python3 -c "$(cat program)"
  fi
done
