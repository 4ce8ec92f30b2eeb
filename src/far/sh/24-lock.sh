# A lock on a folder that several near sides may change: a folder in it, whose owner file tells who holds it.
lock='' lock_owner='' looked_at='' looks=0

# lock_folder FOLDER: false if somebody else still holds it after some seconds. Left again by unlock_folder, or at the end.
lock_folder() {
  entry=$1/.airgap-lock
  tries=0
  while ! mkdir "$entry" 2>"$work/err"; do
    [ -d "$entry" ] || stage_refused "$1"
    ! take_over_lock || return 0
    tries=$((tries + 1))
    [ "$tries" -lt 15 ] || return 1
    sleep 1
  done
  own_lock
}

own_lock() {
  lock=$entry
  printf '%s %s %s\n' "$boot" "$$" "$client" 2>"$work/err" >"$lock/owner" || stage_refused "$lock"
}

unlock_folder() {
  [ -z "$lock" ] || rm -rf "$lock"
  lock=''
}

# The folder stays and gets another owner, so that two who find the same dead owner cannot both have it: the name of what
# they make in it is that owner's, and only one of them can make it.
take_over_lock() {
  read_owner
  lock_is_left || return 1
  left=$lock_owner
  heir="$entry/after-$(printf '%s' "$left" | tr -c 'A-Za-z0-9-' '_')"
  mkdir "$heir" 2>/dev/null || return 1
  # It may be another lock by now, whose owner lives.
  read_owner
  if [ "$lock_owner" != "$left" ]; then
    rmdir "$heir" 2>/dev/null
    return 1
  fi
  own_lock
}

read_owner() {
  lock_owner=''
  [ ! -r "$entry/owner" ] || read -r lock_owner <"$entry/owner" || :
}

# A lock is held for some renames only, so a holder that is not seen to live and does not change either has left it. Waiting
# for that is longer where it could not be seen: before its name was written, on another machine that shares the folder.
lock_is_left() {
  [ "$lock_owner" = "$looked_at" ] || looks=0
  looked_at=$lock_owner
  looks=$((looks + 1))
  lock_pid=${lock_owner#* }
  lock_pid=${lock_pid%% *}
  if [ "${lock_owner%% *}" != "$boot" ] || ! is_count "$lock_pid"; then
    [ "$looks" -gt 10 ]
    return
  fi
  [ "$looks" -gt 3 ] && ! is_far_of "$lock_pid" "${lock_owner##* }"
}
