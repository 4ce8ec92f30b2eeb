# begin: ends what a cut connection of this very client has left running, removes what only a running play needs.
cmd_begin() {
  left=$(running "$mine")
  if [ -n "$left" ]; then
    end_left TERM
    for _ in 1 2 3; do
      any_left || break
      sleep 1
    done
    ! any_left || end_left KILL
    for pid in $left; do
      printf 'ended %s\n' "$pid"
    done
  fi
  for path in "$mine"/work/* "$mine"/procs/*; do
    [ "${path##*/}" = $$ ] || rm -rf "$path"
  done
  rm -rf "$mine/frames" "$mine/splice" "$mine/layout-seen" "/dev/shm/airgap-$client-"*
  # Files that a killed installation left half done; where that takes root, the next command with root does it.
  store=$mine/backups
  (repair_store) 2>/dev/null || :
  find "$mine/layers" -type f -size 0 -exec rm -f {} + 2>/dev/null
  touch "$mine"
}

end_left() {
  for pid in $left; do
    kill -s "$1" "$pid" 2>/dev/null
  done
  return 0
}

any_left() {
  for pid in $left; do
    ! kill -0 "$pid" 2>/dev/null || return 0
  done
  return 1
}
