# frame: stores one file of tar headers and metadata, checked as it arrives.
cmd_frame() {
  need digest size
  need_dd
  need_hash
  mkdir -p "$mine/frames" 2>"$work/err" || stage_refused "$stage"
  take "$size" >"$work/frame" 2>"$work/dd" || stage_refused "$stage"
  size_of "$work/frame"
  [ "$file_bytes" = "$size" ] || fail NEAR_GONE frame
  hash_in <"$work/frame" && [ "$sum" = "$digest" ] || fail FAR_FAILED 'the frame is not what its digest says'
  mv -f "$work/frame" "$mine/frames/$digest" 2>"$work/err" || stage_refused "$stage"
  printf 'stored\n'
}
