# The player: reads recipe lines, writes the bytes they name. Runs in the background; 4 is the channel to the near side.
# Exit code 0: `end` came · 3: it has printed the error · 4: stdin ended first · anything else: nobody reads any more.
checked='' played=0

player() {
  while told_waiting && read -r op a b c d more; do
    told_moving
    [ -z "$more" ] || play_error USAGE recipe
    case $op in
      segment) play_segment "$a" "$b" "$c" "$d" ;;
      blob) play_segment "$a" "$b" "$c" "${d:-none}" ;;
      frame) play_frame "$a" "$b" "$c" ;;
      splice) play_splice "$a" "$b" "$c" ;;
      end) exit 0 ;;
      *) play_error USAGE recipe ;;
    esac
  done
  exit 4
}

# What beats need to know whether anything moves: whoever waits for a line stands still for the near side's sake. Else half an
# hour, and ten seconds more for each line: an engine that is slow needs that for a segment, and does most of its work when
# all has been read.
told_waiting() {
  printf 'waiting\n' 2>/dev/null >"$work/moves" || :
}

told_moving() {
  played=$((played + 1))
  printf '%s %s\n' "$played" "$((180 + played))" 2>/dev/null >"$work/moves" || :
}

play_error() {
  printf 'error %s\n' "$*" >&4
  exit 3
}

# play_segment HEX INDEX DIGEST CODEC
play_segment() {
  if ! is_hex "$1" 64 || ! is_count "$2" || ! is_hex "$3" 64 || ! is_codec "$4"; then
    play_error USAGE segment
  fi
  for file in "$mine/layers/$1/$2-$3-"*; do
    [ ! -f "$file" ] || break
  done
  if [ ! -f "$file" ] || ! hash_in <"$file" || [ "$sum" != "$3" ]; then
    rm -f "$file"
    play_error STAGE_DAMAGED "$1 $2"
  fi
  unpack_codec "$4" <"$file" || exit 5
}

is_codec() {
  case $1 in none) ;; gzip | zstd) has "$1" || play_error FAR_TOOL_MISSING "$1" ;; *) return 1 ;; esac
}

# play_frame DIGEST OFFSET LENGTH. A frame is hashed once a play, however many lines name it.
play_frame() {
  if ! is_hex "$1" 64 || ! is_count "$2" || ! is_count "$3"; then
    play_error USAGE frame
  fi
  file=$mine/frames/$1
  case $checked in
    *"$1"*) ;;
    *)
      [ -f "$file" ] && hash_in <"$file" && [ "$sum" = "$1" ] || play_error STAGE_DAMAGED "$1 0"
      checked="$checked $1"
      ;;
  esac
  size_of "$file"
  [ "$(($2 + $3))" -le "$file_bytes" ] || play_error USAGE frame
  range "$file" "$2" "$3" || exit 5
}

# play_splice HEX PATH CODEC. The first bytes decide the codec: an engine saves what it holds.
play_splice() {
  if ! is_hex "$1" 64 || ! is_inner_path "$2" || ! is_codec "$3"; then
    play_error USAGE splice
  fi
  file=$mine/splice/$1/$2
  [ -f "$file" ] || play_error FAR_FAILED "the save has no $2"
  codec_of "$file" || play_error FAR_TOOL_MISSING "$codec"
  size_of "$file"
  # As many lines as it would have been segments.
  played=$((played + file_bytes / 8388608))
  told_moving
  unpack_codec "$codec" <"$file" || exit 5
}
