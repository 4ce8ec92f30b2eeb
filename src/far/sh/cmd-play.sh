# play: a recipe from stdin, played into the engine's load while segments still arrive.
# The player writes into a FIFO from the background, the load reads it in the foreground: so both exit codes are known,
# either may end first, and the engine may open the FIFO itself where sudo could eat from its stdin.
player_pid=''

cmd_play() {
  need name
  is_own_name "$name" || fail USAGE name
  need_engine
  need_hash
  choose_dd
  mkfifo "$work/pipe" 2>"$work/err" || stage_refused "$stage"
  # A near side that has gone must not kill what tidies up after it.
  trap '' PIPE
  trap stop_play TERM HUP INT
  mark_children
  exec 3<&0 4>&1
  player <&3 >"$work/pipe" 2>"$work/player.err" &
  player_pid=$!
  printf '%s play\n' "$boot" >"$mine/procs/$player_pid"
  start_beats
  printf 'loading\n'
  "${kind}_load" "$work/pipe" 3<&- 4>&-
  load_code=$?
  cat "$work/err" "$work/out" >"$work/load" 2>/dev/null
  # A load that ended well has read all; one that failed leaves the player waiting for lines or for a reader. KILL, since
  # a shell that has only just been forked still carries its parent's traps and loses a TERM.
  [ "$load_code" = 0 ] || kill -KILL "$player_pid" 2>/dev/null
  wait "$player_pid"
  player_code=$?
  end_beats
  rm -f "$mine/procs/$player_pid" "$work/moves"
  if [ "$load_code" = 0 ] && [ "$player_code" = 0 ]; then
    printf 'loaded %s\n' "$(said "$work/load")"
    return 0
  fi
  "${kind}_discard" "$name" 2>/dev/null
  # 3: the player has said why itself.
  [ "$player_code" != 3 ] || exit 1
  play_failed
}

stop_play() {
  trap '' TERM HUP INT
  [ -z "$player_pid" ] || kill -KILL "$player_pid" 2>/dev/null
  exit 143
}

play_failed() {
  [ "$player_code" != 4 ] || fail NEAR_GONE play
  why=$(said "$work/player.err" "$work/load")
  fail_if_full "$why"
  fail LOAD_REJECTED "$why"
}
