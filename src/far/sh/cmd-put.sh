# put: takes segments and frames from stdin into the stage until it ends. Never hashes: `play` does, right before use.
cmd_put() {
  need_dd
  mark_children
  word=''
  while read -r word hex index digest bytes offset length more; do
    case $word in
      segment) is_segment_line || fail USAGE segment ;;
      frame) is_frame_line || fail USAGE frame ;;
      *) fail USAGE put ;;
    esac
    "put_$word"
    word=''
  done
  # The end of stdin in the middle of a line is a cut.
  [ -z "$word" ] || fail NEAR_GONE put
}

is_segment_line() {
  is_hex "$hex" 64 && is_count "$index" && is_hex "$digest" 64 && is_count "$bytes" &&
    is_count "$offset" && is_count "$length" && [ -z "$more" ] && [ "$((offset + length))" -le "$bytes" ]
}

put_segment() {
  folder=$mine/layers/$hex
  [ -d "$folder" ] || mkdir -p "$folder" 2>"$work/err" || stage_refused "$stage"
  part=$folder/$index-$digest-$bytes
  if [ "$offset" = 0 ]; then
    take "$length" >"$part" 2>"$work/dd" || stage_refused "$stage"
  else
    file_bytes=0
    [ ! -f "$part" ] || size_of "$part"
    [ "$file_bytes" = "$offset" ] || fail STAGE_OFFSET "$hex $index $file_bytes"
    take "$length" >>"$part" 2>"$work/dd" || stage_refused "$stage"
  fi
  count_taken
  [ "$taken" = "$length" ] || fail NEAR_GONE put
  [ "$((offset + length))" = "$bytes" ] || return 0
  printf 'stored %s %s\n' "$hex" "$index"
}

# frame DIGEST BYTES: tar headers and metadata of an archive, all at once.
is_frame_line() {
  is_hex "$hex" 64 && is_count "$index" && [ -z "$digest$bytes$offset$length$more" ]
}

put_frame() {
  [ -d "$mine/frames" ] || mkdir -p "$mine/frames" 2>"$work/err" || stage_refused "$stage"
  part=$work/frame length=$index offset=0
  take "$length" >"$part" 2>"$work/dd" || stage_refused "$stage"
  count_taken
  [ "$taken" = "$length" ] || fail NEAR_GONE put
  mv -f "$part" "$mine/frames/$hex" 2>"$work/err" || stage_refused "$stage"
  printf 'stored %s 0\n' "$hex"
}

# How many bytes dd says it has copied; asked of the file where dd does not say it that way.
count_taken() {
  taken=''
  if [ "$dd_mode" = count_bytes ]; then
    while read -r number unit more; do
      case $unit in byte | bytes) taken=$number ;; esac
    done <"$work/dd"
  fi
  if ! is_count "$taken"; then
    size_of "$part"
    taken=$((file_bytes - offset))
  fi
}
