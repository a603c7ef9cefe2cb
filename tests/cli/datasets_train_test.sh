#!/usr/bin/env bash
# Every data set of the list trains for an epoch from a small tree in its own layout, of real images.
. "$(dirname "$0")/harness.sh" "$@"

fashion=/usr/share/datasets/fashion-mnist
[ -e $fashion/t10k-images-idx3-ubyte.gz ] || skip "no $fashion (Debian's dataset-fashion-mnist)"

# learns CLASSES TEST_IMAGES SPEC [OPTION...]
trained=""
learns() {
  local classes=$1 tested=$2 spec=$3 listed
  shift 3
  expect_exit 0 "$submask" train "${backbone[@]}" "${small[@]}" --method fs --epochs 1 --data "$spec" "$@" \
    --out learned.task --json
  expect_json accuracy mean_class_accuracy masked_fraction data_digest
  expect_equal "$(json_key "$printed" data)" "$spec"
  expect_equal "$(json_key "$printed" epochs)" 1
  expect_equal "$(json_key "$printed" n)" "$tested" "test images of $spec"
  json_key "$printed" accuracy | grep -qE '^(0\.[0-9]+|1\.0)$' || fail "expected an accuracy"
  expect_exit 0 "$submask" inspect learned.task --json
  listed=$(grep -oE '"classes":\[[^]]*\]' "$printed" | grep -oE '"[^"]*"' | tail -n +2)
  expect_equal "$(wc -l <<<"$listed")" "$classes" "classes of $spec"
  rm learned.task
  trained+=" ${spec%%:*} "
}

expect_exit 0 "$submask" datasets extract fashion-mnist --count 32 --out real
pictures=(real/*.png)
taken=0
# put PATH...: the next real images under these names. Readers go by the content, a PNG, not by the ending.
put() {
  local path
  for path; do
    mkdir -p "$(dirname "$path")"
    cp "${pictures[taken++ % ${#pictures[@]}]}" "$path"
  done
}

# IDX files, of the first images of the real ones; and these themselves.
idx_head() {  # PART TO IMAGES
  {
    printf '\0\0\010\003\0\0\0%b\0\0\0\034\0\0\0\034' "$(octal "$3")"
    zcat "$fashion/$1-images-idx3-ubyte.gz" | tail -c +17 | head -c $((784 * $3))
  } >"$2-images-idx3-ubyte"
  {
    printf '\0\0\010\001\0\0\0%b' "$(octal "$3")"
    zcat "$fashion/$1-labels-idx1-ubyte.gz" | tail -c +9 | head -c "$3"
  } >"$2-labels-idx1-ubyte"
}
mkdir idx
idx_head train idx/train 40
idx_head t10k idx/t10k 12
learns 10 12 idx:idx
gzip idx/*
learns 10 12 fashion-mnist:idx
learns 10 16 fashion-mnist --train-limit 24 --test-limit 16

# CIFAR's records: one or two bytes of labels, then 3,072 pixels, real ones of several images.
zcat $fashion/train-images-idx3-ubyte.gz | tail -c +17 | head -c $((3072 * 20)) >pixels
records() {  # LABEL_BYTES FIRST LAST
  local n
  for ((n = $2; n <= $3; ++n)); do
    [ "$1" = 1 ] || printf '\003'
    printf '%b' "$(octal $((n % 10)))"
    tail -c +$((1 + 3072 * n)) pixels | head -c 3072
  done
}
mkdir -p cifar/cifar-10-batches-bin cifar/cifar-100-binary
for batch in 1 2 3 4 5; do
  records 1 $((3 * batch - 3)) $((3 * batch - 1)) >cifar/cifar-10-batches-bin/data_batch_$batch.bin
done
records 1 15 19 >cifar/cifar-10-batches-bin/test_batch.bin
records 2 0 14 >cifar/cifar-100-binary/train.bin
records 2 15 19 >cifar/cifar-100-binary/test.bin
learns 10 5 cifar10:cifar
learns 100 5 cifar100:cifar

cp -r "$golden/data/svhn" .
learns 10 2 svhn:svhn
put digits/{train/{0,1,2}/{a,b,c},test/{0,1,2}/d}.png
learns 3 3 svhn:digits

put resisc/NWPU-RESISC45/{airport,beach,bridge}/{a,b,c,d,e}.jpg
learns 3 3 resisc45:resisc

# CLEVR: as many objects as the digit before the point, in a scene of its own each.
clevr_scenes() {  # PART OBJECTS...
  local part=$1 scenes="" objects file
  shift
  for objects; do
    file=CLEVR_${part}_00000$objects.png
    put "clevr/CLEVR_v1.0/images/$part/$file"
    scenes+=",{\"image_filename\":\"$file\",\"objects\":[{}$(printf ',{}%.0s' $(seq 2 "$objects"))]}"
  done
  mkdir -p clevr/CLEVR_v1.0/scenes
  printf '{"info":{"split":"%s"},"scenes":[%s]}' "$part" "${scenes:1}" \
    >"clevr/CLEVR_v1.0/scenes/CLEVR_${part}_scenes.json"
}
clevr_scenes train 3 4 5 6 7 8 9
clevr_scenes val 3 5 8
learns 8 3 clevr_count:clevr

# coop_set FOLDER SPLIT PATH CLASS...: PATH, from the split file's folder, has %c and %n for class and number;
# what stands before its // is not written in the split file.
coop_set() {
  local folder=$1 split=$2 path=$3 listed="{" separator="" part first last label class number file
  shift 3
  while read -r part first last; do
    listed+="$separator\"$part\":[" separator="" label=0
    for class; do
      for ((number = first; number < last; ++number)); do
        file=${path//%c/$class} && file=${file//%n/$label$number}
        put "coop/$folder/$file"
        listed+="${separator}[\"${file#*//}\",$label,\"${class,,}\"]" separator=,
      done
      label=$((label + 1))
    done
    listed+="]" separator=,
  done <<<$'train 0 4\nval 4 5\ntest 5 7'
  echo "$listed}" >"coop/$folder/split_zhou_$split.json"
}
coop_set dtd DescribableTextures images//%c/%c_%n.jpg banded dotted
coop_set eurosat EuroSAT 2750//%c/%c_%n.jpg AnnualCrop Forest River
coop_set oxford_flowers OxfordFlowers jpg//image_%n.jpg rose 'water lily'
coop_set food-101 Food101 images//%c/%n.jpg apple_pie baklava
coop_set oxford_pets OxfordPets images//%c_%n.jpg Abyssinian beagle
coop_set sun397 SUN397 SUN397//a/%c/sun_%n.jpg abbey alley attic
coop_set ucf101 UCF101 UCF-101-midframes//%c/v_%c_g%n_c01.jpg Apply_Eye_Makeup Archery
for name in dtd flowers food101 oxfordpets ucf101; do learns 2 4 $name:coop; done
for name in eurosat sun397; do learns 3 6 $name:coop; done
learns 2 4 coop:dtd:coop/dtd

# iNatLoc500: a line an image, in lists of their own.
mkdir -p inat/metadata/{train,test}
printf '%s\n' 'Abies alba,0' 'Bufo bufo,1' >inat/metadata/class_names.txt
put inat/{train/{00001_Abies,00002_Bufo}/{a,b,c},test/{Plantae/00001_Abies,Amphibia/00002_Bufo}/d}.jpg
for part in train test; do
  (cd inat && find $part -name '*.jpg' | sort | sed 's/.*Abies.*/&,0/; s/.*Bufo.*/&,1/') \
    >inat/metadata/$part/class_labels.txt
done
learns 2 2 inatloc500:inat

put folder/{train/{bag,boot,coat}/{a,b,c},test/{bag,boot,coat}/d}.png
learns 3 3 folder:folder
{
  echo path,label,split
  (cd folder && find . -name '*.png' | sort | sed -E 's|^\./([a-z]+)/([a-z]+)/.*|&,\2,\1|')
} >folder/list.csv
learns 3 3 csv:folder/list.csv

# Shards, plain and compressed.
for key in {0..8}; do
  put "shard/000$key.png"
  echo $((key % 3)) >"shard/000$key.cls"
done
tar -C shard --sort=name -cf train-0.tar 000{0,1,2,3,4,5}.{cls,png}
tar -C shard --sort=name -cf test.tar 000{6,7,8}.{cls,png}
learns 3 3 tar:train-0.tar,test.tar
gzip -k train-0.tar
learns 3 3 tar:train-0.tar.gz,test.tar
if command -v zstd >/dev/null; then
  zstd -q train-0.tar
  learns 3 3 tar:train-0.tar.zst,test.tar
fi

# None is left out.
expect_exit 0 "$submask" datasets --json
names=$(grep -oE '"spec":"[a-z0-9_-]+' "$printed" | cut -d'"' -f4)
[ "$(wc -l <<<"$names")" -ge 19 ] || fail "expected the list of data sets"
for name in $names; do
  [[ $trained = *" $name "* ]] || fail "no training on $name"
done
