# clean: removes this client's stage, or every client's. Nothing is removed under the feet of a process that runs.
# With look=1 it only tells what it would remove; with leave=1 the programs go, too, if no other client has a folder here.
cmd_clean() {
  start_beats
  each_stage refuse_busy
  if [ "$look" = 1 ]; then
    each_stage tell_stage
    end_beats
    return
  fi
  each_stage remove_stage
  end_beats
  rm -rf "$mine"
  if [ "$all" = 1 ] || leaves_alone; then
    rm -f "$stage"/far-*.sh "$stage"/.far-*.sh.*
  fi
  rmdir "$stage" 2>/dev/null || :
}

# each_stage FUNCTION: calls it with the folder of every client that is meant.
each_stage() {
  for path in "$stage"/*; do
    owner=${path##*/}
    is_hex "$owner" 16 && [ -d "$path" ] || continue
    [ "$all" = 1 ] || [ "$owner" = "$client" ] || continue
    "$1" "$path"
  done
}

refuse_busy() {
  live=$(running "$1")
  [ -z "$live" ] || fail STAGE_BUSY "process ${live%%"$nl"*}"
  # Old files whose new ones are half in place: only they can put things right.
  store=$1/backups
  [ "$look" = 1 ] || (repair_store) 2>/dev/null ||
    fail STAGE_BUSY 'an installation that is not finished: send files again first'
}

# Folders without a byte are no stage that anyone would miss: every command makes them.
tell_stage() {
  used=$(used_bytes "$1")
  [ "$used" = 0 ] || printf 'removed %s %s\n' "$used" "$1"
}

remove_stage() {
  tell_stage "$1"
  # What this process works with goes last, when it leaves.
  if [ "$1" = "$mine" ]; then
    rm -rf "$1/layers" "$1/frames" "$1/splice" "$1/layout-seen"
  else
    rm -rf "$1"
  fi
}

# Whether the programs may go: nobody else has a folder here.
leaves_alone() {
  [ "$leave" = 1 ] || return 1
  for path in "$stage"/*; do
    ! is_hex "${path##*/}" 16 || return 1
  done
}
