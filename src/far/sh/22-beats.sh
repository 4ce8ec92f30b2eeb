# A line every 10 seconds while something long is done, so that silence always means trouble.
beat_pid=''

start_beats() {
  nap='' ended=''
  trap 'ended=1; [ -z "$nap" ] || kill "$nap"' TERM
  while [ -z "$ended" ] && kill -0 $$; do
    # The nap must not hold the channel open when its shell has gone.
    sleep 10 >/dev/null 3>&- 4>&- &
    nap=$!
    # The end may have come before the nap had a number.
    [ -z "$ended" ] || kill "$nap"
    wait "$nap"
    nap=''
    [ -n "$ended" ] || printf 'beat\n' || exit 0
  done
}

end_beats() {
  [ -n "$beat_pid" ] || return 0
  kill "$beat_pid" 2>/dev/null
  wait "$beat_pid" 2>/dev/null
  beat_pid=''
}
