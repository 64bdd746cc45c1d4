# Sourced. Configures and builds a preset. Needs say.sh and $root.
# shellcheck shell=bash disable=SC2154

# build PRESET TARGET...: silent and quick when there is nothing to do.
build() {
  local preset=$1 directory=$root/build/$1 lock started
  shift
  is_built "$directory" "$@" && return
  check_needs "$preset"
  mkdir -p -- "$directory" 2>/dev/null || true
  [[ -w $directory ]] ||
    fail "can't write to build/$preset (it belongs to $(stat -c %U -- "$directory" 2>/dev/null || stat -c %U -- "$root"))." \
      "Was it built with sudo? Give it back to yourself:  sudo chown -R $(id -un): '$root/build'"
  exec {lock}>"$directory/.lock"
  if ! flock -n "$lock"; then
    say "Another ./meridian is building $preset; waiting for it."
    flock "$lock"
  fi
  is_configured "$directory" || configure "$preset" "$directory"
  if ! is_built "$directory" "$@"; then
    say "Building $preset with $(job_count) jobs$([[ -e $directory/.ninja_log ]] || echo ': some minutes, this first time')"
    started=$SECONDS
    # What one checkout has compiled, another one of the same sources need not.
    export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$root} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-1}
    ninja -C "$directory" -j "$(job_count)" "$@" >&2 || explain_build "$preset" "$directory"
    phase_done "build" $((SECONDS - started))
  fi
  exec {lock}>&-
}

# CMake writes absolute paths: a checkout that was moved or copied is configured anew.
is_configured() {
  [[ -f $1/build.ninja ]] && grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$1/CMakeCache.txt" 2>/dev/null
}

is_built() {
  local directory=$1 words
  shift
  is_configured "$directory" || return 1
  words=$(ninja -C "$directory" -n "$@" 2>&1) && [[ $words == *"no work to do"* ]]
}

check_needs() {
  local tool preset=$1 presets tools=(cmake ninja mold clang++-19)
  presets=" $(sed -nE 's/.*"name": "([^"]+)", "configurePreset".*/\1/p' "$root/CMakePresets.json" | sort -u | paste -sd ' ') "
  [[ $presets == *" $preset "* ]] || fail "there is no preset \"$preset\"." "The presets are:$presets"
  [[ $preset != gcc ]] || tools=(cmake ninja mold g++-12)
  for tool in "${tools[@]}"; do
    command -v "$tool" >/dev/null || fail "there is no $tool in PATH ($PATH)." \
      "It comes with the Debian package ${tool/clang++/clang}; if that is installed:  apt-get install --reinstall ${tool/clang++/clang}"
  done
}

configure() {
  local preset=$1 directory=$2 started=$SECONDS
  need_space "$directory" 1000 "building $preset"
  say "Configuring $preset"
  (cd -- "$root" && cmake --preset "$preset" --fresh) >"$directory/configure.log" 2>&1 || {
    grep -A 8 -E 'CMake Error|rror:' "$directory/configure.log" | head -n 40 >&2 || tail -n 20 "$directory/configure.log" >&2
    fail "configuring $preset failed." "All of CMake's output: $directory/configure.log"
  }
  phase_done "configure" $((SECONDS - started))
}

# A translation unit with Asio takes up to 1 GB: a small machine builds with fewer jobs instead of swapping.
job_count() {
  local cores memory_gb
  cores=$(nproc)
  memory_gb=$(awk '/^MemAvailable/ { print int($2 / 1000000) }' /proc/meminfo)
  ((memory_gb < cores)) && cores=$memory_gb
  echo $((cores > 0 ? cores : 1))
}

explain_build() {
  local preset=$1 free
  free=$(free_mb "$2")
  ((free > 50)) || fail "building $preset failed, and the disk is full ($free MB free at $2)." \
    "A build needs about 1 GB. Free some space and run the same command again: it goes on where it stopped."
  local words=("Again, alone:  ./meridian build $preset") memory_mb
  memory_mb=$(awk '/^MemAvailable/ { print int($2 / 1000) }' /proc/meminfo)
  ((memory_mb > 2000)) || words+=("If a compiler was \"Killed\", memory ran out: $memory_mb MB are available now.")
  fail "building $preset failed; the first error is above." "${words[@]}"
}
