# `--engine layout:DIR`: images are stored in an OCI layout, not loaded. layout.sh does that, as for a send; here is what the near side
# does for it: the index with the image in it, and the judgement of what was found.

open_layout() {
  kind=layout engine_version=1.0.0 store_kind=layout store_label="OCI layout $layout"
  engine_platform=linux/$(arch_of "$(uname -m)")
  layout_probe >"$work/probe"
  trouble=$(sed -n 's/^engine-error missing it //p' "$work/probe")
  case $trouble in
    '') ;;
    'is a bundle') layout_unusable layout-bundle ;;
    'is no OCI layout') layout_unusable layout-none ;;
    *) layout_unusable layout-denied ;;
  esac
  # Said before anything is stored, not when it is to be written.
  read_layout_index || layout_unusable layout-index
}

layout_unusable() {
  fail FAR_ENGINE_UNSUPPORTED "$("text_$language" "$1" "$(printf '%s' "$layout" | said)")"
}

# read_layout_index: its members as they are written, into $work/index.parts, and its entries into $work/index.entries. False for
# what is no index, or too long for a shell.
read_layout_index() {
  : >"$work/index.parts" && : >"$work/index.entries" || stage_refused "$stage"
  [ -f "$layout/index.json" ] || return 0
  json_split "$(json_text "$layout/index.json")" '{' '}' >"$work/index.parts" || return 1
  grep -q -x -F -e '"schemaVersion":2' "$work/index.parts" || return 1
  entries=$(sed -n 's/^"manifests"://p' "$work/index.parts")
  json_elements "$entries" >"$work/index.entries"
}

# prove_layout: every blob of the image is what its name says, also those that were there before.
prove_layout() {
  case $variant in
    raw) cut -d ' ' -f 1 "$work/layers.$r_hex" ;;
    *) cut -d ' ' -f 3 "$work/layers.$r_hex" ;;
  esac | sed 's/^/blob /' | sort -u >"$work/blobs"
  layout_verify <"$work/blobs" >"$work/verified.all"
  # It has read its own words into the same variable.
  hex=$r_hex
  sed '/^index /,$d' "$work/verified.all" >"$work/verified"
  printf 'blob %s\nblob %s\n' "$r_hex" "${wanted_id#sha256:}" >>"$work/blobs"
  while read -r _ blob; do
    ! grep -q -e "^damaged sha256:$blob" "$work/verified" ||
      not_proved "$("text_$language" what-held)" "$("text_$language" damaged)" "sha256:$blob"
    grep -q -e "^blob sha256:$blob " "$work/verified" ||
      not_proved "$("text_$language" what-blob)" "$("text_$language" not-there)" "sha256:$blob"
  done <"$work/blobs"
  [ "$variant$r_own" != stored1 ] || prove_unpacked
  far_id=$wanted_id
}

# prove_unpacked: no engine will ever unpack these, so it is done here; of the bundle's own blobs, which have the same digests.
prove_unpacked() {
  while read -r diff raw blob bytes codec <&8; do
    has "$codec" || continue
    sum=$(stored_blob | unpack_codec "$codec" 2>/dev/null | { hash_in && printf '%s' "$sum"; })
    [ "$sum" = "$diff" ] || not_proved "$("text_$language" what-layers)" "sha256:$sum" "sha256:$diff"
  done 8<"$work/layers.$r_hex"
}

# store_layout NAME: the image, proved, becomes part of the layout under that name; under a second one only the index changes.
store_layout() {
  layout_incoming
  mkdir -p "$incoming" 2>"$work/err" || stage_refused "$layout"
  [ ! -f "$incoming/index.json" ] || cp "$incoming/index.json" "$work/entry.$hex" 2>"$work/err" || stage_refused "$stage"
  full_name "$1"
  new_name=$full
  read_layout_index || fail STAGE_BUSY "$layout"
  new_entry=$(sed -e 's/^.*"manifests":\[\(.*\)\]}$/\1/' -e "s|$r_temporary|$new_name|g" "$work/entry.$hex")
  print_layout_index >"$incoming/index.json" 2>"$work/err" || stage_refused "$layout"
  layout_name >/dev/null
}

# As src/oci/layout.ts merges it: one of the same name gives way, a nameless one of the same digest, too; all else stays as it is.
print_layout_index() {
  media_type=$(grep '^"mediaType":' "$work/index.parts") || media_type='"mediaType":"application/vnd.oci.image.index.v1+json"'
  printf '{%s' "$media_type"
  [ -s "$work/index.parts" ] || printf ',"schemaVersion":2,"manifests":[%s]' "$new_entry"
  while IFS= read -r part; do
    case $part in
      '"mediaType":'*) ;;
      '"manifests":'*)
        printf ',"manifests":['
        while IFS= read -r other; do
          gives_way || printf '%s,' "$other"
        done <"$work/index.entries"
        printf '%s]' "$new_entry"
        ;;
      *) printf ',%s' "$part" ;;
    esac
  done <"$work/index.parts"
  printf '}'
}

# What else has that name in the layout, into $tagged: the image itself, packed either way, moves nothing.
layout_tagged() {
  full_name "$1"
  tagged='' new_name=$full new_entry=''
  while IFS= read -r other; do
    gives_way || continue
    tagged=$(sed -n 's/^"digest":"\(sha256:[0-9a-f]*\)"$/\1/p' "$work/other")
  done <"$work/index.entries"
  case $tagged in "sha256:$r_raw" | "sha256:$r_stored") tagged='' ;; esac
}

# gives_way: whether the entry $other makes room for $new_entry, which is called $new_name.
gives_way() {
  json_split "$other" '{' '}' >"$work/other" || return 1
  annotations=$(sed -n 's/^"annotations"://p' "$work/other")
  json_split "$annotations" '{' '}' |
    sed -n -e 's/^"io\.containerd\.image\.name":"\(..*\)"$/\1/p' -e 's/^"org\.opencontainers\.image\.ref\.name":"\(..*\)"$/\1/p' \
      >"$work/called"
  if [ ! -s "$work/called" ]; then
    other_digest=$(sed -n 's/^"digest"://p' "$work/other")
    case $new_entry in *"\"digest\":$other_digest,"*) return 0 ;; esac
    return 1
  fi
  while IFS= read -r called; do
    # A bare word is a tag.
    case $called in *[/:]*) full_name "$called" ;; *) continue ;; esac
    [ "$full" != "$new_name" ] || return 0
  done <"$work/called"
  return 1
}
