# begin: ends what a cut connection of this very client has left running, removes what only a running play needs. What only
# looks is left alone: this client may be asking the same machine by another of its names.
cmd_begin() {
  left=''
  for pid in $(running "$mine"); do
    is_look "$pid" || left="$left $pid"
  done
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
    pid=${path##*/}
    [ "$pid" = $$ ] || { is_look "$pid" && is_ours "$pid" "$client"; } || rm -rf "$path"
  done
  rm -rf "$mine/frames" "$mine/splice" "$mine/layout-seen" "/dev/shm/airgap-$client-"*
  # Files that a killed installation left half done; where that takes root, the next command with root does it.
  store=$mine/backups
  (repair_store) 2>/dev/null || :
  find "$mine/layers" -type f -size 0 -exec rm -f {} + 2>/dev/null
  touch "$mine"
}

# is_look PID: by its file, that process of this client changes nothing.
is_look() {
  looks_at=''
  { read -r _ looks_at <"$mine/procs/$1"; } 2>/dev/null || :
  case $looks_at in probe | held | staged | passport) ;; *) return 1 ;; esac
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
