#!/usr/bin/env bash
# Installs the build into a folder of its own, builds the examples against it and runs them: predict on a task that
# the installed program learned, grid on the data that the program has. Usage: installed_package_test.sh BUILD LIBTORCH
set -euo pipefail
build=$1 libtorch=$2
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

cmake --install "$build" --prefix "$place/prefix" >"$place/install.log"
for example in predict grid; do
  cmake -S "$source_dir/examples/$example" -B "$place/$example" -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="$place/prefix" -DSUBMASK_LIBTORCH="$libtorch"
  cmake --build "$place/$example"
done

data=/usr/share/datasets/fashion-mnist
if [ ! -d "$data" ] || [ ! -e "$place/prefix/share/submask/resnet20.safetensors" ]; then
  echo "built, but not run: no $data (Debian package dataset-fashion-mnist) or no embedded weights"
  exit 77
fi
export SUBMASK_ASSETS=$place/prefix/share/submask
submask=$place/prefix/bin/submask
"$submask" train --backbone resnet20 --data fashion-mnist --train-limit 128 --test-limit 64 --epochs 1 --quiet \
  --out "$place/fashion.task" --threads 1
"$submask" datasets extract fashion-mnist --count 1 --out "$place/images" --quiet >/dev/null
image=$(echo "$place"/images/*.png)
label=$("$place/predict/label_image" "$place/fashion.task" "$image")
echo "label_image says: $label"
# The program and the library agree.
"$submask" predict --task "$place/fashion.task" --top 1 --quiet "$image" | grep -F ":  $label "

# Four cells, each run once: again nothing is left to do and the results are the same.
mkdir "$place/small"
"$place/grid/small_grid" "$place/small" | tee "$place/first"
[ "$(grep -c '^cell [0-3]: {' "$place/first")" = 4 ]
grep -Fx "4 runs, in $place/small/results.sqlite" "$place/first"
"$place/grid/small_grid" "$place/small" | diff "$place/first" -
"$submask" report "$place/small/results.sqlite" | grep -F "| fft "
