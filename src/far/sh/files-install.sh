# The transaction that puts files on this machine: all of them, or everything is as it was. Works on files in a folder, so
# that both programs have it. A plan has a line for each: `file KIND MODE BYTES DIGEST WAS SOURCE TARGET`, where WAS is the
# digest that the plan saw at TARGET, `-` for none, and SOURCE a name in the folder; before them `allow DIR` lines.
# Until the backup's folder has lost its `.part`, nothing counts as done: whoever finds a `.part` puts everything back.
store='' backup='' pending=''

# is_plan_line: of the words $kind $mode $bytes $digest $was $source $target.
is_plan_line() {
  case $kind in file | repo | key | compose | daemon) ;; *) return 1 ;; esac
  # Nothing that others may write to, nothing that runs as its owner.
  case $mode in 0[0-7][0-7][0145]) ;; *) return 1 ;; esac
  is_count "$bytes" && is_hex "$digest" 64 && { [ "$was" = - ] || is_hex "$was" 64; } && is_target "$target" || return 1
  case $source in '' | /* | -* | *..* | *[!A-Za-z0-9._+~/-]*) return 1 ;; esac
}

# each_planned PLAN FUNCTION: calls it for every file, with $n counted from 1. Stops at the first that fails.
each_planned() {
  n=0
  while read -r word kind mode bytes digest was source target; do
    [ "$word" = file ] || continue
    n=$((n + 1))
    "$2" </dev/null || return 1
  done <"$1"
}

# install_files PLAN FOLDER ID: prints `installed SUM|same TARGET` for each; ends the program if it cannot be.
install_files() {
  folder=$2
  lock_store
  repair_store || give_up INSTALL_FAILED "$stage an earlier installation could not be undone"
  read_plan "$1"
  need_hash
  start_beats
  sed -n '/^allow /p' "$1" >"$work/index" 2>/dev/null || stage_refused "$stage"
  each_planned "$1" plan_one
  new_backup "$3"
  pending=$backup
  trap 'give_up INSTALL_FAILED "$stage it was stopped"' HUP INT TERM
  each_planned "$1" keep_old
  { cp "$work/index" "$backup/index" && flush "$backup/index" "$backup/old" "$backup" "$store"; } 2>"$work/dd" ||
    give_up_full "$store"
  each_planned "$1" write_new
  each_planned "$1" move_in
  each_planned "$1" settle
  flush "$backup"
  mv "$backup" "${backup%.part}" 2>"$work/err" || give_up INSTALL_FAILED "$store $(said "$work/err")"
  pending=''
  trap - HUP INT TERM
  flush "$store"
  end_beats
  each_planned "$1" tell_installed
  prune_backups
  unlock_store
}

# Folders and lines are checked before anything is believed or done.
read_plan() {
  while read -r word kind mode bytes digest was source target; do
    case $word in
      allow) [ -z "$mode" ] && allow_folder "$kind" || fail USAGE allow ;;
      file) is_plan_line || fail USAGE file ;;
      *) fail USAGE plan ;;
    esac
  done <"$1"
}

# The state is still what the plan saw; the index remembers it.
plan_one() {
  wanted=$mode
  missing_folders "$target" | sed 's/^/dir /' >>"$work/index"
  describe_target
  [ "$sum" = "$was" ] || give_up FILE_CHANGED "$target"
  printf 'file %s %s %s %s %s %s %s\n' "$n" "$was" "$digest" "$mode" "$uid" "$gid" "$target" >>"$work/index"
  mode=$wanted
  hash_in <"$folder/$source" && [ "$sum" = "$digest" ] || give_up INSTALL_FAILED "$target its bytes are not those of the plan"
  check_form "$kind" "$folder/$source" "$target" || give_up FILE_INVALID "$target $form_problem"
}

# Into $mode $uid $gid $sum, `-` each where there is nothing yet.
describe_target() {
  if enter_target "$target" look; then
    describe "$target_name" || give_up INSTALL_FAILED "$target it cannot be read"
  elif [ "$refusal" = absent ]; then
    mode=- uid=- gid=- sum=-
  else
    refused "$target"
  fi
}

# new_backup ID: numbered, so that the newest is the last by name.
new_backup() {
  number=0
  for path in "$store"/*-*; do
    word=${path##*/} word=${word%%-*}
    while :; do case $word in 0?*) word=${word#0} ;; *) break ;; esac done
    ! is_count "$word" || [ "$word" -le "$number" ] || number=$word
  done
  backup=$store/$(printf '%06d' "$((number + 1))")-$1.part
  mkdir -p "$backup/old" 2>"$work/err" || stage_refused "$stage"
}

keep_old() {
  [ "$was" != - ] || return 0
  enter_target "$target" look || give_up FILE_CHANGED "$target"
  cp -p "./$target_name" "$backup/old/$n" 2>"$work/dd" || give_up_full "$store"
  hash_in <"$backup/old/$n" && [ "$sum" = "$was" ] || give_up FILE_CHANGED "$target"
  flush "$backup/old/$n"
}

# Every byte is on the disk, beside its target, before the first name moves: what fills a disk does so here.
write_new() {
  make_temporary "$folder/$source" || give_up_full "$target"
  [ "$sum" = "$digest" ] || give_up INSTALL_FAILED "$target what was written is not what was sent"
  if [ "$was" != - ]; then
    ls -ln "./$target_name" >"$work/ls" 2>"$work/err" && read -r _ _ uid gid _ <"$work/ls"
    chown "$uid:$gid" "./$temporary.new" 2>"$work/err" || give_up INSTALL_FAILED "$target $(said "$work/err")"
  fi
  chmod "$mode" "./$temporary.new" 2>"$work/err" || give_up INSTALL_FAILED "$target $(said "$work/err")"
  flush "./$temporary.new"
}

# make_temporary FILE: copies it to $temporary.new beside the target, as nobody else's file; its digest is left in $sum.
make_temporary() {
  enter_target "$target" make || { [ "$refusal" = failed ] || give_up FILE_REFUSED "$refusal $target" && return 1; }
  name_temporary
  rm -f "./$temporary.new" "./$temporary.old"
  (set -C && : >"./$temporary.new") 2>"$work/dd" || return 1
  dd if="$1" of="./$temporary.new" bs=65536 conv=notrunc 2>"$work/dd" || return 1
  hash_in <"./$temporary.new"
}

# The same names for the same backup: so whoever comes after a kill finds them.
name_temporary() {
  temporary=${backup##*/} temporary=${temporary%.part}
  temporary=.airgap-$(printf '%s' "$temporary" | cut -b 1-15)-$n
}

# The old file keeps a second name until all is done: it comes back as the very same file, and on a full disk.
move_in() {
  enter_target "$target" look || give_up FILE_REFUSED "$refusal $target"
  name_temporary
  digest_at "$target_name"
  [ "$sum" = "$was" ] || give_up FILE_CHANGED "$target"
  [ "$was" = - ] || ln "./$target_name" "./$temporary.old" 2>/dev/null || :
  replace "$temporary.new" || give_up INSTALL_FAILED "$target $(said "$work/err")"
}

# replace NAME: gives that file the target's name. A folder of that name is never moved into.
replace() {
  [ ! -d "./$target_name" ] || return 1
  mv -f "./$1" "./$target_name" 2>"$work/err"
}

settle() {
  enter_target "$target" look || give_up FILE_REFUSED "$refusal $target"
  name_temporary
  ! has restorecon || restorecon "./$target_name" >/dev/null 2>&1 || :
  digest_at "$target_name"
  [ "$sum" = "$digest" ] || give_up FILE_CHANGED "$target"
  rm -f "./$temporary.old"
  flush .
}

tell_installed() {
  if [ "$was" = "$digest" ]; then word=same; else word=installed; fi
  printf '%s %s %s\n' "$word" "$digest" "$target"
}

# flush PATH…: to the disk. An old sync takes no names and writes out everything, which is as good and slower.
flush() {
  sync "$@" 2>/dev/null || sync
}

# give_up CODE WORDS…: puts everything back, then tells.
give_up() {
  trap '' HUP INT TERM
  end_beats
  if [ -n "$pending" ] && undo_backup "$pending"; then
    rm -rf "$pending"
  elif [ -n "$pending" ]; then
    set -- INSTALL_FAILED "$stage not everything could be put back: the next run tries again"
  fi
  unlock_store
  fail "$@"
}

# A write failed: for want of room, or for another reason.
give_up_full() {
  case $(said "$work/dd" "$work/err") in
    *'o space left'* | *'uota exceeded'*) free=$(free_bytes "$1") && give_up TARGET_FULL "${free:-0} $1" ;;
  esac
  give_up INSTALL_FAILED "$1 $(said "$work/dd" "$work/err")"
}
