#!/usr/bin/env bash
# Installs the build into a folder of its own, builds examples/predict against it and runs it on a task that the
# installed program learned. Usage: installed_package_test.sh BUILD LIBTORCH
set -euo pipefail
build=$1 libtorch=$2
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

cmake --install "$build" --prefix "$place/prefix" >"$place/install.log"
cmake -S "$source_dir/examples/predict" -B "$place/build" -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_PREFIX_PATH="$place/prefix" -DSUBMASK_LIBTORCH="$libtorch"
cmake --build "$place/build"

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
label=$("$place/build/label_image" "$place/fashion.task" "$image")
echo "label_image says: $label"
# The program and the library agree.
"$submask" predict --task "$place/fashion.task" --top 1 --quiet "$image" | grep -F ":  $label "
