# files, install, rollback, newest, reload: files of this machine. What needs root is done as 31-root.sh tells.

# files: looks at targets. Without the right to read and write them it tells how root is had, and looks at nothing.
cmd_files() {
  read_password
  need_hash
  read_targets
  find_family
  printf 'family %s %s\n' "$family" "$(printf '%s' "$family_name" | cut -b 1-200)"
  if [ "$sudo_mode" = no ]; then
    find_root_way
    printf 'root %s\n' "$root_way"
    [ "$root_way" = no ] || return 0
  fi
  as_root_run files
}

# `allow DIR` and `target PATH` lines; kept for the part that runs as root.
read_targets() {
  ended=''
  while read -r word path more; do
    [ -z "$more" ] || fail USAGE files
    case $word in
      allow) allow_folder "$path" || fail USAGE allow ;;
      target) is_target "$path" || fail USAGE target ;;
      end) ended=1 && break ;;
      *) fail USAGE files ;;
    esac
    printf '%s %s\n' "$word" "$path" 2>"$work/err" >>"$work/targets" || stage_refused "$stage"
  done
  [ -n "$ended" ] || fail NEAR_GONE files
}

root_files() {
  files_extra=''
  store=$mine/backups
  (repair_store) || :
  while read -r word path; do
    case $word in allow) allow_folder "$path" || fail USAGE allow ;; *) look_at "$path" ;; esac
  done <"$work/targets"
}

# look_at TARGET: its state, and its bytes where a person could read them.
look_at() {
  if enter_target "$1" look; then
    describe "$target_name" || fail FAR_FAILED "$1 cannot be read"
    if [ "$sum" = - ]; then
      printf 'absent %s\n' "$1"
    elif [ "$found_bytes" -gt 1048576 ]; then
      printf 'file %s %s %s %s %s 0 %s\n' "$mode" "$uid" "$gid" "$found_bytes" "$sum" "$1"
    else
      # A copy, so that what was announced is what follows.
      cp "./$target_name" "$work/look" 2>"$work/err" || stage_refused "$stage"
      hash_in <"$work/look"
      size_of "$work/look"
      printf 'file %s %s %s %s %s %s %s\n' "$mode" "$uid" "$gid" "$file_bytes" "$sum" "$file_bytes" "$1"
      cat "$work/look"
      printf '\n'
    fi
  else
    case $refusal in
      absent) printf 'absent %s\n' "$1" ;;
      failed) fail FAR_FAILED "$1 $(said "$work/err")" ;;
      *) printf 'refused %s %s\n' "$refusal" "$1" ;;
    esac
  fi
}

# install: a plan whose bytes follow each line; they are staged and checked before anything else is looked at.
cmd_install() {
  need receipt
  read_password
  need_dd
  need_hash
  mark_children
  mkdir "$work/payload" 2>"$work/err" || stage_refused "$stage"
  printf '%s\n' "$receipt" 2>"$work/err" >"$work/receipt" || stage_refused "$stage"
  ended=''
  while read -r word kind mode bytes digest was source target; do
    case $word in
      allow) [ -z "$mode" ] && allow_folder "$kind" || fail USAGE allow ;;
      file) is_plan_line && is_count "$source" || fail USAGE file ;;
      end) ended=1 && break ;;
      *) fail USAGE install ;;
    esac
    printf '%s\n' "$word $kind${mode:+ $mode $bytes $digest $was $source $target}" 2>"$work/err" >>"$work/plan" ||
      stage_refused "$stage"
    [ "$word" = allow ] || take_payload
  done
  [ -n "$ended" ] || fail NEAR_GONE install
  as_root_run install
}

take_payload() {
  part=$work/payload/$source
  take "$bytes" >"$part" 2>"$work/dd" || stage_refused "$stage"
  size_of "$part"
  [ "$file_bytes" = "$bytes" ] || fail NEAR_GONE install
  hash_in <"$part" && [ "$sum" = "$digest" ] || fail FAR_FAILED "the bytes for $target are not those that were sent"
}

# rollback: puts the files of a receipt back, or those of the newest one.
cmd_rollback() {
  need receipt
  read_password
  mark_children
  printf '%s %s\n' "$receipt" "$force" 2>"$work/err" >"$work/receipt" || stage_refused "$stage"
  if [ "$sudo_mode" = no ]; then
    store=$mine/backups
    # Whose files they are decides whether root is needed.
    for path in "$store"/*-*; do
      [ ! -f "$path/index" ] || sed -n 's/^\(allow \)/\1/p; s/^file .* /target /p' "$path/index"
    done >"$work/targets"
    while read -r word path; do
      [ "$word" != allow ] || allow_folder "$path" || :
    done <"$work/targets"
    find_root_way
    printf 'root %s\n' "$root_way"
    [ "$root_way" = no ] || return 0
  fi
  as_root_run rollback
}

# newest: whose change of files is the newest here, this client's or that of import.sh, which keeps its own beside. What was written
# later has the newer index; the numbers count for one store only.
cmd_newest() {
  newest=''
  for path in "$mine/backups"/[0-9]*-* "$stage/b0b0b0b0b0b0b0b0/backups"/[0-9]*-*; do
    case $path in *.part) continue ;; esac
    [ -f "$path/index" ] || continue
    case $newest in
      "${path%/*}"/* | '') newest=$path ;;
      *) [ -z "$(find "$path/index" -newer "$newest/index" 2>/dev/null)" ] || newest=$path ;;
    esac
  done
  [ -n "$newest" ] || fail ROLLBACK_UNKNOWN newest
  id=${newest##*/} owner=${newest%/backups/*}
  printf 'newest %s %s\n' "${owner##*/}" "${id#*-}"
}

# reload: asks dockerd to read its daemon.json again. Whether it took it is for whoever asks docker afterwards.
cmd_reload() {
  read_password
  as_root_run reload
}
