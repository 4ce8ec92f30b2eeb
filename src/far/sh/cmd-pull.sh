# pull: the engine brings an image from a registry by itself, by its digest, and gives it a name of ours. The end of stdin stops it.
puller='' watcher='' brought=''

cmd_pull() {
  need from name
  is_own_name "$name" || fail USAGE name
  case $from in *@sha256:*) is_hex "${from##*:}" 64 ;; *) false ;; esac || fail USAGE from
  need_engine
  mark_children
  # A near side that has gone must not kill what tidies up after it.
  trap '' PIPE
  # Three hours: engines tell nothing on the way that could be counted.
  start_beats 1080
  # What it is pulled by is a name, too, and goes again, unless somebody else had it. A killed pull has left word of its own.
  noted=$mine/pulls/${from##*:}
  "${kind}_id" "$from"
  if [ -z "$id" ] || [ "$(cat "$noted" 2>/dev/null)" = "$from" ]; then
    brought=yes
    mkdir -p "$mine/pulls" && printf '%s\n' "$from" >"$noted" || stage_refused "$stage"
  fi 2>"$work/err"
  trap stop_pull TERM HUP INT
  exec 3<&0
  { cat <&3; kill -s TERM $$; } >/dev/null 2>&1 4>&- &
  watcher=$!
  "${kind}_pull" "$from"
  pulled=$?
  end_watch
  if [ "$pulled" != 0 ]; then
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

# run_pull WORDS…: the engine's program, in the background, so that a signal need not wait for it.
run_pull() {
  case $sudo_mode in
    no) "$@" </dev/null >"$work/out" 2>"$work/err" 3<&- & ;;
    *) as_engine "$@" >"$work/out" 2>"$work/err" 3<&- & ;;
  esac
  puller=$!
  wait "$puller"
}

# What sudo has started cannot be ended by this user, and is waited for.
stop_pull() {
  trap '' TERM HUP INT
  [ -z "$puller" ] || [ "$sudo_mode" != no ] || kill "$puller" 2>/dev/null
  [ -z "$puller" ] || wait "$puller"
  end_watch
  forget_pull
  fail NEAR_GONE pull
}

# KILL, since a shell that has only just been forked still carries its parent's traps and loses a TERM.
end_watch() {
  trap '' TERM HUP INT
  kill -KILL "$watcher" 2>/dev/null
  wait "$watcher" 2>/dev/null
}

forget_pull() {
  [ -z "$brought" ] || {
    "${kind}_unpull" "$from" || :
    rm -f "$noted"
    rmdir "$mine/pulls" 2>/dev/null || :
  }
}
