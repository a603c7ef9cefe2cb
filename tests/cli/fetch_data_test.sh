#!/usr/bin/env bash
# Data sets from their publishers, against a server on this machine (hub_server.py) and a catalogue of what it has.
. "$(dirname "$0")/harness.sh" "$@"

mkdir -p site/org/{set,cut,drip,wrong,hostile,two}
class_folders mine
tar -czf site/org/set/mine.tar.gz mine
(cd mine && tar -cf ../site/org/set/parts.tar train test notes 2>/dev/null || true)
for server in cut drip wrong two; do cp site/org/set/mine.tar.gz site/org/$server; done
md5=$(md5sum <site/org/set/mine.tar.gz | cut -d' ' -f1)
sha=$(sha256sum <site/org/set/mine.tar.gz | cut -d' ' -f1)
bytes=$(stat -c %s site/org/set/mine.tar.gz)
idx_dataset digits 20 10
gzip -c digits/train-images-idx3-ubyte >site/org/set/train-images-idx3-ubyte.gz
cp digits/{train-labels-idx1-ubyte,t10k-images-idx3-ubyte,t10k-labels-idx1-ubyte} site/org/set

# Archives that mean harm, and what is wrong with each.
python3 - site/org/hostile <<'END' || fail "expected hostile archives"
import io, sys, tarfile, zipfile
folder = sys.argv[1]
def archive(name, *members):
    with tarfile.open(f"{folder}/{name}.tar.gz", "w:gz") as tar:
        for member, kind, content in members:
            info = tarfile.TarInfo(member)
            info.type = kind
            if kind == tarfile.REGTYPE:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
            else:
                info.linkname = content.decode()
                tar.addfile(info)
FILE, LINK, HARD, PIPE = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE
archive("up", ("mine/../../out.jpg", FILE, b"x"))
archive("root", ("/tmp/submask-out.jpg", FILE, b"x"))
archive("link", ("mine/away", LINK, b"/tmp"), ("mine/away/out.jpg", FILE, b"x"))
archive("hard", ("mine/away", HARD, b"/etc/passwd"))
archive("pipe", ("mine/pipe", PIPE, b""))
archive("twice", ("mine/a.jpg", FILE, b"x"), ("mine/a.jpg", FILE, b"y"))
archive("other", ("yours/a.jpg", FILE, b"x"))
archive("bomb", ("mine/zeros", FILE, bytes(1_300_000_000)))
with zipfile.ZipFile(f"{folder}/up.zip", "w") as packed:
    packed.writestr("mine/../../out.jpg", "x")
open(f"{folder}/text.tar.gz", "w").write("<html>Not found</html>")
END
head -c 300 site/org/set/mine.tar.gz >site/org/hostile/cut.tar.gz

python3 "$(dirname "$0")/hub_server.py" site requests.log >ports &
server=$!
trap 'kill $server' EXIT
for _ in $(seq 100); do [ -s ports ] && break || sleep 0.1; done
read -r hub_port files_port <ports
address=http://127.0.0.1:$files_port/files/org
export HF_HUB_DOWNLOAD_TIMEOUT=1
unset http_proxy https_proxy all_proxy no_proxy
requests() { grep -c "$1" requests.log || true; }

# catalog SERVER DIGEST [FILE]: one set of class folders.
catalog() {
  printf '{"mine": {"licence": "CC0", "data": "folder:mine", "files": [{"url": "%s/%s/%s", %s, "folder": "mine"}]}}' \
    "$address" "$1" "${3:-mine.tar.gz}" "$2" >catalog.json
}
fetch=("$submask" datasets fetch mine --catalog catalog.json --workers 1 --out)

# Told before the first byte, unpacked, verified; nothing else is left, and nothing is fetched again.
catalog set "\"md5\": \"$md5\""
expect_exit 0 "${fetch[@]}" out --json
expect_line "^$address/set/mine.tar.gz: $bytes bytes, MD5 $md5\$"
expect_line '^licence of mine: CC0$'
expect_json data whole licence files
expect_equal "$(json_key "$printed" whole)" true
expect_equal "$(ls -A out)" mine
diff -r mine out/mine || fail "expected the same files"
before=$(requests .)
expect_exit 0 "${fetch[@]}" out
expect_line '^nothing is fetched: mine is in out$'
expect_equal "$(requests .)" "$before"
expect_exit 0 "$submask" datasets verify folder:out/mine

# Cut connections go on, a killed fetch too; of two processes one fetches.
catalog cut "\"sha256\": \"$sha\""
expect_exit 0 "${fetch[@]}" out-cut
expect_line 'again in'
expect_equal "$(requests '^files GET /files/org/cut/mine.tar.gz bytes=[1-9]')" 1
catalog drip "\"sha256\": \"$sha\""
"${fetch[@]}" out-drip >/dev/null 2>&1 &
for _ in $(seq 100); do [ -s out-drip/.fetch-mine/mine.tar.gz.incomplete ] && break || sleep 0.05; done
kill -9 $! && wait $! 2>/dev/null
[ ! -e out-drip/mine ] || fail "expected the fetch to be killed in the middle"
expect_exit 0 "${fetch[@]}" out-drip
expect_equal "$(requests '^files GET /files/org/drip/mine.tar.gz bytes=[1-9]')" 1
expect_equal "$(ls -A out-drip)" mine
catalog two "\"sha256\": \"$sha\""
"${fetch[@]}" out-two >/dev/null 2>&1 &
expect_exit 0 "${fetch[@]}" out-two
wait $!
expect_equal "$(requests '^files GET /files/org/two/')" 1

# Other bytes than the publisher's are not kept.
catalog wrong "\"sha256\": \"$sha\""
expect_exit 3 "${fetch[@]}" out-wrong
expect_line "^submask: expected SHA-256 $sha, got SHA-256 [0-9a-f]{64}, in $address/wrong/mine.tar.gz\$"
[ -z "$(find out-wrong -name '*.tar.gz*')" ] || fail "expected no wrong bytes"
catalog gone "\"sha256\": \"$sha\""
expect_exit 4 "${fetch[@]}" out-gone
expect_line "^submask: expected a file, got (404|'.*') .*from $address/gone/mine.tar.gz"
catalog set "\"sha256\": \"$sha\""
(ulimit -f 1 && expect_exit 4 "${fetch[@]}" out-full && expect_line 'cannot write .*File too large') || exit 1

# An archive that means harm is refused, whatever its digest, and leaves nothing at its place.
hostile() {  # FILE PATTERN
  catalog hostile "\"sha256\": \"$(sha256sum <"site/org/hostile/$1" | cut -d' ' -f1)\"" "$1"
  expect_exit 3 "${fetch[@]}" "out-hostile-$1"
  expect_line "^submask: $2"
  [ ! -e "out-hostile-$1/mine" ] || fail "expected nothing at the data set's place"
  [ ! -e out.jpg ] && [ ! -e out-hostile-$1/out.jpg ] && [ ! -e /tmp/submask-out.jpg ] || fail "expected no file outside"
}
hostile up.tar.gz "expected names within the folder, got 'mine/\.\./\.\./out.jpg', in "
hostile up.zip "expected names within the folder, got 'mine/\.\./\.\./out.jpg', in "
hostile root.tar.gz "expected names within the folder, got '/tmp/submask-out.jpg', in "
hostile link.tar.gz "expected files and folders alone, got a link, 'away', in "
hostile hard.tar.gz "expected files and folders alone, got a link, 'away', in "
hostile pipe.tar.gz "expected files and folders alone, got a device, socket or pipe, 'pipe', in "
hostile twice.tar.gz "expected files and folders alone, got a name twice, 'a.jpg', in "
hostile other.tar.gz "expected the folder mine, got none, in $address/hostile/other.tar.gz"
hostile bomb.tar.gz 'expected at most [0-9]+ bytes once unpacked, got more, in '
hostile text.tar.gz 'expected a whole tar, tar.gz or zip archive, got .*, in '
hostile cut.tar.gz 'expected a whole tar, tar.gz or zip archive, got .*, in '

# Files that stay as they are; one that is there with other bytes is nobody's to replace.
file() { printf '{"url": "%s/set/%s", "sha256": "%s", "file": "%s"}' "$address" "$1" "$(sha256sum <"site/org/set/$1" | cut -d' ' -f1)" "$1"; }
printf '{"mine": {"data": "idx", "files": [%s,%s,%s,%s]}}' "$(file train-images-idx3-ubyte.gz)" "$(file train-labels-idx1-ubyte)" \
  "$(file t10k-images-idx3-ubyte)" "$(file t10k-labels-idx1-ubyte)" >catalog.json
mkdir out-idx && cp site/org/set/t10k-labels-idx1-ubyte out-idx
expect_exit 0 "${fetch[@]}" out-idx --json
expect_line '"path":"t10k-labels-idx1-ubyte","url":"[^"]*","digest":"SHA-256 [0-9a-f]*","fetched":false'
expect_equal "$(json_key "$printed" train_images)" 20
expect_equal "$(requests 'GET /files/org/set/t10k-labels')" 0
echo mine >out-idx/t10k-labels-idx1-ubyte
expect_refusal 3 'expected SHA-256 [0-9a-f]{64}, got SHA-256 [0-9a-f]{64}, in out-idx/t10k-labels-idx1-ubyte$' "${fetch[@]}" out-idx

# What submask knows itself: by its publisher's address, through a proxy as every other program.
expect_refusal 2 'expected a data set to fetch \(cifar10\? submask datasets lists them\), got cifar' "$submask" datasets fetch cifar --out x
http_proxy=http://127.0.0.1:$files_port expect_exit 4 "$submask" datasets fetch svhn --out x
expect_line 'got 404 .*, from http://ufldl.stanford.edu/housenumbers/train_32x32.mat$'
expect_equal "$(requests '^files HEAD http://ufldl.stanford.edu/housenumbers/train_32x32.mat')" 1
expect_exit 0 "$submask" datasets
expect_equal "$(grep -c '^  fetch: submask datasets fetch ' "$printed")" 9

# README's way from nothing: a set of CIFAR-10's size, and the backbone's published weights.
python3 - site/org/set site/timm/resnet18.a1_in1k <<'END' || fail "expected a data set and weights"
import array, io, json, math, pathlib, random, sys, tarfile
count, record = 10000, 3073
with tarfile.open(sys.argv[1] + "/cifar-10-binary.tar.gz", "w:gz", compresslevel=1) as tar:
    for batch, name in enumerate([f"data_batch_{n}" for n in range(1, 6)] + ["test_batch"]):
        records = bytearray(count * record)
        records[0::record] = bytes(n % 10 for n in range(count))
        for place, value in enumerate((lambda n: batch, lambda n: n // 256, lambda n: n % 256), 1):
            records[place::record] = bytes(map(value, range(count)))
        info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}.bin")
        info.size = len(records)
        tar.addfile(info, io.BytesIO(records))

shapes = {"conv1.weight": [64, 3, 7, 7], "fc.weight": [1000, 512], "fc.bias": [1000]}
def norm(name, width):
    shapes.update({f"{name}.{part}": [width] for part in ("weight", "bias", "running_mean", "running_var")})
norm("bn1", 64)
width = 64
for stage in range(4):
    out = 64 << stage
    for block in range(2):
        unit = f"layer{stage + 1}.{block}"
        for conv, into in ((1, width), (2, out)):
            shapes[f"{unit}.conv{conv}.weight"] = [out, into, 3, 3]
            norm(f"{unit}.bn{conv}", out)
        if width != out:
            shapes[f"{unit}.downsample.0.weight"] = [out, width, 1, 1]
            norm(f"{unit}.downsample.1", out)
        width = out
random.seed(0)
drawn = array.array("f", (random.gauss(0, 0.03) for _ in range(9973)))
header, parts, at = {}, [], 0
for name, shape in shapes.items():
    source = array.array("f", [1]) if name.endswith(("running_var", "bn1.weight", "bn2.weight")) else drawn
    size = math.prod(shape)
    values = (source * (size // len(source) + 1))[:size].tobytes()
    header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + len(values)]}
    parts.append(values)
    at += len(values)
folder = pathlib.Path(sys.argv[2])
folder.mkdir(parents=True)
text = json.dumps(header).encode()
(folder / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + b"".join(parts))
END
printf '{"cifar10": {"licence": "none", "files": [{"url": "%s/set/cifar-10-binary.tar.gz", "sha256": "%s", "folder": "cifar-10-batches-bin"}]}}' \
  "$address" "$(sha256sum <site/org/set/cifar-10-binary.tar.gz | cut -d' ' -f1)" >cifar.json
export SUBMASK_CATALOG=$PWD/cifar.json HF_ENDPOINT=http://127.0.0.1:$hub_port HF_HOME=$PWD/hf
while read -r line; do
  words=()
  [[ $line == *" train "* ]] && words=(--epochs 1 --train-limit 16 --test-limit 16 --batch-size 8 --threads 1)
  read -ra command <<<"${line/#submask/$submask}"
  expect_exit 0 "${command[@]}" "${words[@]}"
done < <(awk '$0 == "```sh network" { inside = 1; next } $0 == "```" { inside = 0 } inside' "$(dirname "$0")/../../README.md")
[ -s cifar10.task ] || fail "expected README's task"
expect_exit 0 "$submask" inspect cifar10.task
unset SUBMASK_CATALOG

# A catalogue says where it is wrong.
wrong() {  # JSON PATTERN
  echo "$1" >catalog.json
  expect_refusal 3 "$2, in catalog.json\$" "${fetch[@]}" out-none
}
one() { echo "{\"mine\": {\"files\": [{\"url\": \"$address/set/mine.tar.gz\", $1}]}}"; }
wrong '[]' 'expected an object of data sets, got another file'
wrong '{"mine": {"url": 1}}' "expected no other fields of data set 'mine', got 'url'"
wrong '{"mine": {"files": []}}' "expected a list of files of data set 'mine', got none"
wrong '{"a/b": {"files": []}}' "expected a name without slashes, got 'a/b'"
wrong '{"mine": {"data": "folder:../x", "files": []}}' "expected NAME or NAME:PATH as data of data set 'mine', got 'folder:../x'"
wrong '{"mine": {"files": [{"url": "ftp://x/y"}]}}' "expected an address as url of data set 'mine', got 'ftp://x/y'"
wrong '{"mine": {"files": [{"url": "http://x/.."}]}}' "expected an address that ends in a file's name, got 'http://x/..'"
wrong "$(one '"md5": "0"')" 'expected either file or folder of .*, got neither'
wrong "$(one '"file": "a", "folder": "a"')" 'expected either file or folder of .*, got both'
wrong "$(one '"file": "../a"')" "expected a path below --out of .*, got '\.\./a'"
wrong "$(one '"file": "a", "md5": "0"')" 'expected sha256 or md5 in small hex digits of .*, got none'
