#!/usr/bin/env bash
# A run of two processes by MPI within an allocation of Slurm, whose warning stops it after a checkpoint.
. "$(dirname "$0")/../cli/harness.sh" "$@"
. "$golden/../slurm/cluster.sh"

command -v mpirun >/dev/null || skip "no mpirun (openmpi-bin)"
[ -e "$(dirname "$submask")/../lib/submask/libsubmask_mpi.so" ] || skip "built without MPI (libopenmpi-dev)"
start_cluster
# Slurm's two nodes are this machine, so mpirun starts both processes itself and not by srun.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_ras=^slurm OMPI_MCA_plm=isolated
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_btl=self,vader OMPI_MCA_hwloc_base_binding_policy=none TMPDIR=$scratch
together=(mpirun -n 2 "$submask" "${learn_mask[@]}" --epochs 6)
expect_exit 0 "${together[@]}" --out whole.task

job_of() {  # NAME COMMAND...: submits a batch script of two tasks; its id
  local name=$1
  shift
  printf '#!/bin/bash\ntrap : USR1\n%s\necho "status $?" >>%s.log\n' "$(printf '%q ' "$@")" "$name" >"$name.sh"
  sbatch --parsable --nodes=1 --ntasks=2 --output="$name.log" --open-mode=append "$name.sh"
}
ended() { grep -q '^status ' "$1.log"; }

job=$(job_of allocation "${together[@]}" --checkpoint state --checkpoint-seconds 0 --out job.task)
wait_until "a checkpoint" test -e state/checkpoint.safetensors
scancel --signal=USR1 --full "$job"
wait_until "the end of the run" ended allocation
expect_equal "$(tail -n 1 allocation.log)" "status 75"
grep -q '^submask: interrupted in epoch [1-6]; the same command goes on from the checkpoint$' allocation.log ||
  fail "expected one line of the stop: $(cat allocation.log)"
job_of again "${together[@]}" --checkpoint state --checkpoint-seconds 0 --out job.task >job_id
wait_until "the end of the run" ended again
expect_equal "$(tail -n 1 again.log)" "status 0"
expect_same_files whole.task job.task

# srun without PMIx would start two runs that know nothing of each other.
expect_exit 5 srun --nodes=1 --ntasks=2 --mpi=none "$submask" "${learn_mask[@]}" --out apart.task
expect_line "^submask: expected OpenMPI's mpirun or srun --mpi=pmix to start one process of 2 \\(SLURM_STEP_NUM_TASKS\\)"
[ ! -e apart.task ] || fail "expected nothing written"
