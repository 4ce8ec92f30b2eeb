# A line every 10 seconds while something long is done, so that silence always means trouble.
beat_pid=''

start_beats() {
  beats </dev/null 2>/dev/null &
  beat_pid=$!
}

# Naps must not hold the channel open, so none of its descriptors goes to them; short, because one may outlive its shell.
beats() {
  while :; do
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      kill -0 $$ || exit 0
      sleep 1 >/dev/null 3>&- 4>&- &
      printf '%s\n' "$!" >"$work/nap"
      wait "$!"
    done
    printf 'beat\n' || exit 0
  done
}

# KILL, since a shell that has only just been forked still carries its parent's traps and loses a TERM.
end_beats() {
  [ -n "$beat_pid" ] || return 0
  kill -KILL "$beat_pid" 2>/dev/null
  wait "$beat_pid" 2>/dev/null
  beat_pid='' nap=''
  [ ! -r "$work/nap" ] || read -r nap <"$work/nap"
  ! is_count "$nap" || kill "$nap" 2>/dev/null || :
}
