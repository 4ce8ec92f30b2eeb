# Putting files back: after a failure, after a kill, or because somebody wants the old ones. An index has `allow DIR` lines, `dir PATH` for
# each folder that was not there and `file N WAS NOW MODE UID GID TARGET` for each file, the way it was before.

# each_kept BACKUP FUNCTION: calls it for every file of the index.
each_kept() {
  while read -r word n was digest mode uid gid target; do
    [ "$word" = file ] || continue
    is_count "$n" && is_hex "$digest" 64 && is_target "$target" || return 1
    [ "$was" = - ] || is_hex "$was" 64 || return 1
    "$2" </dev/null || return 1
  done <"$1/index"
}

# What --allow-dir allowed then.
allow_kept() {
  while read -r word path; do
    [ "$word" != allow ] || allow_folder "$path" || return 1
  done <"$1/index"
}

# undo_backup BACKUP: what a transaction that did not end has changed. A file that somebody else has changed since is left.
undo_backup() {
  backup=$1
  # Without an index it had not begun to change anything.
  [ -f "$backup/index" ] || return 0
  allow_kept "$backup"
  each_kept "$backup" undo_one || return 1
  remove_folders "$backup"
}

undo_one() {
  if ! enter_target "$target" look; then
    [ "$refusal" = absent ]
    return
  fi
  name_temporary
  digest_at "$target_name"
  if [ "$was" = - ]; then
    [ "$sum" != "$digest" ] || rm -f "./$target_name" || return 1
  elif [ -f "./$temporary.old" ]; then
    # Where both are one file still, there is nothing to move; the second name goes below.
    is_same_file "$temporary.old" "$target_name" || [ "$sum" != "$digest" ] || replace "$temporary.old" || return 1
  elif [ "$sum" = "$digest" ] && { [ "$sum" != "$was" ] || ! is_as_kept; }; then
    bring_back || return 1
  fi
  rm -f "./$temporary.new" "./$temporary.old" && flush .
} 2>/dev/null

# Two names of one file.
is_same_file() {
  set -- "$(ls -i "./$1")" "$(ls -i "./$2")"
  [ "${1%% ./*}" = "${2%% ./*}" ]
}

# Whether mode and owner are those of the index.
is_as_kept() (
  kept="$mode $uid $gid"
  describe "$target_name" && [ "$mode $uid $gid" = "$kept" ]
)

# The old bytes beside the target, with the old mode and owner, as $temporary.new.
write_old() {
  rm -f "./$temporary.new"
  cp -p "$backup/old/$n" "./$temporary.new" 2>"$work/dd" || return 1
  hash_in <"./$temporary.new" && [ "$sum" = "$was" ] || return 1
  chown "$uid:$gid" "./$temporary.new" 2>"$work/err" && chmod "$mode" "./$temporary.new" 2>"$work/err" || return 1
  flush "./$temporary.new"
}

bring_back() {
  write_old && replace "$temporary.new" || return 1
  ! has restorecon || restorecon "./$target_name" >/dev/null 2>&1 || :
}

# Innermost first, and only those that are empty again.
remove_folders() {
  sed -n 's/^dir //p' "$1/index" | sort -u -r | while read -r path; do
    ! is_target "$path/x" || rmdir "$path" 2>/dev/null || :
  done
}

# repair_store: undoes whatever a killed transaction left. False if that could not be done, for want of rights perhaps.
repair_store() {
  for path in "$store"/*.part; do
    [ -d "$path" ] || continue
    choose_hash && undo_backup "$path" && rm -rf "$path" || return 1
  done
}

# find_backup ID|newest, into $backup.
find_backup() {
  backup=''
  for path in "$store"/[0-9]*-*; do
    [ -f "$path/index" ] || continue
    case ${path##*/}:$1 in *:newest | ??????-"$1"*:*) backup=$path ;; esac
  done
  [ -n "$backup" ] || give_up ROLLBACK_UNKNOWN "$1"
}

# rollback_files ID|newest FORCE: prints `restored`, `removed` or `kept TARGET` for each; all of them, or none.
rollback_files() {
  lock_store
  need_hash
  repair_store || give_up INSTALL_FAILED "$stage an earlier installation could not be undone"
  find_backup "$1"
  force=$2
  allow_kept "$backup"
  # Nothing moves before every old byte lies beside its target.
  each_kept "$backup" check_back || rollback_failed
  each_kept "$backup" prepare_back || rollback_failed
  # From here on it goes to its end, even when nobody reads what it says any more.
  trap '' HUP INT TERM PIPE
  id=${backup##*/}
  printf 'receipt %s\n' "${id#*-}" 2>/dev/null
  each_kept "$backup" roll_back_one || rollback_failed
  remove_folders "$backup"
  rm -rf "$backup"
  flush "$store"
  unlock_store
}

rollback_failed() {
  failed=$target why=$refusal
  each_kept "$backup" forget_temporary
  unlock_store
  case $why in
    changed) fail FILE_CHANGED "$failed" ;;
    '' | failed | absent) ;;
    *) fail FILE_REFUSED "$why $failed" ;;
  esac
  case $(said "$work/dd") in
    *'o space left'* | *'uota exceeded'*) free=$(free_bytes "$failed") && fail TARGET_FULL "${free:-0} $failed" ;;
  esac
  fail INSTALL_FAILED "$failed $(said "$work/dd" "$work/err")"
}

check_back() {
  if ! enter_target "$target" look; then
    [ "$refusal" = absent ] && [ "$was" = - ] && return 0
    [ "$refusal" = absent ] && [ "$force" = 1 ]
    return
  fi
  digest_at "$target_name"
  [ "$sum" = "$digest" ] || [ "$sum" = "$was" ] || [ "$force" = 1 ] || { refusal=changed && return 1; }
}

prepare_back() {
  [ "$was" != - ] || return 0
  enter_target "$target" make || return 1
  name_temporary
  write_old
}

roll_back_one() {
  enter_target "$target" look || { [ "$refusal" = absent ] && return 0 || return 1; }
  name_temporary
  digest_at "$target_name"
  word=restored
  if [ "$was" = - ]; then
    word=removed
    [ "$sum" != - ] || word=kept
    rm -f "./$target_name" 2>"$work/err" || return 1
  else
    [ "$sum" != "$was" ] || word=kept
    replace "$temporary.new" || return 1
    ! has restorecon || restorecon "./$target_name" >/dev/null 2>&1 || :
  fi
  flush .
  printf '%s %s\n' "$word" "$target" 2>/dev/null || :
}

forget_temporary() {
  ! enter_target "$target" look || { name_temporary && rm -f "./$temporary.new"; }
  return 0
}

# One transaction at a time in a store. Its owner is known by its number and its command line.
lock_store() {
  store=$mine/backups
  mkdir -p "$store" 2>"$work/err" || stage_refused "$stage"
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    (set -C && printf '%s %s\n' "$boot" "$$" >"$store/lock") 2>/dev/null && return 0
    lock_boot='' lock_pid=''
    read -r lock_boot lock_pid <"$store/lock" 2>/dev/null || :
    if [ "$lock_boot" = "$boot" ] && is_count "$lock_pid" && tr '\0' '\n' <"/proc/$lock_pid/cmdline" 2>/dev/null |
      grep -q -e "^client=$client\$" -e 'import\.sh$'; then
      sleep 1
    else
      rm -f "$store/lock"
    fi
  done
  fail STAGE_BUSY "process $lock_pid"
}

unlock_store() {
  [ -n "$store" ] || return 0
  rm -f "$store/lock"
  # What root has made in the stage of another user is that user's, like the rest of it.
  [ "$(id -u)" != 0 ] || chown -R "$(owner_of "$mine")" "$store" 2>/dev/null || :
}

owner_of() {
  ls -ldn "$1" | { read -r _ _ uid gid _ && printf '%s:%s\n' "$uid" "$gid"; }
}

# The last twenty are kept.
prune_backups() {
  for path in "$store"/[0-9]*-*; do
    printf '%s\n' "$path"
  done | sort -r | tail -n +21 | while read -r path; do
    rm -rf "$path"
  done
}
