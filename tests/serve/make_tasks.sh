# shellcheck shell=bash
# Sourced after tests/cli/harness.sh: two tasks and a cascade over the embedded resnet20, in the folder `tasks`.
idx_dataset wide 200 40
learn_served=(--backbone resnet20 --data fashion-mnist:wide "${small[@]}" --epochs 1)
mkdir tasks
for task in a b; do
  expect_exit 0 "$submask" train "${learn_served[@]}" --method fs --seed "$([ $task = a ] && echo 1 || echo 2)" \
    --score-start normal --score-mean 0.5 --score-std 0.5 --out tasks/$task.task
done
expect_exit 0 "$submask" cascade "${learn_served[@]}" --rate 500 --hidden-mlp 16 --nmb-prototypes 10 --queue-length 16 \
  --crop "count=2,size=16,crop=random,scale-min=.3" --out tasks/c.cascade
