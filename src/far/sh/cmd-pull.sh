# pull: the engine brings an image from a registry by itself, by its digest, and gives it a name of ours.
cmd_pull() {
  need from name
  is_own_name "$name" || fail USAGE name
  case $from in *@sha256:*) is_hex "${from##*:}" 64 ;; *) false ;; esac || fail USAGE from
  need_engine
  mark_children
  # Three hours: engines tell nothing on the way that could be counted.
  start_beats 1080
  # What it is pulled by is a name, too, and goes again, unless somebody else had it. A killed pull has left word of its own.
  noted=$mine/pulls/${from##*:}
  brought=''
  "${kind}_id" "$from"
  if [ -z "$id" ] || [ "$(cat "$noted" 2>/dev/null)" = "$from" ]; then
    brought=yes
    mkdir -p "$mine/pulls" && printf '%s\n' "$from" >"$noted" || stage_refused "$stage"
  fi 2>"$work/err"
  if ! "${kind}_pull" "$from"; then
    why=$(said "$work/err" "$work/out")
    forget_pull
    fail_if_full "$why"
    fail PULL_FAILED "$why"
  fi
  "${kind}_hold" "$from" "$name"
  forget_pull
  end_beats
  printf 'pulled\n'
}

forget_pull() {
  [ -z "$brought" ] || {
    "${kind}_unpull" "$from" || :
    rm -f "$noted"
    rmdir "$mine/pulls" 2>/dev/null || :
  }
}
