# The engine of this machine: found, asked who it is, called by sudo where it must be.
engine_root='' engine_version='' store_kind='' store_label='' engine_platform='' player_pid='' load_pid=''

open_engine() {
  said_engine=$engine
  use_engine "${engine:-docker}"
  if [ "$kind" = layout ]; then
    open_layout
    return
  fi
  look_at_engine
  # Where nobody says which: what a machine without docker has.
  case $said_engine,$trouble in
    ,missing*)
      guesses=$(engines_beside) again=''
      # Where none answers the likeliest is told, which comes once more; the only one is the last that was asked.
      case $guesses in *"$nl"*) again=${guesses%%"$nl"*} ;; esac
      for found_engine in $guesses $again; do
        use_engine "$found_engine"
        look_at_engine
        # What only lies about is not what is meant.
        case $trouble in down* | missing*) ;; *) break ;; esac
      done
      ;;
  esac
  case $trouble in
    '') ;;
    missing*) fail FAR_ENGINE_MISSING ;;
    denied*) fail FAR_ENGINE_DENIED ;;
    *) fail FAR_ENGINE_DOWN "${trouble#* }" ;;
  esac
  "open_$kind"
}

# Other engines here that could have been meant, a line each, the likeliest first. docker is what was asked first.
engines_beside() {
  probe_others | sed -n '/^other docker$/d; s/^other //p'
}

# With an engine that nobody has named, the others, for whoever meant one of those.
say_engine() {
  say engine "${engine%%:*} $engine_version" "$store_label" "$engine_platform"
  [ -z "$said_engine" ] || return 0
  for other in $(engines_beside); do say engine-beside "$other"; done
}

# What is wrong with it, into $trouble, by sudo where it must be.
look_at_engine() {
  "${kind}_probe" >"$work/probe"
  if grep -q '^engine-error denied' "$work/probe"; then
    take_sudo
    "${kind}_probe" >"$work/probe"
  fi
  trouble=$(sed -n 's/^engine-error //p' "$work/probe")
}

# By what its probe has found.
open_containerd() {
  engine_version=$version store_kind=containerd store_label="${snapshotter:-overlayfs}, namespace $namespace"
  engine_platform=linux/$(arch_of "$(uname -m)")
}

open_docker() {
  "${program}_facts"
  case $engine_version in '' | *[!A-Za-z0-9.+~_-]*) fail FAR_ENGINE_UNSUPPORTED "$(said "$work/out")" ;; esac
  case $os_type$driver in *[!A-Za-z0-9._-]*) fail FAR_ENGINE_UNSUPPORTED "$(said "$work/out")" ;; esac
  [ "$os_type" = linux ] || fail FAR_ENGINE_UNSUPPORTED "$os_type"
  engine_platform=linux/$(arch_of "$machine")
}

docker_facts() {
  docker_ask info --format '{{.ServerVersion}} {{.OSType}} {{.Architecture}} {{.Driver}} {{json .DriverStatus}}' || docker_refused
  read -r engine_version os_type machine driver driver_status <"$work/out"
  store_kind=graphdriver store_label=$driver
  case $driver_status in
    *'["driver-type","io.containerd.snapshotter'*) store_kind=containerd store_label="containerd $driver" ;;
  esac
}

podman_facts() {
  docker_ask info --format '{{.Version.Version}} {{.Host.OS}} {{.Host.Arch}} {{.Store.GraphDriverName}} {{.Host.Security.Rootless}}' ||
    docker_refused
  read -r engine_version os_type machine driver rootless <"$work/out"
  store_kind=containers-storage store_label="$driver, root"
  [ "$rootless" != true ] || store_label="$driver, $(id -un 2>/dev/null)"
}

# sudo without a password, else with one that is asked for here: it goes to sudo by a builtin and is never an argument.
take_sudo() {
  case $(sed -n 's/^sudo //p' "$work/probe") in
    n) sudo_mode=n ;;
    password)
      ask_password || fail FAR_ENGINE_DENIED
      sudo_mode=ask
      ;;
    *) fail FAR_ENGINE_DENIED ;;
  esac
}

# ask_password: on the terminal, once; false where there is none.
ask_password() {
  [ -t 0 ] && has stty || return 1
  terminal_echo=off
  stty -echo
  say password
  IFS= read -r password || return 1
  stty echo
  terminal_echo=''
  printf '\n' >&2
}

# arch_of WORD: image-spec's spelling of what machines are called.
arch_of() {
  case $1 in
    x86_64 | x86-64) printf 'amd64\n' ;;
    aarch64) printf 'arm64\n' ;;
    armhf | armv7l | armv7) printf 'arm/v7\n' ;;
    armel | armv6l | armv6) printf 'arm/v6\n' ;;
    i386 | i486 | i586 | i686) printf '386\n' ;;
    loongarch64) printf 'loong64\n' ;;
    *) printf '%s\n' "$1" | tr -c -d 'a-z0-9._\n-' ;;
  esac
}

# fits IMAGE-PLATFORM [PLATFORM]: whether it runs there, or here; an unnamed variant on either side fits any.
fits() {
  fits_on=${2:-$engine_platform}
  case $1 in "$fits_on" | "$fits_on"/* | "${fits_on%/v8}") return 0 ;; esac
  case $fits_on in "$1" | "$1"/*) return 0 ;; esac
  case $1,$fits_on in
    linux/386,linux/amd64 | linux/arm/v[56],linux/arm/v[678] | linux/arm64/v8,linux/arm64) return 0 ;;
  esac
  return 1
}

# reads_codec CODEC: the engine itself reads layers stored so (docs/engines.md).
reads_codec() {
  case $1$store_kind in zstdgraphdriver) ;; *) return 0 ;; esac
  major=${engine_version%%.*}
  is_count "$major" && [ "$major" -ge 23 ]
}
