#!/usr/bin/env bash
# Labelling images, by one task and by several.
. "$(dirname "$0")/harness.sh" "$@"

images=$golden/data/images
predict=(predict "${backbone[@]}" --threads 1 --workers 1 --task "$fixture/fashion.task")

# The likeliest class of rgb.png, and with what probability.
answer() { grep -oE 'rgb\.png","predictions":[^}]*\}' "$1" | sed 's/.*"classes"://'; }

expect_exit 0 "$submask" "${predict[@]}" "$images/rgb.png" "$images/grey.jpg" "$images/lossy.webp" --top 3 --json
expect_json backbone images predictions bad_images
expect_equal "$(grep -o '"image":' "$printed" | wc -l)" 3
expect_equal "$(grep -o '"label":' "$printed" | wc -l)" 9
cp "$printed" three.json

# The answer for an image does not depend on what stands beside it, nor on the number of threads that read.
expect_exit 0 "$submask" "${predict[@]}" "$images/rgb.png" --top 1 --json --workers 0
expect_equal "$(answer "$printed" | grep -o '"label":"[^"]*"')" "$(answer three.json | grep -o '"label":"[^"]*"')"

expect_exit 0 "$submask" "${predict[@]}" "$images/rgb.png" --top 100
expect_line "^$images/rgb.png\$"
expect_line "^  $fixture/fashion.task:  .* [01]\.[0-9]{4}"
expect_line 'Ankle boot'

# How images are prepared is the task's, unless it is told.
probability() { grep -oE '"probability":[0-9.e-]+' "$printed" | head -1; }
expect_exit 0 "$submask" "${predict[@]}" "$images/rgb.png" --top 1 --json
own=$(probability)
expect_exit 0 "$submask" "${predict[@]}" "$images/rgb.png" --top 1 --json --resize shortest
expect_equal "$(probability)" "$own"
expect_exit 0 "$submask" "${predict[@]}" "$images/rgb.png" --top 1 --json --resize squash --interpolation bilinear
[ "$(probability)" != "$own" ] || fail "expected another answer for another preparation"

# An image that does not decode is named; with --skip-bad-images it is counted and left out.
head -c 300 "$images/rgb444.jpg" >cut.jpg
echo 'no image' >words.png
expect_refusal 3 'words\.png' "$submask" "${predict[@]}" "$images/rgb.png" words.png
expect_refusal 3 'cut\.jpg' "$submask" "${predict[@]}" cut.jpg "$images/rgb.png"
expect_refusal 4 'missing\.png' "$submask" "${predict[@]}" missing.png --skip-bad-images
expect_exit 0 "$submask" "${predict[@]}" words.png "$images/rgb.png" cut.jpg --skip-bad-images --json
expect_json images bad_images
expect_line '"bad_images":\["cut\.jpg","words\.png"\]'
expect_line '^skipped words\.png'
[ -n "$(answer "$printed")" ] || fail "expected an answer for rgb.png"
expect_refusal 3 'words\.png' "$submask" "${predict[@]}" words.png --skip-bad-images

# Without a task the backbone's own classifier answers, by the names of a file or by numbers.
plain=(predict "${backbone[@]}" --threads 1 --workers 1 "$images/rgb.png")
expect_exit 0 "$submask" "${plain[@]}" --top 1
expect_line '^  resnet20:  [0-9] [01]\.[0-9]{4}'
seq -f 'class-%g' 0 9 >names.txt
expect_exit 0 "$submask" "${plain[@]}" --top 1 --classes names.txt
expect_line '^  resnet20:  class-[0-9] '
seq 9 >nine.txt
expect_refusal 3 'expected 10 class names, one a line, got 9, in nine.txt' "$submask" "${plain[@]}" --classes nine.txt
expect_refusal 4 'none.txt' "$submask" "${plain[@]}" --classes none.txt
