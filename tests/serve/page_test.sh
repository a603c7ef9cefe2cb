#!/usr/bin/env bash
# The page of `submask serve` in a real browser, as anybody and with keys.
tests=$(dirname "$(realpath "$0")")
. "$tests/../cli/harness.sh" "$@"
command -v chromedriver >/dev/null || skip "no chromedriver (Debian's chromium-driver)"
[ -e "${SUBMASK_CLIENTS:-}" ] || skip "no SUBMASK_CLIENTS with axe and tritonclient, which ./test fetches"
. "$tests/make_tasks.sh"

export PYTHONPATH=$SUBMASK_CLIENTS
mkdir examples
python3 -B -c "import sys; sys.path.insert(0, '$tests'); import server; open('examples/stripes.png', 'wb').write(server.striped(3, True))"
serve=(python3 -B "$tests/with_server.py" "$submask" --backbone resnet20 --tasks tasks --examples examples)
look=(python3 -B "$tests/page_test.py" '{url}/' --axe "$SUBMASK_CLIENTS/axe_core_python/axe.min.js" --triton-python python3
  --task a --task b)
expect_exit 0 "${serve[@]}" -- "${look[@]}"
expect_line '^teach: good'
expect_line '^axe: '

printf '%s read\n%s admin\n' "$(printf reader | sha256sum | cut -d' ' -f1)" "$(printf root | sha256sum | cut -d' ' -f1)" >keys
expect_exit 0 "${serve[@]}" --keys keys -- "${look[@]}" --key reader --admin-key root
expect_line '^save: '

# Five trousers and five bags of Fashion-MNIST, dropped on the page, teach a task that knows the others.
expect_exit 0 "${serve[@]}" -- python3 -B "$tests/teach_fashion.py" '{url}/' "$submask" /usr/share/datasets/fashion-mnist
expect_line 'of 200 right'
