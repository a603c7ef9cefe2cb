#!/usr/bin/env bash
# What users and clusters do to a submitted grid: odd names, arrays in parts, twice the same, cancelled, no Slurm.
MAX_ARRAY_SIZE=3
. "$(dirname "$0")/../cli/harness.sh" "$@"
. "$golden/../cli/small_grid.sh"
. "$golden/../slurm/cluster.sh"

grid_of "it's 100% \"odd\" %a.toml" '["fs", "ssl-ft"]' 2
grid="it's 100% \"odd\" %a.toml"
sed -i '1i title = "a \\"b\\" | c% \\u00e9 \\u0007"' "$grid"
db="data 'base' %.sqlite"
submit=("$submask" grid submit "$grid" --db "$db" --json)

expect_refusal 5 "expected Slurm's squeue in PATH, got none" env PATH=/nowhere "${submit[@]}"
start_cluster
expect_exit 0 "${grid_run[@]}" "$grid" --db local.sqlite --jobs 2
rows local.sqlite >local.txt

# What sbatch refuses is said, and leaves nothing in the queue or among the submissions.
expect_exit 5 "${submit[@]}" --partition "no such"
expect_line "expected an answer from Slurm's sbatch, got: sbatch: error: .*Invalid partition name"
expect_exit 5 "${submit[@]}" --sbatch '--nonsense=1'
expect_line 'nonsense'
expect_exit 2 "${submit[@]}" --account $'a\n#SBATCH -N 9'
expect_line 'expected one line for --account'
expect_exit 2 "${submit[@]}" --cells 'a\b'
expect_line 'expected a folder of cells without backslashes'
expect_equal "$(find "$db.cells/slurm" -mindepth 1 | wc -l)" 0
expect_exit 5 "$submask" grid watch "$grid" --db "$db"
expect_line '12 cells left .submask grid submit gives them to Slurm'

expect_exit 4 "$submask" grid watch "$grid" --db none.sqlite
sed '1d' "$grid" >untitled.toml
expect_exit 5 "$submask" grid watch untitled.toml --db local.sqlite
expect_line "expected a grid that was submitted, got none with the title 'untitled' in local.sqlite"

# Four tasks are two arrays where an array has three. Whoever submits again submits nothing.
expect_exit 0 "${submit[@]}" --detach --gpus-per-task 1 --jobs 2 --time 10 --sbatch --hold --sbatch '--nice=5 --mem=0'
expect_equal "$(json_key "$printed" tasks) $(json_key "$printed" submitted) $(json_key "$printed" queued)" "4 12 0"
expect_equal "$(squeue -h -o '%j %l %C' | sort -u)" "it-s-100---odd---a 10:00 1"
expect_equal "$(squeue -h -r -o %F | sort -u | wc -l)" 2
expect_equal "$(scontrol show job | grep -c 'ArrayTaskThrottle=2')" 2
scontrol show job | grep -q 'TresPerTask=gres:gpu:1' || fail "expected a GPU for each task: $(scontrol show job)"
expect_exit 0 "${submit[@]}" --detach
expect_equal "$(json_key "$printed" tasks) $(json_key "$printed" submitted) $(json_key "$printed" queued)" "0 0 12"
expect_exit 0 "$submask" grid watch "$grid" --db "$db" --once --json
expect_line '"done":0,"running":0,"waiting":12,"failed":0,"left":0'

# A watcher that is killed harms nothing, and the next one goes on. What holds tasks back is said.
"$submask" grid watch "$grid" --db "$db" >watch.out 2>watch.err &
watcher=$!
wait_until "the reason why tasks wait" grep -q 'wait: JobHeldUser' watch.err
kill -9 "$watcher"
wait "$watcher" 2>/dev/null
# An array is found by its comment where its number was not written.
rm "$db".cells/slurm/*/job
for job in $(squeue -h -r -o %F | sort -u); do scontrol release "$job"; done
expect_exit 0 timeout 100 "$submask" grid watch "$grid" --db "$db" --json
expect_line '"cells":12,.*"runs":12'
rows "$db" >cluster.txt
expect_same_files local.txt cluster.txt
grep -q 'method fs, seed 0' "$db".cells/slurm/*/task-0.log || fail "expected the label of a cell in the log"

# Done cells are not submitted again. Of a cancelled grid they stay.
expect_exit 0 "${submit[@]}" --detach
expect_equal "$(json_key "$printed" submitted) $(json_key "$printed" queued)" "0 0"
sed 's/^seed = .*/seed = [0, 1, 2]/' "$grid" >more.toml
sed -i 's/^title = .*/title = "more"/' more.toml
expect_exit 0 "$submask" grid submit more.toml --db "$db" --detach --json --sbatch --hold
expect_equal "$(json_key "$printed" submitted)" 6
expect_exit 0 "$submask" grid cancel "$grid" --db "$db" --json
expect_line '"cancelled":0'
expect_exit 0 "$submask" grid cancel more.toml --db "$db" --json
expect_line '"cancelled":2'
expect_refusal 5 "expected a grid that was submitted, got none with the title 'more' in typo.sqlite.cells" \
  "$submask" grid cancel more.toml --db typo.sqlite
expect_refusal 2 "expected no folder to change to in --sbatch, as a grid's paths start from this one, got '--chdir=/tmp'" \
  "$submask" grid submit more.toml --db "$db" --detach --sbatch --chdir=/tmp
expect_exit 0 "$submask" grid watch more.toml --db "$db" --once --json
expect_line '"done":12,"running":0,"waiting":0,"failed":0,"left":6'
expect_exit 5 "$submask" grid watch more.toml --db "$db"
expect_line '6 cells left'

# The commands of docs/grids.md, on this grid, whose cells are done.
shown=0
while read -ra words; do
  [ "${words[0]}" = submask ] || fail "expected a line that begins with submask, got ${words[*]}"
  for i in "${!words[@]}"; do
    case ${words[i]} in
      "#") words=("${words[@]:0:i}"); break ;;
      *.toml) words[i]=$grid ;;
      results.sqlite) words[i]=$db ;;
      short) words[i]=all ;;
      "'"*) words[i]=${words[i]//"'"/} ;;
    esac
  done
  expect_exit 0 "$submask" "${words[@]:1}"
  shown=$((shown + 1))
done < <(awk '$0 == "```sh slurm" { inside = 1; next } $0 == "```" { inside = 0 } inside' "$golden/../../docs/grids.md")
expect_equal $shown 5

# Where nobody answers, one line says so.
stop_daemon slurmctld
expect_exit 5 timeout 60 "${submit[@]}"
expect_line "expected an answer from Slurm's squeue, got: .*Unable to contact slurm controller"
expect_equal "$(wc -l <"$complaints")" 1
