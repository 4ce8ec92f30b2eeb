# A line every 10 seconds while something long is done, so that silence always means trouble.
beat_pid=''

# start_beats [TENS]: goes on for so many times ten seconds without a move, for ever where nothing is said. What moves is
# told by $work/moves (player.sh). A far side that has fallen silent is given up by the near one.
start_beats() {
  [ -z "$beat_pid" ] || return 0
  beats "${1-}" </dev/null 2>/dev/null &
  beat_pid=$!
}

# Naps must not hold the channel open, so none of its descriptors goes to them; short, because one may outlive its shell.
beats() {
  still=0 seen=''
  while :; do
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      kill -0 $$ || exit 0
      sleep 1 >/dev/null 3>&- 4>&- &
      printf '%s\n' "$!" >"$work/nap"
      wait "$!"
    done
    is_moving "$1" || exit 0
    printf 'beat\n' || exit 0
  done
}

# is_moving TENS: the limit may grow with what was moved. Waiting for the near side is no standstill.
is_moving() {
  limit=$1 moves=''
  [ ! -r "$work/moves" ] || read -r moves limit <"$work/moves"
  [ "$moves" = "$seen" ] && [ "$moves" != waiting ] || still=0
  seen=$moves
  still=$((still + 1))
  [ -z "$limit" ] || [ "$still" -lt "$limit" ]
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
