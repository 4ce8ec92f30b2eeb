# The stage's folders, who works in them, and how full the disk below is.
mine='' work='' boot=0

# Makes this client's folder and a folder for this very process; both go by themselves.
enter_stage() {
  mine=$stage/$client
  work=$mine/work/$$
  read_boot
  mkdir -p "$work" "$mine/procs" "$mine/layers" 2>/dev/null || need_room
  trap leave_stage EXIT
  [ "$command" != unname ] || work_elsewhere
  printf '%s %s\n' "$boot" "$command" 2>/dev/null >"$mine/procs/$$" || need_room
}

read_boot() {
  [ ! -r /proc/sys/kernel/random/boot_id ] || read -r boot </proc/sys/kernel/random/boot_id
}

# Commands that make room, or only look, must run on a disk that is full.
need_room() {
  case $command in forget | clean | staged | check | begin | unname) ;; *) stage_refused "$stage" ;; esac
}

# What an engine says must be written down to be read: on a full disk that would be nothing, which means that there is no
# such name. So taking names back works in memory then, or wherever temporary files go.
work_elsewhere() {
  free=$(free_bytes "$stage")
  if [ "${free:-65536}" -ge 65536 ] && { printf '%s\n' "$command" >"$work/room"; } 2>/dev/null; then return 0; fi
  rm -rf "$work"
  work=$(mktemp -d "/dev/shm/airgap-$client-XXXXXX" 2>/dev/null || mktemp -d 2>/dev/null) && [ -n "$work" ] ||
    stage_refused "$stage"
}

leave_stage() {
  end_beats
  unlock_folder
  rm -rf "$work" "$mine/procs/$$"
}

# stage_refused PATH: a write failed there; tells whether for want of room or of permission.
stage_refused() {
  free=$(free_bytes "$1")
  case $(said "$work/dd" "$work/err") in
    *'o space left'* | *'uota exceeded'*) fail TARGET_FULL "${free:-0} $1" ;;
  esac
  # A shell cannot tell why its own redirection failed: so the disk is asked.
  [ "${free:-1048576}" -ge 65536 ] || fail TARGET_FULL "$free $1"
  fail STAGE_DENIED "$(said "$work/dd" "$work/err")"
}

# fail_if_full WORDS: an engine that found no room says where, if at all.
fail_if_full() {
  case $1 in *'o space left'* | *'uota exceeded'*) ;; *) return 0 ;; esac
  full=$(printf '%s\n' "$1" | sed -n 's/.* \(\/[^ ]*\): [Nn]o space left.*/\1/p')
  fail TARGET_FULL "$(free_bytes "${full:-$stage}") ${full:--}"
}

# existing_path PATH: the path, or the nearest folder above it that is there.
existing_path() {
  found=$1
  while [ -n "$found" ] && [ ! -e "$found" ]; do
    found=${found%/*}
  done
  printf '%s\n' "${found:-/}"
}

# free_bytes PATH: bytes this user may still write there, nothing if df does not say.
free_bytes() {
  kib=$(df -Pk "$(existing_path "$1")" 2>/dev/null | sed -n '$s/.* \([0-9][0-9]*\)  *[0-9-]*%.*/\1/p')
  ! is_count "$kib" || printf '%s\n' "$((kib * 1024))"
}

# used_bytes CLIENT-FOLDER: what lies there for a later run, in bytes.
used_bytes() {
  find "$1/layers" "$1/frames" "$1/splice" -type f -exec ls -ln {} + 2>/dev/null | {
    total=0
    while read -r _ _ _ _ bytes _; do
      ! is_count "$bytes" || total=$((total + bytes))
    done
    printf '%s\n' "$total"
  }
}

# each_file FOLDER FUNCTION: calls it with NAME and SIZE of every plain file there, in a shell of its own.
# Nothing is written: this must work on a disk that is full.
each_file() {
  [ -d "$1" ] || return 0
  ls -ln "$1" 2>/dev/null | while read -r letters _ _ _ listed_bytes _ _ _ file; do
    case $letters in -*) "$2" "$file" "$listed_bytes" ;; esac
  done
}

# segment_name NAME SIZE: splits INDEX-DIGEST-BYTES into $index, $segment_digest and $state: `seg` when all of it is there.
# The name tells how much that is, so nothing has to be renamed: one program less for every segment.
segment_name() {
  index=${1%%-*}
  rest=${1#*-}
  segment_digest=${rest%%-*}
  whole_bytes=${rest#*-}
  is_count "$index" && is_hex "$segment_digest" 64 && is_count "$whole_bytes" || return 1
  if [ "$whole_bytes" = "$2" ]; then state=seg; else state=part; fi
}
