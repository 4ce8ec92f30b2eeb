# docker, whichever store it keeps layers in, and podman, whose command line is docker's: $program tells which. Every function
# here has a twin of the same name in layout.sh. What one of the two alone has is called by `${program}_…`.

# docker_ask WORDS…: runs it; what it prints is left in $work/out and $work/err. A busy one may take minutes, and one that takes
# ten for a question is not counted on.
docker_ask() {
  beating=$beat_pid
  start_beats 60
  as_engine "$program" "$@" >"$work/out" 2>"$work/err"
  asked=$?
  [ -n "$beating" ] || end_beats
  return "$asked"
}

# What it has answered, every line ended: podman 4.3 leaves the last one open.
docker_answer() {
  printf '%s\n' "$(cat "$work/out")"
}

# Whether it said no because there is no such image or container.
docker_unknown() {
  case $(said "$work/err") in *'o such image'* | *'o such container'* | *'image not known'*) ;; *) return 1 ;; esac
}

# Tells why docker said no, from its own words.
docker_trouble() {
  case $(said "$work/err" "$work/out") in
    *'ermission denied'*) printf 'denied\n' ;;
    *'annot connect'* | *'daemon running'* | *'onnection refused'* | *'o such host'* | *timeout*) printf 'down\n' ;;
    *'not found'*) printf 'missing\n' ;;
    *) printf 'other\n' ;;
  esac
}

docker_refused() {
  case $(docker_trouble) in
    denied) fail FAR_ENGINE_DENIED "$(said "$work/err")" ;;
    down) fail FAR_ENGINE_DOWN "$(said "$work/err")" ;;
    missing) has "$program" || fail FAR_ENGINE_MISSING "$program" ;;
  esac
  fail FAR_FAILED "$(said "$work/err")"
}

# docker_id NAME: its Id, or nothing, into $id.
docker_id() {
  id=''
  if docker_ask image inspect --format '{{.Id}}' "$1"; then
    read -r id <"$work/out"
    # podman leaves the algorithm out.
    id=sha256:${id#sha256:}
    return 0
  fi
  docker_unknown || docker_refused
}

docker_hold() {
  docker_ask tag "$1" "$2" || docker_refused
}

# The old image of a name gets another name first: where nothing names it, containerd's store throws it away.
docker_name() {
  # It would be taken for an Id, and no name be set.
  case $2 in sha256:*) fail FAR_FAILED "$2 cannot be a name" ;; esac
  docker_id "$1"
  new_id=$id
  [ -n "$new_id" ] || fail FAR_FAILED "there is no image $1"
  docker_id "$2"
  if [ -n "$id" ] && [ "$id" != "$new_id" ]; then
    [ "$clobber" = 1 ] || fail NAME_TAKEN "$2"
    docker_ask tag "$id" "$3" || docker_refused
    docker_ask tag "$1" "$2" || docker_refused
    printf 'moved %s\n' "$id"
    return 0
  fi
  [ -n "$id" ] || docker_ask tag "$1" "$2" || docker_refused
  printf 'new\n'
}

# Somebody else may have moved the name since: then it is theirs.
docker_revert() {
  docker_id "$1"
  [ "$id" = "$2" ] || return 0
  id=''
  [ -z "$3" ] || docker_id "$3"
  if [ -n "$id" ]; then
    docker_ask tag "$3" "$1" || docker_refused
  else
    "${program}_release" "$1"
  fi
  printf 'reverted\n'
}

# A name that only held an image which was there before must go without taking the image with it.
docker_unname() {
  docker_id "$1"
  [ -n "$id" ] || return 0
  case $1 in
    airgap.local/base:* | airgap.local/previous:*) "${program}_release" "$1" ;;
    # A container may use what nothing else names.
    *) docker_ask image rm "$1" || docker_unknown || "${program}_release" "$1" ;;
  esac
  printf 'removed %s\n' "$1"
}

docker_load() {
  "${program}_read" "$1" load >"$work/out" 2>"$work/err" || return 1
  # Stores of containerd say "Loaded image" and exit 0 even when they could not unpack it.
  case $(said "$work/out" "$work/err") in *'Error unpacking'* | *'rror response'*) return 1 ;; esac
}

# After a load that failed: containerd's store has set the name all the same.
docker_discard() {
  docker_ask image rm "$1" || :
}

docker_verify() {
  if ! docker_ask image inspect --format 'image {{.Id}} {{json .RootFS}}' "$1"; then
    docker_unknown || docker_refused
    return 0
  fi
  docker_answer | sed 's/^image \([0-9a-f]\{64\} \)/image sha256:\1/'
  [ "$2" = 1 ] || return 0
  # Containerd's store may list an image that it cannot unpack; a container of it proves that it can.
  container=airgap-verify-$client
  if ! docker_ask create --name "$container" "$1" x; then
    case $(said "$work/err") in *'already in use'*) docker_ask rm -f -v "$container" ;; esac
    if ! docker_ask create --name "$container" "$1" x; then
      printf 'refused %s\n' "$(said "$work/err")"
      return 0
    fi
  fi
  docker_ask rm -f -v "$container" || docker_unknown || docker_refused
  printf 'created\n'
}

# What a killed verification has left, running or not; nobody fails for it.
docker_uncontain() {
  ! docker_ask rm -f -v "$1" || printf 'removed %s\n' "$1"
}

docker_save() {
  as_engine "$program" save "$1" 2>"$work/save.err"
}
