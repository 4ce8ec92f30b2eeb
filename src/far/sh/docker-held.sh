# What docker holds: every image with its layers and names, and the blobs of containerd's store where they can be read.

# Images that went away between the list and the question are passed over.
docker_held() {
  docker_ask image ls -aq --no-trunc || docker_refused
  sort -u "$work/out" >"$work/ids"
  set --
  while read -r id; do
    is_name "$id" || continue
    set -- "$@" "$id"
    [ "$#" -lt 100 ] || { docker_inspect "$@" && set --; }
  done <"$work/ids"
  [ "$#" -eq 0 ] || docker_inspect "$@"
  docker_blobs
}

# `.RootFS` whole, not its Layers: a damaged record has none, and the template would stop there.
docker_inspect() {
  docker_ask image inspect --format \
    'image {{.Id}} {{json .RootFS}} {{.Size}}{{$id := .Id}}{{range .RepoTags}}{{"\n"}}tag {{$id}} {{.}}{{end}}' "$@" ||
    case $(said "$work/err") in *'o such image'*) ;; *) docker_refused ;; esac
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
