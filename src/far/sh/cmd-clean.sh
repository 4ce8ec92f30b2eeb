# clean: removes this client's stage, or every client's. Nothing is removed under the feet of a process that runs.
cmd_clean() {
  start_beats
  for path in "$stage"/*; do
    owner=${path##*/}
    is_hex "$owner" 16 && [ -d "$path" ] || continue
    [ "$all" = 1 ] || [ "$owner" = "$client" ] || continue
    live=$(running "$path")
    [ -z "$live" ] || fail STAGE_BUSY "process ${live%%"$nl"*}"
    # Old files whose new ones are half in place: only they can put things right.
    store=$path/backups
    (repair_store) 2>/dev/null || fail STAGE_BUSY 'an installation that is not finished: send files again first'
  done
  for path in "$stage"/*; do
    owner=${path##*/}
    is_hex "$owner" 16 && [ -d "$path" ] || continue
    [ "$all" = 1 ] || [ "$owner" = "$client" ] || continue
    printf 'removed %s %s\n' "$(used_bytes "$path")" "$path"
    # What this process works with goes last, when it leaves.
    if [ "$owner" = "$client" ]; then
      rm -rf "$path/layers" "$path/frames" "$path/splice" "$path/layout-seen"
    else
      rm -rf "$path"
    fi
  done
  end_beats
  rm -rf "$mine"
  [ "$all" = 0 ] || rm -f "$stage"/far-*.sh
  rmdir "$stage" 2>/dev/null || :
}
