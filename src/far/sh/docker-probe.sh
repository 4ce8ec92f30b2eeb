# What a host says of its docker: version, info, where it keeps images, whether sudo is needed.

# Where containerd's store is that of the system's own containerd, images lie there and not below docker's root.
docker_engine_root() {
  docker_root=$(sed -n 's/.*"DockerRootDir":"\([^"]*\)".*/\1/p' "$work/out")
  engine_root=$docker_root
  grep -q '"driver-type","io.containerd.snapshotter' "$work/out" || return 0
  case $(sed -n 's/.*"Containerd":{"Address":"\([^"]*\)".*/\1/p' "$work/out") in
    /run/containerd/containerd.sock | /var/run/containerd/containerd.sock) ;;
    '') [ ! -S /run/docker/containerd/containerd.sock ] && [ -S /run/containerd/containerd.sock ] || return 0 ;;
    *) return 0 ;;
  esac
  # Its settings may be closed to this user; then it is where it is everywhere.
  containerd_root=$(sed -n 's,^root *= *["'"'"']\(/[^"'"'"']*\).*,\1,p' /etc/containerd/config.toml 2>/dev/null)
  containerd_root=${containerd_root%%"$nl"*}
  engine_root=${containerd_root:-/var/lib/containerd}
}

docker_probe() {
  need_sudo
  if ! docker_ask --version; then
    printf 'engine-error missing %s\nsudo none\n' "$(said "$work/err")"
    return 0
  fi
  read -r called _ version _ <"$work/out"
  if [ "$called" != Docker ]; then
    # podman answers to this name on some systems; it is another engine.
    printf 'engine-error missing %s\nsudo none\n' "$(said "$work/out")"
    return 0
  fi
  printf 'engine docker %s\n' "${version%,}"
  if docker_ask info --format '{{json .}}' && ! grep -q '"ServerErrors":\["' "$work/out"; then
    docker_engine_root
    printf 'engine-info '
    tr -d '\n' <"$work/out"
    printf '\n'
    docker_left_containers
    case $sudo_mode in n) printf 'sudo n\n' ;; ask) printf 'sudo password\n' ;; *) printf 'sudo none\n' ;; esac
    return 0
  fi
  trouble=$(docker_trouble)
  case $trouble in denied) ;; *) trouble=down ;; esac
  sed -n 's/.*"ServerErrors":\["\([^]]*\)"\].*/\1/p' "$work/out" >"$work/server"
  printf 'engine-error %s %s\n' "$trouble" "$(said "$work/server" "$work/err")"
  case $sudo_mode in n) printf 'sudo n\n' ;; ask) printf 'sudo password\n' ;; *) try_sudo "$trouble" ;; esac
}

# Containers that were to prove an image and that nobody has removed: a line for each, or none where docker does not say.
docker_left_containers() {
  docker_ask ps -a --filter name=airgap-verify- --format '{{.Names}}' || return 0
  while read -r container _; do
    case $container in airgap-verify-*) ! is_hex "${container#airgap-verify-}" 16 || printf 'container %s\n' "${container#airgap-verify-}" ;; esac
  done <"$work/out"
}
