# unpack, measure: an image of the far engine, saved and taken apart, so that its layers can be played into an archive.
cmd_unpack() {
  need image
  is_image_id || fail USAGE image
  need_engine
  splice=$mine/splice/${image#sha256:}
  rm -rf "$splice"
  mkdir -p "$splice" 2>"$work/err" || stage_refused "$stage"
  mark_children
  start_beats
  # Of a pipe only the last part's exit code is told; save's own word comes through a file.
  { "${kind}_save" "$image" && printf ok >"$work/saved"; } | tar -xof - -C "$splice" 2>"$work/err" ||
    splice_failed
  [ -f "$work/saved" ] || splice_failed
  end_beats
  [ -f "$splice/manifest.json" ] || fail FAR_FAILED 'the save has no manifest.json'
  size_of "$splice/manifest.json"
  printf 'manifest %s\n' "$file_bytes"
  cat "$splice/manifest.json"
  printf '\n'
}

is_image_id() {
  case $image in sha256:*) is_hex "${image#sha256:}" 64 ;; *) return 1 ;; esac
}

splice_failed() {
  rm -rf "$splice"
  case $(said "$work/err") in *'o space left'* | *'uota exceeded'*) stage_refused "$stage" ;; esac
  fail FAR_FAILED "$(said "$work/save.err" "$work/err")"
}

# measure: codec, unpacked size and digest of files of an unpacked image, one `path PATH` a line on stdin.
cmd_measure() {
  need image
  is_image_id || fail USAGE image
  need_hash
  start_beats
  while read -r word path more; do
    [ "$word" = path ] && is_inner_path "$path" && [ -z "$more" ] || fail USAGE path
    file=$mine/splice/${image#sha256:}/$path
    [ -f "$file" ] || fail FAR_FAILED "the save has no $path"
    codec_of "$file" || fail FAR_TOOL_MISSING "$codec"
    measure_file
    printf 'file %s %s %s %s\n' "$codec" "$raw_bytes" "$sum" "$path"
  done
}

measure_file() {
  if [ "$codec" = none ]; then
    size_of "$file"
    raw_bytes=$file_bytes
    hash_in <"$file" || fail FAR_FAILED "$path"
    return 0
  fi
  rm -f "$work/raw"
  mkfifo "$work/raw" || stage_refused "$stage"
  unpack_codec "$codec" <"$file" 2>/dev/null | tee "$work/raw" | wc -c >"$work/count" &
  hash_in <"$work/raw" || fail FAR_FAILED "$path"
  wait "$!"
  read -r raw_bytes <"$work/count"
}
