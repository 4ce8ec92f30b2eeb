# Local repositories: a set is copied to a place of its own, and installed from there by the host's own package manager, with every
# other source switched off. As root. docs/far-side.md, "Packages", has the order of calls.
packages_root=/srv/airgap/packages
packages_work=''
packages_said=''

# A set's or a bundle's name.
is_set_name() {
  case $1 in '' | [!a-z0-9]* | *[!a-z0-9._-]*) return 1 ;; esac
  [ "${#1}" -le 64 ]
}

# A package's name; never an option, a file or something that a package manager takes for a list or for a wish to remove. apt takes
# a name that ends with + for that very package where there is one (g++), else as a wish to install: no harm.
is_package_name() {
  case $1 in '' | [!A-Za-z0-9]* | *[!A-Za-z0-9.+:~_-]* | *-) return 1 ;; esac
  [ "${#1}" -le 200 ]
}

# packages_manager deb|rpm: prints the program that installs them here.
packages_manager() {
  case $1 in
    deb) set -- apt-get ;;
    rpm) set -- dnf yum ;;
    *) return 1 ;;
  esac
  for candidate in "$@"; do
    if has "$candidate"; then
      printf '%s\n' "$candidate"
      return 0
    fi
  done
  return 1
}

# packages_copy FOLDER BUNDLE SET: puts the set at its place, whole or not at all. Its bytes have been checked before.
packages_copy() {
  is_set_name "$2" && is_set_name "$3" || return 1
  packages_said=''
  place=$packages_root/$2
  for folder in /srv /srv/airgap "$packages_root" "$place"; do
    if [ -L "$folder" ]; then
      packages_said="$folder is a symbolic link"
      return 1
    fi
    # Not mkdir -p: apt reads them as a user of its own, whatever the umask is.
    [ -d "$folder" ] || { mkdir "$folder" && chmod 0755 "$folder"; } || return 1
  done
  rm -rf "$place/.airgap-new-$3" "$place/.airgap-old-$3"
  if cp -R "$1" "$place/.airgap-new-$3" && chmod -R u=rwX,go=rX "$place/.airgap-new-$3" && sync; then
    [ ! -e "$place/$3" ] || mv "$place/$3" "$place/.airgap-old-$3" || return 1
    if mv "$place/.airgap-new-$3" "$place/$3"; then
      rm -rf "$place/.airgap-old-$3"
      return 0
    fi
    mv "$place/.airgap-old-$3" "$place/$3"
  fi
  rm -rf "$place/.airgap-new-$3"
  packages_said="$place cannot be written"
  return 1
}

# root_set, root_setup: what both programs do as root for the set $set_name of $set_bundle, whose files lie in $work/set and whose names
# in $work/names.
root_set() {
  packages_copy "$work/set" "$set_bundle" "$set_name" 2>"$work/err" ||
    fail INSTALL_FAILED "$packages_root/$set_bundle/$set_name $(packages_why)"
  printf 'copied %s\n' "$packages_root/$set_bundle/$set_name"
}

# Begun, it runs to its end: a dpkg that is stopped in the middle leaves packages half there.
root_setup() {
  trap '' HUP INT TERM
  set --
  while read -r word; do
    set -- "$@" "$word"
  done <"$work/names"
  packages_install "$set_kind" "$set_bundle" "$set_name" "$@" || fail PACKAGES_FAILED "$(packages_why)"
  printf 'installed\n'
}

# packages_plan deb|rpm BUNDLE SET NAME…: says what an install would do, in the package manager's own words; changes nothing.
packages_plan() {
  packages_run plan "$@"
}

# packages_install deb|rpm BUNDLE SET NAME…: installs them. packages_why tells why it failed.
packages_install() {
  packages_run install "$@"
}

# packages_why: why the last of these calls has failed, in one line.
packages_why() {
  printf '%s\n' "$packages_said"
}

packages_run() {
  run_action=$1 run_kind=$2 run_set=$4 place=$packages_root/$3/$4
  is_set_name "$3" && is_set_name "$4" || return 1
  shift 4
  packages_said='no package is named'
  [ "$#" -gt 0 ] || return 1
  for word in "$@"; do
    packages_said="a name that no package has: $word"
    is_package_name "$word" || return 1
  done
  packages_said="there is no package manager for $run_kind here"
  manager=$(packages_manager "$run_kind") || return 1
  packages_said='no folder for its lists'
  packages_work=$(mktemp -d) || return 1
  case $run_kind in
    deb) packages_apt "$@" ;;
    rpm) packages_dnf "$@" ;;
  esac
  code=$?
  packages_said=$(tail -n 15 "$packages_work/log" 2>/dev/null | said)
  [ "$run_action" != plan ] || cat "$packages_work/log"
  rm -rf "$packages_work"
  return "$code"
}

# trusted=yes: every byte of the set was checked against the bundle's seal, and a key would have come with it just the same. Lists
# and caches are the run's own, so that the host's know nothing of this afterwards. Nothing is ever removed for it.
packages_apt() {
  mkdir -p "$packages_work/lists/partial" "$packages_work/archives/partial"
  printf 'deb [trusted=yes] file:%s ./\n' "$place" >"$packages_work/sources.list"
  packages_apt_get update >"$packages_work/log" 2>&1 || return 1
  case $run_action in
    plan) packages_apt_get --simulate --no-remove install "$@" >"$packages_work/log" 2>&1 ;;
    install) packages_apt_get --yes --no-remove install "$@" >"$packages_work/log" 2>&1 ;;
  esac
}

packages_apt_get() {
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l apt-get --quiet \
    -o Dir::Etc::sourcelist="$packages_work/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$packages_work/lists" -o Dir::Cache::archives="$packages_work/archives" \
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Acquire::Languages=none -o APT::Update::Error-Mode=any \
    -o APT::Sandbox::User=root -o APT::Install-Recommends=false -o DPkg::Lock::Timeout=60 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" </dev/null
}

packages_dnf() {
  mkdir -p "$packages_work/repos" "$packages_work/cache"
  printf '[airgap-%s]\nname=airgap %s\nbaseurl=file://%s\nenabled=1\ngpgcheck=0\n' "$run_set" "$run_set" "$place" \
    >"$packages_work/repos/airgap.repo"
  # dnf answers 1 where it was only asked what it would do.
  case $run_action in
    plan)
      packages_dnf_run --assumeno install "$@" >"$packages_work/log" 2>&1
      [ "$?" -le 1 ]
      ;;
    install) packages_dnf_run --assumeyes install "$@" >"$packages_work/log" 2>&1 ;;
  esac
}

packages_dnf_run() {
  "$manager" --quiet --setopt=reposdir="$packages_work/repos" --setopt=cachedir="$packages_work/cache" \
    --setopt=install_weak_deps=False "$@" </dev/null
}
