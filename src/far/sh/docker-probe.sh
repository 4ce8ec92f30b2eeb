# What a host says of its docker or podman: version, info, where it keeps images, whether sudo is needed.

docker_probe() {
  need_sudo
  if ! docker_ask --version; then
    printf 'engine-error missing %s\nsudo none\n' "$(said "$work/err")"
    return 0
  fi
  read -r called _ version _ <"$work/out"
  # podman answers to docker's name on some systems; it is another engine.
  case $program$called in dockerDocker | podmanpodman) ;; *)
    printf 'engine-error missing %s\nsudo none\n' "$(said "$work/out")"
    return 0
    ;;
  esac
  printf 'engine %s %s\n' "$program" "${version%,}"
  if "${program}_info"; then
    "${program}_engine_root"
    [ "$program" != docker ] || docker_up=yes
    printf 'engine-info '
    tr -d '\n' <"$work/out"
    printf '\n'
    docker_left_containers
    case $sudo_mode in n) printf 'sudo n\n' ;; ask) printf 'sudo password\n' ;; *) printf 'sudo none\n' ;; esac
    return 0
  fi
  trouble=$(docker_trouble)
  # What is closed to a user in its own podman, sudo would not open: it leads to another store.
  case $trouble,$engine in denied,docker | denied,podman:root) ;; *) trouble=down ;; esac
  sed -n 's/.*"ServerErrors":\["\([^]]*\)"\].*/\1/p' "$work/out" >"$work/server"
  printf 'engine-error %s %s\n' "$trouble" "$(said "$work/server" "$work/err")"
  case $sudo_mode in n) printf 'sudo n\n' ;; ask) printf 'sudo password\n' ;; *) try_sudo "$trouble" ;; esac
}

# Containers that were to prove an image and that nobody has removed: a line for each, or none where docker does not say.
docker_left_containers() {
  docker_ask ps -a --filter name=airgap-verify- --format '{{.Names}}' || return 0
  docker_answer | while read -r container _; do
    case $container in airgap-verify-*) ! is_hex "${container#airgap-verify-}" 16 || printf 'container %s\n' "${container#airgap-verify-}" ;; esac
  done
}
