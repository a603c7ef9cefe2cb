#!/usr/bin/env bash
# Weights from the hub and from addresses, against a server of both sites on this machine (hub_server.py).
. "$(dirname "$0")/harness.sh" "$@"

weights=$(dirname "$0")/../../assets/resnet20.safetensors
for model in small cut drip stall busy wrong ranges-ignored half private two; do
  mkdir -p site/org/$model
  cp "$weights" site/org/$model/model.safetensors
  echo '{"pretrained_cfg": {"input_size": [3, 40, 40], "crop_pct": 1.0}}' >site/org/$model/config.json
done
mkdir -p site/org/empty
echo text >site/org/empty/README.md
sha=$(sha256sum "$weights" | cut -d' ' -f1)

python3 "$(dirname "$0")/hub_server.py" site requests.log >ports &
server=$!
trap 'kill $server' EXIT
for _ in $(seq 100); do [ -s ports ] && break || sleep 0.1; done
read -r hub_port files_port <ports
export HF_ENDPOINT=http://127.0.0.1:$hub_port HF_HOME=$PWD/hf TORCH_HOME=$PWD/torch HF_HUB_DOWNLOAD_TIMEOUT=1
unset HF_TOKEN HF_HUB_OFFLINE HF_HUB_CACHE http_proxy https_proxy all_proxy

show=("$submask" backbones show resnet20 --json --weights)
cache() { echo "hf/hub/models--org--$1"; }
requests() { grep -c "$1" requests.log || true; }

# Nothing is fetched that was not asked for.
expect_exit 0 "$submask" backbones show resnet20 --json
expect_equal "$(requests .)" 0
identity=$(json_key "$printed" weights_identity)
[ ${#identity} = 64 ] || fail "expected an identity"

# The hub's own layout, its configuration too; found again without asking for the file.
expect_exit 0 "${show[@]}" hf:org/small
expect_equal "$(json_key "$printed" weights_identity)" "$identity"
expect_line '"input_size":40'
expect_line '^fetch model.safetensors: 1.1 of 1.1 MB'
commit=$(cat "$(cache small)/refs/main")
expect_equal "$(readlink "$(cache small)/snapshots/$commit/model.safetensors")" "../../blobs/$sha"
expect_same_files "$(cache small)/blobs/$sha" "$weights"
expect_equal "$(requests '^files GET /files/org/small')" 1
expect_exit 0 "${show[@]}" hf:org/small
expect_no_line '^fetch'
expect_exit 0 "${show[@]}" "hf:org/small@$commit:model.safetensors" --quiet
expect_equal "$(requests '^files GET /files/org/small')" 1
before=$(requests .)
HF_HUB_OFFLINE=1 expect_exit 0 "${show[@]}" hf:org/small
HF_HUB_OFFLINE=1 expect_refusal 4 'expected org/cut at main in the cache, as HF_HUB_OFFLINE is set' "${show[@]}" hf:org/cut
expect_equal "$(requests .)" "$before" "requests while offline"
grep -q outside -r hf && fail "expected no file outside the snapshot"

# Cut, stalled and busy connections go on; a server without ranges begins anew.
for model in cut stall busy ranges-ignored; do
  expect_exit 0 "${show[@]}" hf:org/$model
  expect_same_files "$(cache $model)/blobs/$sha" "$weights"
done
expect_line 'again in'
for model in cut stall; do
  [ "$(requests "^files GET /files/org/$model/model.safetensors bytes=[1-9]")" = 1 ] || fail "expected $model to be resumed"
done

# One that brings the same half again and again is given up.
expect_exit 4 "${show[@]}" hf:org/half
expect_line 'after 5 tries, from'

# A killed fetch goes on where it was.
"${show[@]}" hf:org/drip >/dev/null 2>&1 &
for _ in $(seq 100); do [ -s "$(cache drip)/blobs/$sha.incomplete" ] && break || sleep 0.1; done
kill -9 $! && wait $! 2>/dev/null
[ ! -e "$(cache drip)/blobs/$sha" ] || fail "expected the fetch to be killed in the middle"
expect_exit 0 "${show[@]}" hf:org/drip
[ "$(requests '^files GET /files/org/drip/model.safetensors bytes=[1-9]')" = 1 ] || fail "expected the rest alone"
expect_same_files "$(cache drip)/blobs/$sha" "$weights"

# Of two processes one fetches.
"${show[@]}" hf:org/two >/dev/null 2>&1 &
expect_exit 0 "${show[@]}" hf:org/two
wait $!
expect_equal "$(requests '^files GET /files/org/two')" 1

# Changed bytes are not kept, nor are those that do not fit the disk taken for all.
expect_exit 3 "${show[@]}" hf:org/wrong
expect_line "^submask: expected SHA-256 $sha, got [0-9a-f]{64}, in http"
[ -z "$(ls "$(cache wrong)/blobs" | grep -v json)" ] || [ "$(ls "$(cache wrong)/blobs" | wc -l)" = 1 ] || fail "expected no wrong bytes"
(ulimit -f 100 && HF_HOME=$PWD/full expect_exit 4 "${show[@]}" hf:org/small && expect_line 'cannot write .*File too large')

# Tokens go to the hub alone.
expect_exit 4 "${show[@]}" hf:org/private
expect_line 'got 401 \(no access: HF_TOKEN is missing or wrong\), from http'
HF_TOKEN=secret expect_exit 0 "${show[@]}" hf:org/private
[ "$(requests '^hub .* Bearer secret')" -gt 0 ] || fail "expected the token at the hub"
expect_equal "$(requests '^files .*secret')" 0 "tokens at another host"

expect_exit 4 "${show[@]}" hf:org/missing
expect_line 'got 404 \(nothing is there, or it is private: HF_TOKEN\), from http'
expect_exit 2 "${show[@]}" hf:org/empty
expect_line 'expected model.safetensors or pytorch_model.bin in hf:org/empty, or a file of it .*, got no weights'
expect_exit 4 "${show[@]}" hf:org/small:gone.pth
for wrong in hf:small hf:org/../small hf:org/small:../x hf:/ hf:org/small@../x; do
  expect_refusal 2 'expected hf:ORG/NAME' "${show[@]}" "$wrong"
done
HF_ENDPOINT=http://127.0.0.1:9 expect_exit 4 "${show[@]}" hf:org/cut@abc
expect_line 'after 5 tries, from http://127.0.0.1:9'

# An address with its digest in it, in PyTorch's cache.
mkdir -p site/org/torch
cp "$weights" "site/org/torch/resnet20-${sha:0:8}.safetensors"
cp "$weights" site/org/torch/resnet20-00000000.safetensors
address=http://127.0.0.1:$files_port/files/org/torch
expect_exit 0 "${show[@]}" "$address/resnet20-${sha:0:8}.safetensors"
expect_same_files "torch/hub/checkpoints/resnet20-${sha:0:8}.safetensors" "$weights"
expect_exit 3 "${show[@]}" "$address/resnet20-00000000.safetensors"
expect_line 'expected a SHA-256 that begins with 00000000, got'
[ ! -e torch/hub/checkpoints/resnet20-00000000.safetensors ] || fail "expected no wrong bytes"
expect_refusal 2 "expected an address with the file's SHA-256 in it" "${show[@]}" "$address/resnet20.safetensors"

# Two addresses whose files have one name: each gets its own.
other=$(dirname "$0")/../golden/mask/embedded_small.task
for file in "$weights" "$other"; do
  digest=$(sha256sum <"$file" | cut -d' ' -f1)
  mkdir -p "site/org/torch/$digest"
  cp "$file" "site/org/torch/$digest/net.safetensors"
done
expect_exit 0 "${show[@]}" "$address/$sha/net.safetensors"
expect_exit 3 "${show[@]}" "$address/$digest/net.safetensors"
expect_same_files torch/hub/checkpoints/net.safetensors "$other"
expect_exit 0 "${show[@]}" "$address/$sha/net.safetensors"
expect_equal "$(json_key "$printed" weights_identity)" "$identity"

# A signal ends the wait for a server at once.
mkdir -p site/org/later && cp "$weights" site/org/later/model.safetensors
"${show[@]}" hf:org/later >/dev/null 2>waiting.log &
for _ in $(seq 100); do grep -q 'again in' waiting.log && break || sleep 0.1; done
kill -TERM $! && wait $!
[ $? -gt 128 ] || fail "expected a signal to end the wait"

# The published default, and what is said where no weights are named.
expect_refusal 2 'tf_efficientnet_lite0, .*\(--weights auto fetches hf:timm/tf_efficientnet_lite0.in1k\), got none' \
  "$submask" evaluate --backbone tf_efficientnet_lite0 "${data[@]}" --method head
expect_refusal 2 'which has no published default' "${show[@]}" auto
mkdir -p site/timm/tf_efficientnet_lite0.in1k
cp "$SUBMASK_LITE0" site/timm/tf_efficientnet_lite0.in1k/pytorch_model.bin
expect_exit 0 "$submask" backbones show tf_efficientnet_lite0 --weights auto --json
expect_line 'has no safetensors: pytorch_model.bin is a pickle, of which nothing is executed'
expect_line '"checkpoint_format":"legacy pickle, flat"'
