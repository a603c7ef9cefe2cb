# Sourced. c_alone BUILD goes to BUILD/c_alone, a clone of the source by links that stays from run to run: docs.c_interface
# and python.wheel build libsubmask_c alone in its build/c, each by its own configuration, and compile it once between them.
# Tests that use it share the lock of this name in CMakeLists.txt.
c_alone() {
  mkdir -p "$1/c_alone/build/c" && cd "$1/c_alone"
  find . -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
  find build -mindepth 1 -maxdepth 1 ! -name c -exec rm -rf {} +
  rm -f build/c/CMakeCache.txt
  export CXX=${CXX:-c++}  # scikit-build would take another name of the same compiler, and compile all again
  local entry
  for entry in CMakeLists.txt LICENSE THIRD_PARTY.md assets cmake examples include src tests; do
    ln -s "$source_dir/$entry" .
  done
}
