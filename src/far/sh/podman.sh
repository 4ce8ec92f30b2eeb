# What podman does in its own way. Its store is this user's; `podman:root` is root's, another one, reached by sudo.

podman_info() {
  case $engine$sudo_mode in
    podman:rootno)
      if [ "$(id -u)" != 0 ]; then
        printf 'permission denied: this is not root\n' >"$work/err"
        return 1
      fi
      ;;
  esac
  docker_ask info --format '{{json .}}'
}

podman_engine_root() {
  engine_root=$(sed -n 's/.*"graphRoot": *"\([^"]*\)".*/\1/p' "$work/out")
  engine_temp=$(sed -n 's/.*"imageCopyTmpDir": *"\([^"]*\)".*/\1/p' "$work/out")
  [ "$engine_temp" != /var/tmp ] || engine_temp=''
}

# Variables in a template stop it at the second image.
podman_inspect() {
  docker_ask image inspect --format 'image sha256:{{.Id}} {{json .RootFS}} {{.Size}}' "$@" || docker_unknown || docker_refused
  docker_answer | sed '/^$/d'
}

# Names, and the sizes of layers where the store's own list can be read: the manifest of an archive tells them.
podman_blobs() {
  docker_ask image ls -a --no-trunc --format '{{.ID}} {{.Repository}}:{{.Tag}}' || docker_refused
  docker_answer | sed -n '/<none>/!s/^sha256:/tag sha256:/p'
  docker_ask info --format '{{.Store.GraphDriverName}} {{.Store.GraphRoot}}' || return 0
  read -r driver root <"$work/out"
  layers=$root/$driver-layers/layers.json
  if [ -r "$layers" ]; then cat "$layers"; else look_as_root cat "$layers"; fi 2>/dev/null | tr '{' '\n' |
    sed -n 's/.*"diff-digest":"\(sha256:[0-9a-f]*\)","diff-size":\([0-9]*\).*/blob \1 \2 -/p' | sort -u
}

# A name goes; its image stays, without one if that was its last.
podman_release() {
  docker_ask untag "$1" "$1" || docker_unknown || docker_refused
}

# podman_read FILE load. A FIFO by its name would be opened once for each format that it tries, and sudo's stdin is the password's:
# an inner shell gives podman another.
podman_read() {
  case $sudo_mode in
    ask) as_engine sh -c 'exec podman load <"$1"' sh "$1" ;;
    n) sudo -n podman load <"$1" ;;
    *) podman load <"$1" ;;
  esac 2>"$work/podman" && return 0
  # It says why for each format that it knows; ours is this one.
  sed -n 's/^ \* oci-archive: //p' "$work/podman" | grep . >&2 || grep '^Error' "$work/podman" >&2 || cat "$work/podman" >&2
  return 1
}
