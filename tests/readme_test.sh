#!/usr/bin/env bash
# Runs every command that the README and the pages which go on from it show (the ```sh blocks) in one empty folder, on few
# images and one epoch, and checks that the program it prints is examples/predict. Usage: readme_test.sh SUBMASK
set -euo pipefail
program=$1
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

pages=("$source_dir"/{README,docs/learn,docs/without_labels,docs/ship,docs/training_log,docs/grids}.md)
block() { awk -v kind="$1" '$0 == "```" kind { inside = 1; next } $0 == "```" { inside = 0 } inside' "${@:2}"; }

diff <(block cpp "${pages[@]}") "$source_dir/examples/predict/label_image.cpp" ||
  { echo "the README's program differs from examples/predict/label_image.cpp"; exit 1; }

if [ ! -d /usr/share/datasets/fashion-mnist ] || [ ! -e "$source_dir/assets/resnet20.safetensors" ]; then
  echo "skipped: no /usr/share/datasets/fashion-mnist (Debian package dataset-fashion-mnist) or no embedded weights"
  exit 77
fi

cd "$place"
block toml "$source_dir/docs/learn.md" >tasks.toml
# The page's grid over one network, two seeds and few images.
awk '$0 == "```toml" { inside = 1; next } $0 == "```" { if (inside) exit } inside' "$source_dir/docs/grids.md" |
  sed -E '/^\[model.lite\]/,/^$/d; s/^epochs = .*/epochs = 1/; s/^train-limit = .*/train-limit = 256\ntest-limit = 32/; s/^seed = .*/seed = [0, 1]/' >grid.toml
"$program" datasets extract fashion-mnist --count 40 --out pool --quiet >/dev/null
for split in train test; do
  for class in Bag Sneaker; do
    mkdir -p "photos/$split/$class"
    cp pool/"$class"-*.png "photos/$split/$class/"
  done
done

# docs/learn.md trains a checkpoint last, and uses one of that name before.
cp "$source_dir/assets/resnet20.safetensors" my_resnet20.safetensors
cp "$source_dir/tests/golden/backbone/torchscript/scripted.pt" my_network.pt
count=0
while read -r line; do
  case $line in
    "submask "*) command="\"$program\" ${line#submask }" ;;
    "openssl "*) command=$line ;;
    "tensorboard "*) echo "not run: $line: another project's program, that serves until it is stopped"; continue ;;
    *) echo "expected a line that begins with submask or openssl, got: $line"; exit 1 ;;
  esac
  case $line in
    *"--tasks "*) sed -i 's/^epochs.*/epochs = 1\n"train-limit" = 64\n"test-limit" = 32\nthreads = 1/' tasks.toml ;;
    *"--method ssl-"*) command=$(sed -E 's/--epochs [0-9]+//' <<<"$command")
      command+=" --epochs 1 --train-limit 2000 --test-limit 500" ;;
    "submask fit"*) command+=" --train-limit 2000 --test-limit 500" ;;
    "submask cascade"*)
      command=$(sed -E 's/--epochs [0-9]+//' <<<"$command")
      command+=" --epochs 1 --train-limit 256 --test-limit 64 --batch-size 16 --threads 1" ;;
    "submask low-labels"*)
      command=$(sed -E 's/--epochs [0-9]+//' <<<"$command")
      command+=" --epochs 1 --train-limit 128 --test-limit 32 --threads 1 --seeds 1 --most-epochs 5" ;;
    "submask train"* | "submask pretrain"*)
      command=$(sed -E 's/--epochs [0-9]+//' <<<"$command")
      command+=" --epochs 1 --train-limit 64 --test-limit 32 --threads 1" ;;
    *clothes.task*--method*) command+=" --train-limit 2000 --test-limit 500" ;;
    "submask map"*) command+=" --test-limit 64 --iterations 300 --threads 1" ;;
    "submask evaluate"* | "submask merge"* | "submask pack"*--data*) command+=" --train-limit 256 --test-limit 64 --threads 1" ;;
  esac
  echo "+ $line"
  eval "$command" >out.log 2>&1 || { cat out.log; echo "failed: $line"; exit 1; }
  count=$((count + 1))
done < <(block sh "${pages[@]}")
echo "$count commands of the README and its pages ran"
[ "$count" -ge 45 ]
