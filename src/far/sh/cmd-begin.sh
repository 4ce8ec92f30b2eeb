# begin: ends what a cut connection of this very client has left running, removes what only a running play needs.
cmd_begin() {
  running "$mine" >"$work/left"
  if [ -s "$work/left" ]; then
    end_left TERM
    for _ in 1 2 3; do
      any_left || break
      sleep 1
    done
    ! any_left || end_left KILL
    while read -r pid; do
      printf 'ended %s\n' "$pid"
    done <"$work/left"
  fi
  for path in "$mine"/work/* "$mine"/procs/*; do
    [ "${path##*/}" = $$ ] || rm -rf "$path"
  done
  rm -rf "$mine/frames" "$mine/splice" "$mine/layout-seen"
  find "$mine/layers" -type f -name '*.part' -size 0 -exec rm -f {} + 2>/dev/null
  touch "$mine"
}

end_left() {
  while read -r pid; do
    kill -s "$1" "$pid" 2>/dev/null
  done <"$work/left"
  return 0
}

any_left() {
  while read -r pid; do
    ! kill -0 "$pid" 2>/dev/null || return 0
  done <"$work/left"
  return 1
}
