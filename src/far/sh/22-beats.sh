# A line every 10 seconds while something long is done, so that silence always means trouble.
beat_pid=''

start_beats() {
  beats </dev/null 2>/dev/null &
  beat_pid=$!
}

beats() {
  nap=''
  trap '[ -z "$nap" ] || kill "$nap"; exit 0' TERM
  while kill -0 $$; do
    # The nap must not hold the channel open when its shell has gone.
    sleep 10 >/dev/null 3>&- 4>&- &
    nap=$!
    wait "$nap"
    printf 'beat\n' || exit 0
  done
}

end_beats() {
  [ -n "$beat_pid" ] || return 0
  kill "$beat_pid" 2>/dev/null
  wait "$beat_pid" 2>/dev/null
  beat_pid=''
}
