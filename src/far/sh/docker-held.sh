# What docker or podman holds: every image with its layers and names, and what its store tells beside that.

# Images that went away between the list and the question are passed over.
docker_held() {
  docker_ask image ls -aq --no-trunc || docker_refused
  docker_answer | sort -u >"$work/ids"
  set --
  while read -r id; do
    is_name "$id" || continue
    set -- "$@" "$id"
    [ "$#" -lt 100 ] || { "${program}_inspect" "$@" && set --; }
  done <"$work/ids"
  [ "$#" -eq 0 ] || "${program}_inspect" "$@"
  "${program}_blobs"
}
