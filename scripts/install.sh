# Sourced. Installs the Debian packages that are missing. Needs say.sh and $root.
# shellcheck shell=bash disable=SC2154

install_log=$root/build/packages.log

# install_missing ROLE...: some milliseconds when nothing is missing.
install_missing() {
  local missing=()
  if ! command -v dpkg-query >/dev/null; then
    warn_untested
    say "  There is no dpkg here: install by hand what scripts/packages.txt lists. Going on with what is there."
    return
  fi
  find_missing "$@"
  ((${#missing[@]})) || return 0

  warn_untested
  say "Missing Debian packages (scripts/packages.txt says what each is for):"
  fold -s -w 100 <<<"${missing[*]}" | sed 's/^/  /; s/ *$//' >&2
  become_root
  need_space /usr 2000 "installing them"
  { mkdir -p -- "$root/build" && : >"$install_log"; } 2>/dev/null ||
    fail "can't write $install_log." "The checkout must be yours:  sudo chown -R $(id -un): '$root'"
  local started=$SECONDS
  # A broken third-party source must not stop us: what matters is whether the packages can be had.
  apt_get "reading the package lists" update || true
  say_what_will_happen
  install_quietly
  find_missing "$@"
  ((!${#missing[@]})) || fail "apt-get ended well, yet these are still missing: ${missing[*]}" "Its output is in $install_log."
  rm -f -- "$install_log"
  phase_done packages $((SECONDS - started))
}

find_missing() {
  local role package state wanted=() here=" "
  while read -r role package _; do
    [[ $role != *'?'* ]] || ! command -v "${role#*'?'}" >/dev/null || continue
    [[ " $* " == *" ${role%'?'*} "* ]] && wanted+=("$package")
  done <"$root/scripts/packages.txt"
  while read -r package state; do
    [[ $state == installed ]] && here+="$package "
  done < <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null || true)
  missing=()
  for package in "${wanted[@]}"; do
    [[ $here == *" $package "* ]] || missing+=("$package")
  done
}

warn_untested() {
  local name=unknown
  [[ -r /etc/os-release ]] && name=$(. /etc/os-release && echo "${PRETTY_NAME:-$ID}" && [[ ${ID:-} == debian && ${VERSION_ID:-} == 12 ]]) && return
  say "meridian: this is \"$name\"; Meridian is tested on Debian 12 only. Trying all the same."
}

as_root() { if ((EUID == 0)); then "$@"; else sudo "$@"; fi; }

# Asks for the password, if there is one to ask, before there is any progress to be drawn over it.
become_root() {
  ((EUID == 0)) && return
  local by_hand=("Have an administrator run this as root, and then run the same command again:"
    "  apt-get update && apt-get install --no-install-recommends ${missing[*]}")
  command -v sudo >/dev/null || fail "installing packages needs root, and there is no sudo." "${by_hand[@]}"
  say "Installing them through sudo; nothing else is done as root."
  sudo true || fail "installing packages needs root, and sudo refused." "${by_hand[@]}"
}

say_what_will_happen() {
  local plan removed count bytes
  if ! plan=$(LC_ALL=C apt-get -s install --no-install-recommends "${missing[@]}" 2>&1); then
    printf '%s\n' "$plan" >>"$install_log"
    explain_apt
  fi
  # libboost1.81-dev, for one, can't live beside Debian's default libboost1.74-dev. Removing is for the owner to decide.
  removed=$(sed -n 's/^Remv \([^ ]*\).*/\1/p' <<<"$plan" | sort -u | paste -sd ' ')
  [[ -z $removed ]] || fail "installing the missing packages would remove: $removed" \
    "If you can do without them, remove them yourself and run the same command again:" \
    "  $( ((EUID)) && echo 'sudo ')apt-get remove $removed" \
    "If you can't, build in a container or a virtual machine of Debian 12."
  count=$(grep -c '^Inst ' <<<"$plan" || true)
  bytes=$(LC_ALL=C apt-get -qq -y --print-uris install --no-install-recommends "${missing[@]}" 2>/dev/null |
    awk '{ sum += $3 } END { print sum + 0 }')
  say "Installing $count packages, $((bytes / 1000000)) MB to download: about 2 minutes. apt-get's own words: $install_log"
}

# Debian's postgresql-15 makes and starts a cluster "main" on port 5432 when it is installed. Meridian starts its own
# nodes and has no use for a second server. The setting lasts for this one installation: what you install later behaves
# as Debian means it to.
install_quietly() {
  local setting=/etc/postgresql-common/createcluster.d/zz-meridian.conf failed=0
  if [[ " ${missing[*]} " == *" postgresql-15 "* ]]; then
    say "PostgreSQL comes without Debian's default cluster \"main\": Meridian starts its own nodes."
    trap forget_setting EXIT
    trap 'exit 130' INT TERM
    # shellcheck disable=SC2016
    as_root sh -c 'umask 022; mkdir -p "${1%/*}" && echo "create_main_cluster = false" >"$1"' sh "$setting"
  fi
  find_services
  ((!${#services[@]})) || hold_services
  apt_get "installing" install --no-install-recommends --no-remove "${missing[@]}" || failed=1
  ((!${#services[@]})) || leave_services_off
  [[ ! -e $setting ]] || forget_setting
  trap - EXIT INT TERM
  ((!failed)) || explain_apt
}

# Some packages start a service when they are installed, and at each boot. Meridian starts its own servers, on ports of
# its own, so those that it installs itself stay off; one that was there before is not touched.
services=()
policy=/usr/sbin/policy-rc.d

find_services() {
  local package
  services=()
  for package in nats-server ejabberd; do
    [[ " ${missing[*]} " != *" $package "* ]] || services+=("$package")
  done
}

# Debian asks this file whether a service may be started. Where there is one already, it is its owner's.
hold_services() {
  say "The services of ${services[*]} stay off: Meridian starts its own."
  trap 'release_services; [[ ! -e $setting ]] || forget_setting' EXIT
  trap 'exit 130' INT TERM
  # shellcheck disable=SC2016
  as_root sh -c '[ -e "$1" ] || { printf "#!/bin/sh\n# meridian: for one installation\nexit 101\n" >"$1" && chmod 755 "$1"; }' \
    sh "$policy"
}

release_services() {
  # shellcheck disable=SC2016
  as_root sh -c '! grep -qs "^# meridian: for one installation" "$1" || rm -f "$1"' sh "$policy"
}

leave_services_off() {
  local service
  release_services
  for service in "${services[@]}"; do
    ! command -v systemctl >/dev/null || as_root systemctl disable --quiet "$service.service" 2>>"$install_log" || true
  done
}

forget_setting() {
  local setting=/etc/postgresql-common/createcluster.d/zz-meridian.conf
  as_root rm -f "$setting"
  as_root rmdir -p --ignore-fail-on-non-empty "${setting%/*}"
}

# apt_get WHAT ARGUMENT...: apt-get with its words in the log and its progress here. Waits for another apt-get.
apt_get() {
  local what=$1 waited=0 status
  shift
  while :; do
    : >"$install_log"
    status=0
    # The status goes through descriptor 1, because sudo closes 3. A root without a login shell may lack sbin.
    # shellcheck disable=SC2016
    as_root sh -c 'export LC_ALL=C DEBIAN_FRONTEND=noninteractive "PATH=$PATH:/usr/sbin:/sbin"
      exec apt-get -q -y -o APT::Status-Fd=3 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
        "$@" 3>&1 >&2' sh "$@" </dev/null 2>>"$install_log" | show_progress "$what" || status=$?
    grep -qE 'Could not get lock|Unable to (lock|acquire)' "$install_log" || return "$status"
    ((waited < 300)) || return "$status"
    ((waited)) || say "  Another package manager is at work ($(lock_holder)); waiting for it, up to 5 minutes."
    sleep 5
    waited=$((waited + 5))
  done
}

lock_holder() { sed -nE 's/.*held by (process [0-9]+( \([^)]*\))?).*/\1/p' "$install_log" | head -n 1 | grep . || echo "a fresh machine updates itself"; }

# apt's status lines are KIND:PACKAGE:PERCENT:WORDS, where KIND is dlstatus or pmstatus. On a terminal one line is drawn
# over and over; elsewhere every 20 % is a line.
show_progress() {
  local what=$1 kind percent words label last=none
  while IFS=: read -r kind _ percent words; do
    percent=${percent%%.*}
    [[ $kind == [dp][lm]status && $percent =~ ^[0-9]+$ ]] || continue
    label=$what
    [[ $kind != dl* || $what == reading* ]] || label=downloading
    if on_terminal; then
      printf '\r\033[K  %s: %3d %%  %.48s' "$label" "$percent" "$words" >&2
    elif [[ $what != reading* && $label$((percent / 20)) != "$last" ]]; then
      say "  $label: $percent %"
      last=$label$((percent / 20))
    fi
  done
  ! on_terminal || printf '\r\033[K' >&2
}

# Turns apt's words into what to do. Never returns.
explain_apt() {
  local prefix='' words
  ((EUID == 0)) || prefix='sudo '
  words=$(grep -E '^ *(E|W|Err|dpkg: error|.*unmet dependencies|.*No space left)' "$install_log" |
    grep -vE 'by (glob|regex) ' | sort -u || true)
  [[ -z $words ]] || head -n 6 <<<"$words" | cut -c 1-200 | sed 's/^/  apt-get: /' >&2
  local all="All of its output: $install_log"
  case $words in
    *"dpkg was interrupted"*)
      fail "an earlier installation was interrupted." "Finish it, then run the same command again:  ${prefix}dpkg --configure -a" ;;
    *"No space left on device"* | *"enough free space"*)
      fail "the disk is full ($(free_mb /usr) MB free at /usr, $(free_mb /var/cache/apt) MB at /var/cache/apt)." \
        "The packages need about 2 GB and a build about 1 GB. Free some space and run the same command again." ;;
    *"Could not get lock"* | *"Unable to lock"* | *"Unable to acquire"*)
      fail "another package manager has been at work for 5 minutes." "Wait until it ends and run the same command again." "$all" ;;
    *"not valid yet"* | *"is expired"*)
      fail "apt-get does not trust the package lists' dates." "Is this machine's clock right? It says: $(date)" "$all" ;;
    *"resolv"* | *"Could not connect"* | *"onnection failed"* | *"connection timed out"* | *"nreachable"* | *"efused"*)
      fail "can't reach the Debian package servers." "Check the network (and a proxy, if you use one: /etc/apt/apt.conf.d)," \
        "then run the same command again: it goes on where it stopped." "$all" ;;
    *"Unable to locate package"* | *"no installation candidate"*)
      fail "Debian's package lists don't have them all." \
        "On Debian 12 (bookworm) they come from main: see that /etc/apt/sources.list names it, with updates and security." "$all" ;;
    *"unmet dependencies"* | *"held broken"*)
      fail "apt-get can't bring the packages together with what is installed." "Try:  ${prefix}apt-get install -f" "$all" ;;
    *)
      tail -n 15 "$install_log" >&2
      fail "apt-get failed." "$all" ;;
  esac
}
