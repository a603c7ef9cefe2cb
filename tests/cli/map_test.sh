#!/usr/bin/env bash
# Test images by their features in two dimensions, frozen and under tasks and cascades.
. "$(dirname "$0")/harness.sh" "$@"

command -v gnuplot >/dev/null || skip "no gnuplot (Debian's gnuplot-nox)"
idx_dataset wide 64 40
wide=("${backbone[@]}" --data fashion-mnist:wide)
expect_exit 0 "$submask" cascade "${wide[@]}" "${small[@]}" --epochs 1 --rate 500 --hidden-mlp 16 --nmb-prototypes 10 \
  --queue-length 16 --experts 2 --crop "count=2,size=16,crop=random,scale-min=.3" --out wide.cascade

draw=(map "${wide[@]}" "${small[@]}")
expect_exit 0 "$submask" "${draw[@]}" "$fixture/fashion.task" wide.cascade --iterations 300 --out map.svg --json
expect_json method backbone weights_identity data data_digest seed n maps perplexity out seconds commit
expect_equal "$(json_key "$printed" n)" 40
expect_line '"maps":\["frozen resnet20","fashion.task","wide.cascade, unconditional"\]'
for title in 'frozen resnet20' 'fashion.task' 'wide.cascade, unconditional' 'Bag'; do
  grep -qF "$title" map.svg || fail "expected '$title' in the picture"
done
expect_exit 0 "$submask" "${draw[@]}" "$fixture/fashion.task" wide.cascade --iterations 300 --out again.svg
expect_same_files map.svg again.svg
expect_exit 0 "$submask" "${draw[@]}" --by pca --out pca.pdf
head -c 5 pca.pdf | grep -q '%PDF-' || fail "expected a PDF"
expect_exit 0 "$submask" "${draw[@]}" wide.cascade --cascade conditional --by pca --out conditional.png --json
expect_line '"maps":\["frozen resnet20","wide.cascade, conditional"\]'

rm ./*.svg
expect_refusal 2 'expected at least 5 features, got 3' "$submask" "${draw[@]}" --test-limit 3 --out x.svg
expect_refusal 2 "expected a picture named .svg, .png or .pdf, got '.gif'" "$submask" "${draw[@]}" --by pca --out x.gif
expect_refusal 4 'missing.task' "$submask" "${draw[@]}" missing.task --out x.svg
expect_refusal 2 . "$submask" map --backbone resnet20 --weights "$fixture/other.safetensors" --data fashion-mnist:wide \
  "${small[@]}" "$fixture/fashion.task" --out x.svg
