# An OCI layout folder as the place where images are stored. Every function here has a twin of the same name in docker.sh.
# An image lies whole in .incoming-CLIENT until `name` moves it in, index.json last: a failure leaves the folder as it was.

layout_incoming() {
  incoming=$layout/.incoming-$client
}

# Names that an archive for a layout may hold, and nothing but plain files and folders.
layout_is_clean() {
  [ -z "$(find . ! -type f ! -type d 2>&1)" ] || return 1
  find . -type f >"$work/names"
  while IFS= read -r path; do
    case $path in
      ./oci-layout | ./index.json | ./manifest.json) ;;
      ./blobs/sha256/*) is_hex "${path#./blobs/sha256/}" 64 || return 1 ;;
      *) return 1 ;;
    esac
  done <"$work/names"
}

layout_load() {
  layout_incoming
  rm -rf "$incoming"
  mkdir -p "$incoming" 2>"$work/err" || return 1
  (
    cd "$incoming" || exit 1
    tar -xof - <"$1" || exit 1
    layout_is_clean || { printf 'the archive holds something that is not part of a layout\n' && exit 1; }
    [ -f index.json ] || { printf 'the archive ends before its index.json\n' && exit 1; }
  ) >"$work/out" 2>"$work/err"
}

layout_discard() {
  layout_incoming
  rm -rf "$incoming"
}

# The index as it was read, so that `name` can tell whether somebody else has changed it since.
layout_seen() {
  if [ -f "$layout/index.json" ]; then
    need_hash
    hash_in <"$layout/index.json" || fail FAR_FAILED "$layout/index.json"
    seen=$sum
  else
    seen=none
  fi
}

layout_held() {
  layout_seen
  layout_read_wrong
  printf '%s %s\n' "$seen" "$layout" >"$mine/layout-seen" || stage_refused "$stage"
  each_file "$layout/blobs/sha256" layout_blob
  [ -f "$layout/index.json" ] || return 0
  size_of "$layout/index.json"
  printf 'index %s\n' "$file_bytes"
  cat "$layout/index.json"
  printf '\n'
}

# A blob that `verify` found to be something else is not held: so it is sent again, and takes that one's place.
layout_blob() {
  is_hex "$1" 64 || return 0
  case $wrong in *"$nl$1 $layout$nl"*) return 0 ;; esac
  printf 'blob sha256:%s %s -\n' "$1" "$2"
}

layout_read_wrong() {
  wrong=''
  [ ! -f "$mine/layout-wrong" ] || wrong=$nl$(cat "$mine/layout-wrong")$nl
}

# A folder brings nothing by itself; the near side knows.
layout_id() {
  fail USAGE engine
}

layout_hold() {
  :
}

# Every blob that came is what its name says, and so is every held one that stdin names: a blob's name there proves nothing.
# The index tells which of them is the manifest.
layout_verify() {
  layout_incoming
  [ -f "$incoming/index.json" ] || return 0
  need_hash
  start_beats
  each_file "$incoming/blobs/sha256" layout_verify_blob
  while read -r word hex more; do
    [ "$word" = blob ] && is_hex "$hex" 64 && [ -z "$more" ] || fail USAGE blob
    [ -f "$incoming/blobs/sha256/$hex" ] || layout_verify_held "$layout/blobs/sha256/$hex"
  done
  size_of "$incoming/index.json"
  end_beats
  printf 'index %s\n' "$file_bytes"
  cat "$incoming/index.json"
  printf '\n'
}

layout_verify_blob() {
  if hash_in <"$incoming/blobs/sha256/$1" && [ "$sum" = "$1" ]; then
    printf 'blob sha256:%s %s -\n' "$1" "$2"
  else
    printf 'wrong sha256:%s\n' "$1"
  fi
}

layout_verify_held() {
  if [ -f "$1" ] && hash_in <"$1" && [ "$sum" = "$hex" ]; then
    size_of "$1"
    printf 'blob sha256:%s %s -\n' "$hex" "$file_bytes"
    return 0
  fi
  printf '%s %s\n' "$hex" "$layout" >>"$mine/layout-wrong" || stage_refused "$stage"
  printf 'damaged sha256:%s\n' "$hex"
}

layout_name() {
  layout_incoming
  if [ -f "$incoming/index.json" ]; then
    need_hash
    lock_folder "$layout" || fail STAGE_BUSY "$layout"
    layout_seen
    expected=''
    [ ! -f "$mine/layout-seen" ] || read -r expected folder <"$mine/layout-seen"
    if [ -n "$expected" ] && [ "$folder" = "$layout" ] && [ "$expected" != "$seen" ]; then
      fail STAGE_BUSY "$layout"
    fi
    layout_move_in
    unlock_folder
    rm -rf "$incoming"
    printf '%s %s\n' "$seen" "$layout" >"$mine/layout-seen" || stage_refused "$stage"
  fi
  printf 'new\n'
}

# Nothing to take back: `name` is the last step of an image there, and changes all of it or nothing.
layout_revert() {
  :
}

# What came has been verified, what lies there under its name has not: so it takes that one's place.
layout_move_in() {
  layout_read_wrong
  mkdir -p "$layout/blobs/sha256" 2>"$work/err" || stage_refused "$layout"
  for path in "$incoming"/blobs/sha256/*; do
    [ -e "$path" ] || continue
    mv -f "$path" "$layout/blobs/sha256/" 2>"$work/err" || stage_refused "$layout"
    # The others that are listed are found again when something needs them.
    case $wrong in *"$nl${path##*/} $layout$nl"*) rm -f "$mine/layout-wrong" ;; esac
  done
  [ -f "$layout/oci-layout" ] || mv "$incoming/oci-layout" "$layout/oci-layout" 2>"$work/err" ||
    stage_refused "$layout"
  mv -f "$incoming/index.json" "$layout/index.json" 2>"$work/err" || stage_refused "$layout"
  layout_seen
}

layout_unname() {
  layout_discard
  printf 'removed %s\n' "$1"
}

layout_save() {
  fail USAGE unpack
}

layout_uncontain() {
  :
}

layout_probe() {
  engine_root=$layout
  if [ -f "$layout/airgap.json" ]; then
    # Whatever were written there would spoil it.
    printf 'engine-error missing %s\n' 'it is a bundle'
  elif [ -e "$layout" ] && [ ! -f "$layout/oci-layout" ] && [ -n "$(ls "$layout" 2>&1)" ]; then
    printf 'engine-error missing %s\n' 'it is no OCI layout'
  elif [ ! -w "$(existing_path "$layout")" ]; then
    printf 'engine-error missing %s\n' 'it cannot be written'
  else
    printf 'engine layout 1.0.0\nengine-info {}\n'
  fi
  printf 'sudo none\n'
}
