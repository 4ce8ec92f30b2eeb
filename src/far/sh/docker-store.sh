# What docker alone does: it reads archives in ways of its own, and tells where its store is and, of containerd's, which blobs it has.

# `image rm` of the last name deletes the image. A name that moves on leaves it nameless instead, as `docker load` would:
# so the name is given to an empty image first.
docker_release() {
  docker_ask image inspect --format '{{len .RepoTags}}' "$1" || docker_refused
  read -r count <"$work/out"
  if [ "$count" = 1 ]; then
    dd if=/dev/zero of="$work/empty.tar" bs=512 count=20 2>/dev/null || stage_refused "$stage"
    start_beats 60
    docker_read "$work/empty.tar" import "$1" >"$work/out" 2>"$work/err" || docker_refused
    end_beats
  fi
  docker_ask image rm "$1" || docker_unknown || docker_refused
}

# docker_read FILE import NAME, docker_read FILE load: gives docker a file as data. By name where sudo may eat from stdin, else on stdin,
# which works for a docker that is locked out of hidden folders (snap).
docker_read() {
  case $2$sudo_mode in
    importask) as_engine docker import "$1" "$3" ;;
    importn) sudo -n docker import - "$3" <"$1" ;;
    importno) docker import - "$3" <"$1" ;;
    loadask) as_engine docker load -i "$1" ;;
    loadn) sudo -n docker load <"$1" ;;
    *) docker load <"$1" ;;
  esac
}

docker_info() {
  docker_ask info --format '{{json .}}' && ! grep -q '"ServerErrors":\["' "$work/out"
}

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

# `.RootFS` whole, not its Layers: a damaged record has none, and the template would stop there.
docker_inspect() {
  docker_ask image inspect --format \
    'image {{.Id}} {{json .RootFS}} {{.Size}}{{$id := .Id}}{{range .RepoTags}}{{"\n"}}tag {{$id}} {{.}}{{end}}' "$@" ||
    docker_unknown || docker_refused
  sed '/^$/d' "$work/out"
}

# Extra knowledge, never needed: without it layers are spliced from the engine's own save. So every doubt means silence.
docker_blobs() {
  docker_ask info --format '{{.DockerRootDir}} {{json .DriverStatus}} {{json .}}' || return 0
  case $(cat "$work/out") in *'"driver-type","io.containerd.snapshotter'*) ;; *) return 0 ;; esac
  read -r root _ <"$work/out"
  has ctr && has awk && docker_blobs_by_ctr || docker_blobs_by_folder
  return 0
}

docker_blobs_by_ctr() {
  address=$(sed -n 's/.*"Containerd":{"Address":"\([^"]*\)".*/\1/p' "$work/out")
  for socket in "$address" /run/containerd/containerd.sock /run/docker/containerd/containerd.sock \
    /var/run/docker/containerd/containerd.sock; do
    docker_ctr_usable "$socket" || continue
    for content in "$root/containerd/daemon/io.containerd.content.v1.content" \
      /var/lib/containerd/io.containerd.content.v1.content; do
      docker_list_blobs "$socket" "$content/blobs/sha256" || continue
      docker_blob_codecs "$content/blobs/sha256"
      return 0
    done
  done
  return 1
}

# A containerd of docker's own keeps its blobs below docker's root. What they unpack to is not told, but a blob under
# the digest of an unpacked layer is that layer. A system's containerd is not looked at: its blobs may be others'.
docker_blobs_by_folder() {
  look_as_root ls -ln "$root/containerd/daemon/io.containerd.content.v1.content/blobs/sha256" >"$work/blobs" ||
    return 0
  while read -r mode _ _ _ bytes _ _ _ hex; do
    case $mode in -*) ;; *) continue ;; esac
    ! is_hex "$hex" 64 || ! is_count "$bytes" || printf 'blob sha256:%s %s -\n' "$hex" "$bytes"
  done <"$work/blobs"
}

# That containerd is this docker's own only if they name an image in common.
docker_ctr_usable() {
  # ctr would wait ten seconds for a socket that is not there.
  [ -S "$1" ] || return 1
  look_as_root ctr -a "$1" --connect-timeout 5s -n moby images ls >"$work/ctr" || return 1
  grep -q -F -f "$work/ids" "$work/ctr" 2>/dev/null && [ -s "$work/ids" ]
}

# Sizes from the folder: `ctr content ls` rounds them.
docker_list_blobs() {
  start_beats 60
  look_as_root ls -ln "$2" >"$work/blobs" && [ -s "$work/blobs" ] &&
    look_as_root ctr -a "$1" --connect-timeout 5s -n moby content ls >"$work/content"
  listed=$?
  end_beats
  [ "$listed" = 0 ] || return 1
  awk '
    NR == FNR { if ($1 ~ /^-/ && length($9) == 64) size["sha256:" $9] = $5; next }
    $1 in size {
      diff = "-"
      if (match($0, /containerd\.io\/uncompressed=sha256:[0-9a-f]+/)) diff = substr($0, RSTART + 27, RLENGTH - 27)
      if (length(diff) == 71 || diff == "-") { print "blob", $1, size[$1], diff; found = 1 }
    }
    END { exit !found }' "$work/blobs" "$work/content"
}

# A label tells what a blob unpacks to, but only its first bytes tell how: gzip or zstd. Blobs that cannot be read stay untold.
docker_blob_codecs() {
  sed -n 's,^sha256:\([0-9a-f]*\)[[:space:]].*containerd\.io/uncompressed=.*,\1,p' "$work/content" >"$work/packed"
  folder=$1
  set --
  while read -r hex; do
    is_hex "$hex" 64 || continue
    set -- "$@" "$hex"
    [ "$#" -lt 100 ] || { docker_magic "$@" && set --; }
  done <"$work/packed"
  [ "$#" -eq 0 ] || docker_magic "$@"
}

docker_magic() {
  # shellcheck disable=SC2016 # for the inner shell, which has to be one program for sudo
  look_as_root sh -c 'cd "$1" && shift && for f; do printf "%s " "$f" && od -A n -t x1 -N 4 "$f" | tr -d " "; done' \
    sh "$folder" "$@" >"$work/magic"
  while read -r hex magic; do
    case $magic in
      1f8b*) printf 'codec sha256:%s gzip\n' "$hex" ;;
      28b52ffd) printf 'codec sha256:%s zstd\n' "$hex" ;;
    esac
  done <"$work/magic"
}
