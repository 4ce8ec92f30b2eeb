# docker, whichever store it keeps layers in. Every function here has a twin of the same name in layout.sh.

# ask WORDS…: runs docker; what it prints is left in $work/out and $work/err. A busy one may take minutes, and one that takes
# ten for a question is not counted on.
docker_ask() {
  beating=$beat_pid
  start_beats 60
  as_engine docker "$@" >"$work/out" 2>"$work/err"
  asked=$?
  [ -n "$beating" ] || end_beats
  return "$asked"
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
    missing) has docker || fail FAR_ENGINE_MISSING docker ;;
  esac
  fail FAR_FAILED "$(said "$work/err")"
}

# docker_id NAME: its Id, or nothing, into $id.
docker_id() {
  id=''
  if docker_ask image inspect --format '{{.Id}}' "$1"; then
    read -r id <"$work/out"
    return 0
  fi
  case $(said "$work/err") in *'o such image'*) ;; *) docker_refused ;; esac
}

docker_hold() {
  docker_ask tag "$1" "$2" || docker_refused
}

# The old image of a name gets another name first: where nothing names it, containerd's store throws it away.
docker_name() {
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
    docker_release "$1"
    docker_ask image rm "$1" || docker_refused
  fi
  printf 'reverted\n'
}

# A name that only held an image which was there before must go without taking the image with it.
docker_unname() {
  docker_id "$1"
  [ -n "$id" ] || return 0
  case $1 in
    airgap.local/base:* | airgap.local/previous:*) docker_release "$1" ;;
  esac
  docker_ask image rm "$1" || case $(said "$work/err") in
    *'o such image'*) ;;
    *) docker_refused ;;
  esac
  printf 'removed %s\n' "$1"
}

# `image rm` of the last name deletes the image. A name that moves on leaves it nameless instead, as `docker load` would:
# so the name is given to an empty image first.
docker_release() {
  docker_ask image inspect --format '{{len .RepoTags}}' "$1" || docker_refused
  read -r count <"$work/out"
  [ "$count" = 1 ] || return 0
  dd if=/dev/zero of="$work/empty.tar" bs=512 count=20 2>/dev/null || stage_refused "$stage"
  start_beats 60
  docker_stdin "$work/empty.tar" import "$1" || docker_refused
  end_beats
}

# docker_stdin FILE import NAME, docker_stdin FILE load: gives docker a file as data. By name where sudo may eat from stdin, else on stdin, which
# works for a docker that is locked out of hidden folders (snap).
docker_stdin() {
  case $2$sudo_mode in
    importask) as_engine docker import "$1" "$3" ;;
    importn) sudo -n docker import - "$3" <"$1" ;;
    importno) docker import - "$3" <"$1" ;;
    loadask) as_engine docker load -i "$1" ;;
    loadn) sudo -n docker load <"$1" ;;
    *) docker load <"$1" ;;
  esac >"$work/out" 2>"$work/err"
}

docker_load() {
  docker_stdin "$1" load || return 1
  # Stores of containerd say "Loaded image" and exit 0 even when they could not unpack it.
  case $(said "$work/out" "$work/err") in *'Error unpacking'* | *'rror response'*) return 1 ;; esac
}

# After a load that failed: containerd's store has set the name all the same.
docker_discard() {
  docker_ask image rm "$1" || :
}

docker_verify() {
  if ! docker_ask image inspect --format 'image {{.Id}} {{json .RootFS}}' "$1"; then
    case $(said "$work/err") in *'o such image'*) return 0 ;; *) docker_refused ;; esac
  fi
  cat "$work/out"
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
  docker_ask rm -f -v "$container" || case $(said "$work/err") in *'o such container'*) ;; *) docker_refused ;; esac
  printf 'created\n'
}

# What a killed verification has left, running or not; nobody fails for it.
docker_uncontain() {
  ! docker_ask rm -f -v "$1" || printf 'removed %s\n' "$1"
}

docker_save() {
  as_engine docker save "$1" 2>"$work/save.err"
}
