#!/usr/bin/env bash
# Pages of options and completion, both made of the same tables as the options, and names that nothing has.
. "$(dirname "$0")/harness.sh" "$@"

docs=$(realpath "$(dirname "$0")/../../docs")
expect_exit 0 "$submask" manual --format markdown
diff "$docs/options.md" "$printed" >&2 ||
  fail "docs/options.md is not what 'submask manual --format markdown' prints"
expect_line '^## submask grid run$'
expect_line '^\| `--epochs INT` \| .* \| result \|$'
expect_line '^\| `--workers INT` \| .* \| nothing \|$'

expect_exit 0 "$submask" manual
expect_line '^\.SH "submask train"$'
expect_line '^\.B \\-\\-epochs INT$'
if command -v groff >/dev/null; then
  groff -man -Tutf8 -ww "$printed" >page 2>warnings || fail "expected a page that groff reads"
  [ ! -s warnings ] || fail "expected no warnings of groff, got: $(head -3 warnings)"
fi
expect_refusal 2 'man.*markdown|markdown.*man' "$submask" manual --format html

# completions WORD...: what bash offers for the last of them.
expect_exit 0 "$submask" completion bash
cp "$printed" completion.bash
completions() {
  bash -c '. ./completion.bash; COMP_WORDS=(submask "$@"); COMP_CWORD=$#; _submask; printf "%s\n" "${COMPREPLY[@]}"' bash "$@" |
    sort | paste -sd ' '
}
expect_equal "$(completions gri)" grid
expect_equal "$(completions grid r)" run
expect_equal "$(completions train --batch-n)" --batch-norm
expect_equal "$(completions train --method ssl)" "ssl-fs ssl-ft"
expect_equal "$(completions grid run --keep)" --keep-going
expect_equal "$(completions train --schedule '')" "constant cosine"
touch here.task
expect_equal "$(completions inspect here)" here.task
expect_equal "$(completions train --from here)" here.task
mkdir folder
expect_equal "$(completions train --checkpoint '')" folder
expect_equal "$(completions train --epochs 1)" ""
expect_equal "$(completions train --recipe = cif)" cifar
expect_equal "$(completions evaluate --method task,k)" task,knn
expect_equal "$(completions completion z)" zsh
expect_equal "$(completions backbones show resnet2)" resnet20
expect_equal "$(completions report --format c)" csv
expect_equal "$(completions datasets fetch euro)" eurosat

for shell in zsh fish; do
  expect_exit 0 "$submask" completion $shell
  expect_line epochs
  if command -v $shell >/dev/null; then $shell -n "$printed" || fail "expected a script that $shell reads"; fi
done
expect_refusal 2 'bash, zsh or fish.*got tcsh' "$submask" completion tcsh

# The nearest name of whatever nothing has, and how to list them.
nearest() { expect_refusal "$1" "\\($2\\? .*\\), got $3" "$submask" "${@:4}"; }
nearest 2 train trian trian
nearest 2 merge mrege grid mrege
nearest 2 --epochs --epocs "${learn[@]}" --out x.task --epocs 2
nearest 2 resnet20 resnet2O train --backbone resnet2O "${data[@]}" --out x.task
nearest 2 fashion-mnist fashon-mnist train "${backbone[@]}" --data fashon-mnist:x --out x.task
nearest 2 --version --verison --verison
nearest 2 similarity similarty analyze similarty results.sqlite --out x
nearest 2 markdown markdwn report results.sqlite --format markdwn
nearest 2 fs fsl "${learn[@]}" --out x.task --method fsl
nearest 2 knn kn evaluate "${backbone[@]}" "${data[@]}" --method kn
nearest 2 adam adm "${learn[@]}" --out x.task --update-rule adm
nearest 2 flip flp "${learn[@]}" --out x.task --crop size=32,flp=1
expect_refusal 2 'expected a command .submask --help lists them.*got none' "$submask"
expect_refusal 2 'expected a command .submask grid --help lists them.*got none' "$submask" grid
nearest 2 paper-rn18 paper-rn81 "${learn[@]}" --out x.task --recipe paper-rn81
printf '[[run]]\nmethod = "lp"\nbackbone = "resnet20"\ndata = "fashion-mnist"\nepocs = 3\n' >grid.toml
expect_refusal 3 '\(epochs\?\), got epocs, in grid\.toml, line 5' "$submask" grid plan grid.toml
printf '[[task]]\nepocs = 3\n' >tasks.toml
nearest 2 epochs epocs train --tasks tasks.toml

# As a word too, help is what --help prints.
for words in "" train "grid run"; do
  # shellcheck disable=SC2086
  expect_exit 0 "$submask" $words --help
  cp "$printed" by_option
  # shellcheck disable=SC2086
  expect_exit 0 "$submask" help $words
  expect_same_files by_option "$printed"
done
nearest 2 train trian help trian
