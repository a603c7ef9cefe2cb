#!/usr/bin/env bash
# A look at data: stats, verify, show; labels chosen by name and by number; the pixel limit.
. "$(dirname "$0")/harness.sh" "$@"

class_folders images

# The digest of a result says which images were learned from.
digest_of() {
  expect_exit 0 "$submask" datasets stats "${data[1]}" --sample 1 --json "$@"
  json_key "$printed" data_digest
}
whole=$(digest_of)
sneakers=$(digest_of --labels 'classes:Sneaker,Ankle boot')
printf '%s\n' '# the sneakers and boots of the first half' 7 9 '' 17 '19 # the last' >indices.txt
numbered=$(digest_of --labels file:indices.txt)
expect_equal "$(printf '%s\n' "$whole" "$sneakers" "$numbered" | sort -u | wc -l)" 3 "digests"
expect_equal "$(json_key "$printed" train_images)" 4
for labels in '' 'classes:Sneaker,Ankle boot' file:indices.txt; do
  wanted=$(digest_of --labels "$labels")
  expect_exit 0 "$submask" "${learn[@]}" --method lp --labels "$labels" --out labels.task --json
  expect_equal "$(json_key "$printed" data_digest)" "$wanted" "of train --labels $labels"
  expect_exit 0 "$submask" evaluate "${backbone[@]}" "${data[@]}" "${small[@]}" --method knn --k 1 \
    --labels "$labels" --json
  expect_equal "$(json_key "$printed" data_digest)" "$wanted" "of evaluate --labels $labels"
done
# The head keeps every class of the data.
expect_exit 0 "$submask" inspect labels.task --json
expect_line '"classes":\["T-shirt/top",.*"Ankle boot"\]'

refuse_labels() { expect_refusal "$1" "$2" "$submask" "${learn[@]}" --labels "$3" --out x.task; }
refuse_labels 2 "got 'sneeker' \(nearest: Sneaker\), 'Boots', 'x'" 'classes:sneeker,Bag,Boots,x'
refuse_labels 2 'class names' 'classes:'
refuse_labels 2 'double quotes' 'classes:"Bag'
printf '3\n40\n3\nsix\n' >bad.txt
refuse_labels 3 "0 to 39 .* line 2: 40, line 3: 3, as in line 1, line 4: 'six', in bad\.txt" file:bad.txt
: >empty.txt
refuse_labels 3 'got none, in empty\.txt' file:empty.txt
refuse_labels 4 'missing\.txt' file:missing.txt

# stats: the same whatever the threads; images that do not decode are listed, not counted.
expect_exit 0 "$submask" datasets stats "${data[1]}" --json --workers 1
expect_json data data_digest train_images test_images classes decoded mean std smallest_class class_ratio
expect_line '"smallest_image":\[8,8\],"median_image":\[8,8\],"largest_image":\[8,8\]'
cp "$printed" one
expect_exit 0 "$submask" datasets stats "${data[1]}" --json --workers 3
expect_same_files one "$printed"
expect_exit 0 "$submask" datasets stats folder:images
expect_line '^decoded +6$'
expect_line '^smallest_image +24 x 17$'
expect_line '^mean +0\.[0-9]{4} 0\.[0-9]{4} 0\.[0-9]{4}$'
expect_line '^colour +3 +1$'
expect_exit 0 "$submask" datasets stats folder:images --labels classes:grey --json
expect_equal "$(json_key "$printed" smallest_class_images) $(json_key "$printed" largest_class)" "0 grey"
expect_equal "$(json_key "$printed" class_ratio)" ""

# verify
expect_exit 0 "$submask" datasets verify folder:images --json
expect_json data data_digest train_images test_images classes unreadable whole expected
expect_equal "$(json_key "$printed" whole) $(json_key "$printed" classes)" "true 2"
expect_exit 0 "$submask" datasets verify folder:images
expect_line '^whole +true$'
expect_exit 3 "$submask" datasets verify "${data[1]}" --json
expect_line '"differences":\["60000 training images, got 40","10000 test images, got 20"\]'
expect_line '^submask: expected a whole data set, got 2 difference\(s\)'
cp -r images damaged
head -c 300 damaged/train/colour/rgb444.jpg >damaged/train/colour/cut.jpg
: >damaged/test/grey/empty.png
echo 'no image' >damaged/test/colour/text.png
cp damaged/train/grey/grey.png damaged/test/grey/again.png
expect_exit 3 "$submask" datasets verify folder:damaged --json
expect_equal "$(json_key "$printed" whole)" false
for name in train/colour/cut.jpg test/grey/empty.png test/colour/text.png; do
  expect_line "\"name\":\"damaged/$name\",\"reason\":\"expected .* in damaged/$name\""
done
expect_line '"name":"damaged/test/grey/again.png","first":"damaged/train/grey/grey.png","test_of_train":true'
expect_line '^submask: expected a whole data set, got 3 image\(s\) that do not decode, in folder:damaged$'
expect_exit 3 "$submask" datasets verify folder:damaged
expect_line '^  expected .*, got an empty file, in damaged/test/grey/empty\.png$'
expect_exit 0 "$submask" datasets stats folder:damaged
expect_line '^decoded +6$'
expect_line '^images that do not decode:$'
expect_refusal 4 missing "$submask" datasets verify folder:missing

# The header of a PNG of 50,000 x 50,000 pixels.
printf '\211\120\116\107\015\012\032\012\0\0\0\015\111\110\104\122\0\0\303\120\0\0\303\120\010\002\0\0\0\304\315\252\235\0\0\020\0IDAT' \
  >bomb.png
cp -r images bombed
cp bomb.png bombed/train/colour/bomb.png
limit_hint='1 to 100000000 pixels \(--pixel-limit changes that\), got 50000 x 50000, in'
expect_refusal 3 "$limit_hint bombed/train/colour/bomb\.png" \
  "$submask" "${learn[@]}" --method lp --data folder:bombed --out x.task
expect_exit 3 "$submask" datasets verify folder:bombed
expect_line "$limit_hint bombed"
expect_refusal 3 "$limit_hint bomb\.png" "$submask" predict --task "$fixture/fashion.task" "${backbone[@]}" bomb.png
expect_refusal 3 '1 to 100 pixels .*24 x 17' "$submask" predict --task "$fixture/fashion.task" "${backbone[@]}" \
  images/train/colour/rgb.png --pixel-limit 100
expect_exit 0 "$submask" datasets verify folder:images --pixel-limit 408
expect_exit 3 "$submask" datasets verify folder:images --pixel-limit 407
# In shards, too.
mkdir shard
for i in 0 1; do cp images/train/colour/rgb.png shard/$i.png && echo $i >shard/$i.cls; done
(cd shard && tar -cf ../shard.tar 0.png 0.cls 1.png 1.cls)
expect_exit 0 "$submask" datasets verify tar:shard.tar,shard.tar
expect_exit 3 "$submask" datasets verify tar:shard.tar,shard.tar --pixel-limit 407 --json
expect_line '"name":"[^"]*shard.tar/0.png","reason":"expected an image of 1 to 407 pixels'

# show: the same bytes from the same seed.
show=("$submask" datasets show folder:images --input-size 32)
expect_exit 0 "${show[@]}" --recipe paper-supervised --out a.png --json
expect_json data data_digest part recipe images crops_an_image seed out
expect_equal "$(json_key "$printed" images) $(json_key "$printed" crops_an_image)" "6 1"
expect_exit 0 "${show[@]}" --recipe paper-supervised --out b.png
expect_same_files a.png b.png
expect_exit 0 "${show[@]}" --recipe paper-supervised --out b.png --seed 1
expect_other_files a.png b.png
expect_exit 0 "${show[@]}" --recipe paper-ssl --count 2 --out b.png --json
expect_equal "$(json_key "$printed" images) $(json_key "$printed" crops_an_image)" "2 8"
expect_exit 0 "${show[@]}" --crop count=3,size=16,crop=random --crop count=1,flip=0 --split test --out b.png --json
expect_equal "$(json_key "$printed" images) $(json_key "$printed" crops_an_image)" "2 4"
expect_exit 0 "$submask" datasets show "${data[1]}" --backbone resnet20 --out b.png --json
expect_equal "$(json_key "$printed" input_size) $(json_key "$printed" images)" "32 32"
expect_exit 0 "$submask" datasets show folder:damaged --input-size 32 --out b.png --json
expect_line 'skipped damaged/train/colour/cut\.jpg'
expect_equal "$(json_key "$printed" images)" 6
expect_exit 0 "$submask" datasets show folder:damaged --input-size 32 --split test --count 1000 --out b.png --json
expect_equal "$(json_key "$printed" images)" 3
for words in "--recipe bogus" "--split validation" "--count 0" "--crop nonsense=1" "--crop size=-3" "--backbone bogus"; do
  # shellcheck disable=SC2086
  expect_refusal 2 . "${show[@]}" --out x.png $words
done
expect_refusal 2 'out' "${show[@]}"
expect_refusal 4 . "${show[@]}" --out bomb.png/x.png
