#!/usr/bin/env bash
# The Python package: its wheel, its types, and its tests (tests/python/).
# Usage: python_test.sh SUBMASK LIBSUBMASK_C BUILD wheel | types | TEST
#   wheel   builds the wheel as pip does, and runs the tests that need no torch against what it holds
#   types   mypy, for Python 3.9 and with torch's own types
#   TEST    tests/python/TEST_test.py against the build's library
# BUILD is the folder of the build, which keeps what would take long in each test anew: bytecode, mypy's cache, objects.
# SUBMASK_PYTHON_PACKAGES is a path for Python (a:b) with what python/pyproject.toml and the tests need; ./test makes it.
set -euo pipefail
program=$1 library=$2 build=$3 what=$4
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
skip() { echo "skipped: $1"; exit 77; }
[ -n "${SUBMASK_PYTHON_PACKAGES:-}" ] || skip "no SUBMASK_PYTHON_PACKAGES with numpy and torch, which ./test fetches"
# The packages' folders have no bytecode, and torch's source takes each process five seconds.
unset PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX=$build/pycache SUBMASK_PROGRAM=$program

run_tests() {  # PACKAGE_FOLDER TEST
  PYTHONPATH=$1:$source_dir/tests/python:$SUBMASK_PYTHON_PACKAGES python3 -W error::ResourceWarning -m unittest "$2"
}
has_torch() { PYTHONPATH=$SUBMASK_PYTHON_PACKAGES python3 -c 'import torch'; }

case $what in
  wheel)
    . "$source_dir/tests/c_alone.sh"
    c_alone "$build"
    place=$PWD
    cp -r "$source_dir/python" "$place/python"
    PYTHONPATH=$SUBMASK_PYTHON_PACKAGES python3 -m pip wheel --no-deps --no-build-isolation --no-cache-dir \
      --disable-pip-version-check -C "build-dir=$place/build/c" --wheel-dir "$place" "$place/python" >"$place/log" 2>&1 ||
      { cat "$place/log"; echo "failed: pip wheel"; exit 1; }
    wheel=$(echo "$place"/*.whl)
    [[ $wheel == */submask-*-py3-none-linux_*.whl ]] || { echo "expected one wheel of py3-none, got $wheel"; exit 1; }
    python3 -m zipfile -e "$wheel" "$place/site"
    [ -e "$place/site/submask/py.typed" ] || { echo "expected types in the wheel"; exit 1; }
    [ -e "$place/site/submask/LICENSE" ] || { echo "expected the licence in the wheel"; exit 1; }
    unset SUBMASK_LIBRARY
    run_tests "$place/site" task_files_test
    echo "the wheel has $(stat -c %s "$wheel") bytes"
    ;;
  types)
    cd "$source_dir/python"
    export PYTHONPATH=$SUBMASK_PYTHON_PACKAGES
    python3 -m mypy --cache-dir "$build/mypy"
    if has_torch; then python3 -m mypy --cache-dir "$build/mypy-torch" --config-file "$source_dir/tests/python/torch_types.ini"; fi
    ;;
  *)
    has_torch || skip "no torch for Python beside this LibTorch"
    SUBMASK_LIBRARY=$library run_tests "$source_dir/python" "${what}_test"
    ;;
esac
