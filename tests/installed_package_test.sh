#!/usr/bin/env bash
# Installs the build, moves what is installed, and uses it there: the program names no folder of this machine, a program
# is compiled by pkg-config's flags, the examples are built by CMake and run: predict on a task that the installed
# program learned, grid on the data that the program has. Usage: installed_package_test.sh BUILD LIBTORCH
set -euo pipefail
build=$1 libtorch=$2
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

cmake --install "$build" --prefix "$place/first" >"$place/install.log"
prefix=$place/prefix
mv "$place/first" "$prefix"
submask() { LD_LIBRARY_PATH=$libtorch/lib "$prefix/bin/submask" "$@"; }
submask --version
rpath=$(readelf -d "$prefix/bin/submask" | sed -nE 's/.*\((RPATH|RUNPATH)\).*\[(.*)\]$/\2/p')
expected=$(sed -n 's/^SUBMASK_INSTALL_RPATH:STRING=//p' "$build/CMakeCache.txt" | tr ';' ':')
[ "$rpath" = "$expected" ] || { echo "expected the RPATH $expected, got $rpath"; exit 1; }
! readelf -d "$prefix/bin/submask" | grep -F -e "$libtorch" -e "$build" || { echo "expected no folder of this machine"; exit 1; }

# LibTorch has no pkg-config file, so its flags follow; its wheel's CUDA libraries lie beside it.
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name submask_core.pc)")
export PKG_CONFIG_PATH
pkg-config --print-errors --exists submask
read -ra core <<<"$(pkg-config --cflags --libs submask_core)"
torch=("-I$libtorch/include" "-I$libtorch/include/torch/csrc/api/include" "-L$libtorch/lib" -ltorch_cpu -lc10 -fopenmp)
for folder in "$libtorch"/../nvidia/*/lib; do [ ! -d "$folder" ] || torch+=("-Wl,-rpath-link,$folder"); done
g++ -std=c++20 "$source_dir/tests/pkg_config_program.cpp" -o "$place/program" "${core[@]}" "${torch[@]}"
LD_LIBRARY_PATH=$libtorch/lib "$place/program" | grep -E ': [1-9][0-9]* backbones$'

for example in predict grid; do
  cmake -S "$source_dir/examples/$example" -B "$place/$example" -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="$prefix" -DSUBMASK_LIBTORCH="$libtorch"
  cmake --build "$place/$example"
done

data=/usr/share/datasets/fashion-mnist
if [ ! -d "$data" ] || [ ! -e "$prefix/share/submask/resnet20.safetensors" ]; then
  echo "built, but not run: no $data (Debian package dataset-fashion-mnist) or no embedded weights"
  exit 77
fi
export SUBMASK_ASSETS=$prefix/share/submask
submask train --backbone resnet20 --data fashion-mnist --train-limit 128 --test-limit 64 --epochs 1 --quiet \
  --out "$place/fashion.task" --threads 1
submask datasets extract fashion-mnist --count 1 --out "$place/images" --quiet >/dev/null
image=$(echo "$place"/images/*.png)
label=$("$place/predict/label_image" "$place/fashion.task" "$image")
echo "label_image says: $label"
# The program and the library agree.
submask predict --task "$place/fashion.task" --top 1 --quiet "$image" | grep -F ":  $label "

# Four cells, each run once: again nothing is left to do and the results are the same.
mkdir "$place/small"
"$place/grid/small_grid" "$place/small" | tee "$place/first"
[ "$(grep -c '^cell [0-3]: {' "$place/first")" = 4 ]
grep -Fx "4 runs, in $place/small/results.sqlite" "$place/first"
"$place/grid/small_grid" "$place/small" | diff "$place/first" -
submask report "$place/small/results.sqlite" | grep -F "| fft "
