#!/usr/bin/env bash
# --config FILE.toml stands for options; the command line wins.
. "$(dirname "$0")/harness.sh" "$@"

cat >run.toml <<'TOML'
method = "fs"
seed = 3
rate = 20.5
flip = false
accumulate = 2
criterion = "topk"
keep = 0.8
mask-only = ["layer1.*", "layer3.*"]
skip-bad-images = true
TOML
by_options=(--seed 3 --rate 20.5 --flip false --accumulate 2 --criterion topk --keep 0.8 --skip-bad-images)
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
refuse 2 'train.*--epochs[?].*--epoch, in bad\.toml' 'epoch = 1'
refuse 3 'one value for epochs, got a list of 2, in bad\.toml' 'epochs = [1, 2]'
refuse 3 'one value for epochs, got a list of 0, in bad\.toml' 'epochs = []'
refuse 2 'criterion.*got bogus, in bad\.toml' 'criterion = "bogus"'
refuse 2 'rate.*got fast, in bad\.toml' 'rate = "fast"'
refuse 2 'json.*maybe.*in bad\.toml' 'json = "maybe"'
refuse 2 'expected an option.*in bad\.toml' '"" = 1'
refuse 3 'keys of at most 100 parts, got more in line 1, in bad\.toml' "$(printf 'a.%.0s' $(seq 50000))a = 1"
refuse 3 'bad\.toml' 'rate = '
refuse 3 'expected TOML.*bad\.toml' 'rate = 1 2'
refuse 3 'section.*bad\.toml' $'[section]\nrate = 1'
refuse 3 'seed.*bad\.toml' 'seed = 1979-05-27'
refuse 3 'config.*bad\.toml' 'config = "bad.toml"'
expect_refusal 4 'missing\.toml' "$submask" "${learn[@]}" --config missing.toml --out x.task
expect_refusal 3 'folder' "$submask" "${learn[@]}" --config "$fixture" --out x.task
expect_refusal 2 'config' "$submask" "${learn[@]}" --out x.task --config
