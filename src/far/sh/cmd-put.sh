# put: takes segments from stdin into the stage until it ends. Never hashes: `play` does, right before use.
cmd_put() {
  need_dd
  mark_children
  word=''
  while read -r word hex index digest bytes offset length more; do
    is_put_line || fail USAGE segment
    put_segment
    word=''
  done
  # The end of stdin in the middle of a line is a cut.
  [ -z "$word" ] || fail NEAR_GONE put
}

is_put_line() {
  [ "$word" = segment ] && is_hex "$hex" 64 && is_count "$index" && is_hex "$digest" 64 && is_count "$bytes" &&
    is_count "$offset" && is_count "$length" && [ -z "$more" ] && [ "$((offset + length))" -le "$bytes" ]
}

put_segment() {
  folder=$mine/layers/$hex
  [ -d "$folder" ] || mkdir -p "$folder" 2>"$work/err" || stage_refused "$stage"
  part=$folder/$index-$digest.part
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
  mv -f "$part" "${part%.part}.seg" 2>"$work/err" || stage_refused "$stage"
  printf 'stored %s %s\n' "$hex" "$index"
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
