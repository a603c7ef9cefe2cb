#!/usr/bin/env bash
# A task on the hub: pushed with its page, and used from there, against a server on this machine (hub_server.py).
. "$(dirname "$0")/harness.sh" "$@"

mkdir site
python3 "$(dirname "$0")/hub_server.py" site requests.log >ports &
server=$!
trap 'kill $server' EXIT
for _ in $(seq 100); do [ -s ports ] && break || sleep 0.1; done
read -r hub_port files_port <ports
export HF_ENDPOINT=http://127.0.0.1:$hub_port HF_HOME=$PWD/hf HF_HUB_DOWNLOAD_TIMEOUT=5
unset HF_TOKEN HF_HUB_OFFLINE HF_HUB_CACHE http_proxy https_proxy all_proxy
task=$fixture/fashion.task

expect_refusal 4 'expected a token of http://127.0.0.1:[0-9]+ in HF_TOKEN' "$submask" push "$task" hf:me/fashion
export HF_TOKEN=wrong
expect_refusal 4 'expected success, got 401 .*\(Invalid username or password.\), from http' "$submask" push "$task" hf:me/fashion
export HF_TOKEN=secret
expect_refusal 4 'got 403 .*\(You have no rights in this namespace.\)' "$submask" push "$task" hf:me/forbidden
expect_refusal 2 'expected hf:ORG/NAME' "$submask" push "$task" me/fashion
expect_refusal 3 'expected' "$submask" push requests.log hf:me/fashion
[ ! -d site/me ] || fail "expected no model of a refused push"

# The file by git LFS, whose host gets no token; the page beside it.
expect_exit 0 "$submask" push "$task" hf:me/fashion --base-model org/backbone --json
expect_json file pushed_to bytes card commit_url
expect_same_files "$task" site/me/fashion/fashion.task
grep -q '^files PUT /uploads/[0-9a-f]* yes -$' requests.log || fail "expected an upload without the token"
card=site/me/fashion/README.md
for line in '^library_name: submask$' '^base_model: "org/backbone"$' '^- submask$' '^    - type: accuracy$' \
  '^submask predict --task hf:me/fashion --backbone resnet20 --weights hf:org/backbone photo.jpg$'; do
  grep -qE "$line" $card || fail "expected the card to have $line"
done

# Again: nothing is uploaded twice, and a page that is there stays.
echo mine >$card
expect_exit 0 "$submask" push "$task" hf:me/fashion:second.task
expect_line '^README.md is there and stays \(--card replaces it\)$'
[ "$(cat $card)" = mine ] || fail "expected the card to stay"
expect_equal "$(grep -c '^files PUT' requests.log)" 1
expect_exit 0 "$submask" push "$task" hf:me/fashion:second.task --card --quiet
grep -q library_name $card || fail "expected another card"

# Used from there, by its name or as the only one; not fetched twice.
unset HF_TOKEN
expect_exit 2 "$submask" inspect hf:me/fashion
expect_line 'expected one .task file in hf:me/fashion, or its name .*, got fashion.task, second.task'
rm site/me/fashion/second.task
expect_exit 0 "$submask" inspect hf:me/fashion --json
inspected=$(cat "$printed")
expect_exit 0 "$submask" inspect "$task" --json
[ "$inspected" = "$(cat "$printed")" ] || fail "expected the same description"
expect_exit 0 "$submask" verify hf:me/fashion:fashion.task
expect_exit 0 "$submask" evaluate "${backbone[@]}" "${data[@]}" --task hf:me/fashion --json
expect_line '"task":"hf:me/fashion"'
from_hub=$(json_key "$printed" accuracy)
HF_HUB_OFFLINE=1 expect_exit 0 "$submask" evaluate "${backbone[@]}" "${data[@]}" --task hf:me/fashion --json
expect_exit 0 "$submask" evaluate "${backbone[@]}" "${data[@]}" --task "$task" --json
expect_equal "$(json_key "$printed" accuracy)" "$from_hub"
expect_equal "$(grep -c '^files GET /files/me/fashion/fashion.task' requests.log)" 1
expect_refusal 2 'expected --out FILE for hf:me/fashion, got none' \
  "$submask" fit --task hf:me/fashion "${backbone[@]}" "${data[@]}"
