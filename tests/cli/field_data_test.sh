#!/usr/bin/env bash
# Data as it is in the field: what is passed over is told, damage is told, classes are numbered as asked.
. "$(dirname "$0")/harness.sh" "$@"

rare=$golden/data/rare_images
for part in train test val; do
  for class in 1 2 10; do
    mkdir -p photos/$part/$class/more
    cp "$rare/24.bmp" photos/$part/$class
    cp "$rare/raw.tif" photos/$part/$class/more
    cp "$golden/data/images/orientation6.jpg" photos/$part/$class
  done
done
learn=(train "${backbone[@]}" --threads 1 --workers 1 --batch-size 4 --method lp --json)

# A whole set, but for a validation part that nothing was told of.
expect_exit 3 "$submask" datasets verify folder:photos
expect_line '^  images of a validation part \(--validation split takes them\): 9 \(val\)$'
expect_line '^classes in natural order: 1, 2, 10 \(--class-order text: as torchvision and timm sort folders\)$'
expect_exit 0 "$submask" "${learn[@]}" --data folder:photos --validation split --out a.task
expect_no_line 'passed over'
expect_equal "$(json_key "$printed" n)" 9
mv photos/val aside

# What systems leave behind makes a set no less whole; other files may be images.
touch photos/.DS_Store photos/train/1/._24.bmp photos/train/Thumbs.db
mkdir -p photos/__MACOSX/train/1
expect_exit 0 "$submask" datasets verify folder:photos --json
expect_line '"what":"files and folders that systems left behind, or hidden ones","count":4,"first":\[".DS_Store",'
touch photos/train/1/notes.txt photos/train/readme.md photos/labels.csv
expect_exit 3 "$submask" datasets verify folder:photos
expect_line '^  files of other kinds than images: 1 \(train/1/notes.txt\)$'
expect_line '^submask: expected a whole data set, got 3 file\(s\) passed over that may be images, in folder:photos$'
expect_exit 0 "$submask" datasets stats folder:photos
expect_line '^  folders and files beside the training and test parts: 1 \(labels.csv\)$'
expect_exit 0 "$submask" "${learn[@]}" --data folder:photos --out b.task
expect_line '^passed over: .*; files of other kinds than images: 1 \(train/1/notes.txt\); files outside class folders: 1 '
expect_line '"passed_over":\[\{"what":'
rm photos/train/1/notes.txt photos/train/readme.md photos/labels.csv

# A task's classes decide how those of the data are numbered.
expect_exit 0 "$submask" "${learn[@]}" --data folder:photos --class-order text --quiet --out text.task
expect_exit 0 "$submask" inspect text.task --json
expect_line '"classes":\["1","10","2"\]'
expect_exit 0 "$submask" evaluate "${backbone[@]}" --data folder:photos --task text.task --json
by_task=$(json_key "$printed" accuracy)
expect_exit 0 "$submask" evaluate "${backbone[@]}" --data folder:photos --class-order text --task text.task --json
expect_equal "$(json_key "$printed" accuracy)" "$by_task"
mv photos/train/10 photos/train/11 && mv photos/test/10 photos/test/11
expect_exit 2 "$submask" evaluate "${backbone[@]}" --data folder:photos --task text.task
expect_line "^submask: expected the task's classes in the data, got no 10; 11 too$"
printf '2\n11\n' >names.txt
expect_exit 3 "$submask" datasets stats folder:photos --class-order names.txt
expect_line '^submask: expected the data.s 3 classes, one a line, got no 1, in names.txt$'
mv photos/train/11 photos/train/10 && mv photos/test/11 photos/test/10

# EXIF's orientation is applied, unless it is to be ignored.
expect_exit 0 "$submask" datasets stats folder:photos --json
expect_line '"largest_image":\[24,17\]'
turned=$(json_key "$printed" data_digest)
expect_exit 0 "$submask" datasets stats folder:photos --exif ignore --json
expect_line '"smallest_image":\[24,17\]'
[ "$(json_key "$printed" data_digest)" != "$turned" ] || fail "expected another digest where EXIF is ignored"

# Damage is told, or refused.
cp "$rare/no_iend.png" photos/train/2
ln -s gone.jpg photos/train/2/broken.jpg
expect_exit 3 "$submask" datasets verify folder:photos
expect_line '^  photos/train/2/no_iend.png: the end of the file$'
expect_line '^  expected an image, got a link that leads nowhere, in photos/train/2/broken.jpg$'
expect_exit 0 "$submask" "${learn[@]}" --data folder:photos --skip-bad-images --out c.task
expect_line '"damaged_images":\["photos/train/2/no_iend.png"\]'
expect_line '"bad_training_images":\["photos/train/2/broken.jpg"\]'
expect_line '^1 damaged images decode all the same, the first photos/train/2/no_iend.png \(--strict-images refuses them\)$'
expect_exit 0 "$submask" "${learn[@]}" --data folder:photos --skip-bad-images --strict-images --quiet --out c.task
expect_line '"bad_training_images":\["photos/train/2/broken.jpg","photos/train/2/no_iend.png"\]'
rm photos/train/2/no_iend.png photos/train/2/broken.jpg

# A list from another system.
{
  echo 'path,label,split'
  for class in 1 2 10; do echo "train\\$class\\24.bmp,$class,train"; echo "test/$class/24.bmp,$class,test"; done
  echo 'train/1/._24.bmp,1,train'
} >photos/list.csv
expect_exit 0 "$submask" datasets verify csv:photos/list.csv
expect_line '^3 paths with backslashes were read with slashes: train\\1\\24.bmp, '
expect_line '^  listed files that systems left behind: 1 \(train/1/._24.bmp\)$'

# Where there is no test part, val/ is it.
rm -r photos/test && mv aside photos/val
expect_exit 0 "$submask" datasets stats folder:photos
expect_line '^val/ is the test part, as there is no test/$'
