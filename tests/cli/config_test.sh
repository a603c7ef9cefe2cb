#!/usr/bin/env bash
# --config FILE.toml stands for options; the command line wins.
. "$(dirname "$0")/harness.sh" "$@"

cat >run.toml <<'TOML'
method = "fs"
seed = 3
rate = 20.5
flip = false
accumulate = 2
recipe = "one-rate"
criterion = "topk"
keep = 0.8
mask-only = ["layer1.*", "layer3.*"]
skip-bad-images = true
TOML
by_options=(--seed 3 --recipe one-rate --rate 20.5 --flip false --accumulate 2 --criterion topk --keep 0.8 --skip-bad-images)
layers=(--mask-only 'layer1.*' --mask-only 'layer3.*')

expect_exit 0 "$submask" "${learn[@]}" "${by_options[@]}" "${layers[@]}" --out options.task
expect_exit 0 "$submask" "${learn[@]}" --config run.toml --out config.task
expect_same_files options.task config.task

# An option given twice counts once, a list too; the place of --config does not matter.
expect_exit 0 "$submask" "${learn[@]}" "${by_options[@]}" --seed 4 --mask-only 'layer2.*' --out options.task
expect_exit 0 "$submask" --config=run.toml "${learn[@]}" --seed 4 --mask-only 'layer2.*' --out config.task
expect_same_files options.task config.task
expect_exit 0 "$submask" inspect config.task --json
expect_no_line 'layer[13]\..*weight'

# Of two files the later one wins.
mkfifo pipe.toml
cat run.toml >pipe.toml &
expect_exit 0 "$submask" "${learn[@]}" --config pipe.toml --out piped.task
expect_exit 0 "$submask" "${learn[@]}" --config run.toml --out config.task
expect_same_files piped.task config.task

echo 'seed = 4' >seed.toml
expect_exit 0 "$submask" "${learn[@]}" --config run.toml --config seed.toml --mask-only 'layer2.*' --out config.task
expect_same_files options.task config.task

echo 'progressive = [0.0, 0.5]' >pair.toml
expect_exit 0 "$submask" "${learn[@]}" --progressive 0 0.5 --out options.task
expect_exit 0 "$submask" "${learn[@]}" --config pair.toml --out config.task
expect_same_files options.task config.task

# Other commands take it as well.
printf 'top = 2\ntask = ["%s"]\nthreads = 1\njson = true\n' "$fixture/fashion.task" >predict.toml
expect_exit 0 "$submask" predict "${backbone[@]}" --config predict.toml "$golden/data/images/rgb.png"
expect_equal "$(grep -o '"label":' "$printed" | wc -l)" 2

# Of a command of two words too.
echo 'count = 4' >show.toml
expect_exit 0 "$submask" datasets show fashion-mnist --config show.toml --out four.png --json
expect_equal "$(json_key "$printed" images)" 4

# refuse CODE PATTERN TOML
refuse() {
  printf '%s\n' "$3" >bad.toml
  expect_refusal "$1" "$2" "$submask" "${learn[@]}" --config bad.toml --out x.task
}
# Every error that a key causes ends with its line, also one that shows where the run begins.
refuse 2 '\(epochs[?].*got epoch, in bad\.toml, line 1$' 'epoch = 1'
refuse 3 'one value for epochs, got a list of 2, in bad\.toml, line 1$' 'epochs = [1, 2]'
refuse 3 'one value for epochs, got a list of 0, in bad\.toml, line 1$' 'epochs = []'
refuse 2 'criterion.*got bogus, in bad\.toml, line 2$' $'\ncriterion = "bogus"'
refuse 2 'rate.*got fast, in bad\.toml, line 1$' 'rate = "fast"'
refuse 2 'json.*maybe.*in bad\.toml, line 1$' 'json = "maybe"'
refuse 2 'expected an option.*in bad\.toml, line 1$' '"" = 1'
refuse 2 '\(rate[?].*got --rate, in bad\.toml, line 1$' '--rate = 3'
refuse 2 'expected a recipe.*got 3, in bad\.toml, line 2$' $'seed = 1\nrecipe = 3'
refuse 2 'expected a --warmup within the 1 epochs, got 5, in bad\.toml, line 1$' 'warmup = 5'
refuse 2 'of 0 or more and below 1 for --momentum, got 1, in bad\.toml, line 1$' 'momentum = 1.0'
refuse 2 'at most the 40 images there are, got 1000, in bad\.toml, line 1$' 'validation = 1000'
refuse 2 "pattern of --mask-only that matches.*got '1', in bad\.toml, line 3$" $'\n\nmask-only = [1, 2]'
refuse 2 'validation set.*for --patience, got none, in bad\.toml, line 1$' 'patience = 2'
refuse 2 'device.*got tpu, in bad\.toml, line 1$' 'device = "tpu"'
refuse 2 "as size, got many, in bad\.toml, line 1$" 'crop = "size=many"'
refuse 4 'nowhere.task.*in bad\.toml, line 1$' 'from = "nowhere.task"'
refuse 3 'keys of at most 100 parts, got more, in bad\.toml, line 1$' "$(printf 'a.%.0s' $(seq 50000))a = 1"
refuse 3 'bad\.toml, line 1$' 'rate = '
refuse 3 'expected TOML.*bad\.toml, line 2$' $'epochs = 1\nrate = 1 2'
refuse 3 'section.*bad\.toml, line 1$' $'[section]\nrate = 1'
refuse 3 'seed.*bad\.toml, line 1$' 'seed = 1979-05-27'
refuse 3 'config.*bad\.toml, line 1$' 'config = "bad.toml"'
# The command line has won over the key, so the error is none of the file's.
printf 'warmup = 5\n' >bad.toml
expect_refusal 2 'warmup.*got 6$' "$submask" "${learn[@]}" --config bad.toml --warmup 6 --out x.task
# Of data and weights, which are opened when the run begins.
printf 'threads = 1\n\ndata = "folder:nowhere"\n' >bad.toml
expect_refusal 4 'nowhere.*, in bad\.toml, line 3$' "$submask" train "${backbone[@]}" --config bad.toml --out x.task
printf 'weights = "nowhere.safetensors"\nbackbone = "resnet20"\n' >bad.toml
expect_refusal 4 'nowhere.*, in bad\.toml, line 1$' "$submask" train "${data[@]}" --config bad.toml --out x.task

# What is no setting is no key: --help and --version end the program, and --worker is of `grid run` alone.
refuse 2 'expected an option.*got help, in bad\.toml, line 1$' 'help = false'
refuse 2 'expected an option.*got help, in bad\.toml, line 1$' 'help = true'
printf 'worker = true\n' >bad.toml
expect_refusal 2 'expected an option of submask grid run.*got worker, in bad\.toml, line 1$' "$submask" grid run none.toml --config bad.toml
expect_refusal 4 'missing\.toml' "$submask" "${learn[@]}" --config missing.toml --out x.task
expect_refusal 3 'folder' "$submask" "${learn[@]}" --config "$fixture" --out x.task
expect_refusal 2 'config' "$submask" "${learn[@]}" --out x.task --config
