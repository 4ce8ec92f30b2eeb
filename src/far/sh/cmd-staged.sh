# staged, check, forget: what lies in the stage of the layers that stdin names, one `layer HEX` a line.
# forget also removes frames and splices: they belong to the archives of one run.
cmd_staged() {
  each_layer staged_layer
}

staged_layer() {
  each_file "$mine/layers/$hex" staged_file
}

staged_file() {
  ! segment_name "$1" "$2" || printf '%s %s %s %s %s\n' "$state" "$hex" "$index" "$segment_digest" "$2"
}

cmd_check() {
  need_hash
  start_beats
  each_layer check_layer
}

check_layer() {
  each_file "$mine/layers/$hex" check_file
}

check_file() {
  segment_name "$1" "$2" && [ "$state" = seg ] || return 0
  if hash_in <"$mine/layers/$hex/$1" && [ "$sum" = "$segment_digest" ]; then
    printf 'good %s %s %s %s\n' "$hex" "$index" "$segment_digest" "$2"
  else
    rm -f "$mine/layers/$hex/$1"
    printf 'bad %s %s %s %s\n' "$hex" "$index" "$segment_digest" "$2"
  fi
}

cmd_forget() {
  start_beats
  rm -rf "$mine/frames" "$mine/splice"
  each_layer forget_layer
}

forget_layer() {
  rm -rf "$mine/layers/$hex"
}
