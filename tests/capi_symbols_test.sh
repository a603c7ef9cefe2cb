#!/usr/bin/env bash
# libsubmask_c exports what tests/capi_symbols.txt lists, no more and no less: a function that vanishes breaks programs
# that others built, and one that is added stays.
#   tests/capi_symbols_test.sh LIBRARY
set -euo pipefail
list=$(dirname "${BASH_SOURCE[0]}")/capi_symbols.txt
diff <(nm -D --defined-only "$1" | awk '{ print $3 }' | sort) <(sort "$list") || {
  echo "expected the symbols of $list (>), got those of $1 (<)" >&2
  exit 1
}
needed=$(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -vE '^(libcrypto|libxxhash|libstdc\+\+|libgcc_s|libm|libc|ld-linux.*)\.so' || true)
[ -z "$needed" ] || { echo "expected libcrypto, libxxhash and the runtime alone, got $needed" >&2; exit 1; }
readelf -d "$1" | grep -q 'SONAME.*\[libsubmask_c.so.0\]' || { echo "expected the soname libsubmask_c.so.0" >&2; exit 1; }
