# Sourced. What the scripts say, and how they time it. All goes to stderr: stdout belongs to the command.
# shellcheck shell=bash

say() { printf '%s\n' "$@" >&2; }

# The first line says what is wrong, the others what to do about it.
fail() {
  printf 'meridian: %s\n' "$1" >&2
  shift
  (($# == 0)) || printf '  %s\n' "$@" >&2
  exit 1
}

on_terminal() { [[ -t 2 && ${TERM:-dumb} != dumb ]]; }

# Names and seconds of the phases so far, for the line "Ready in 143 s (packages 61 s, build 82 s)".
phases=()
phases_seconds=0
phase_done() {
  local name=$1 seconds=$2
  phases+=("$name $seconds s")
  phases_seconds=$((phases_seconds + seconds))
  say "  $name: done in $seconds s"
}
say_ready() {
  ((${#phases[@]})) || return 0
  local list
  printf -v list '%s, ' "${phases[@]}"
  say "Ready in $phases_seconds s (${list%, })"
}

# df speaks of the nearest parent that exists, so that a build directory can be asked about before it is made.
free_mb() {
  local path=$1
  while [[ ! -e $path ]]; do path=$(dirname -- "$path"); done
  df -Pm -- "$path" | awk 'NR == 2 { print $4 }'
}

need_space() {
  local path=$1 needed_mb=$2 what=$3 free
  free=$(free_mb "$path")
  ((free >= needed_mb)) || fail "$what needs about $needed_mb MB at $path; $free MB are free." \
    "Free some space there and run the same command again."
}
