# Files of a bundle, by the same transaction that a send uses (files-*.sh). It changes the current folder and words of ours, so each
# step runs in a shell of its own, or under sudo (31-root.sh), and finds all that it is told in $root_folder.
files_installed=0

# Shows what would change, and refuses what may not be, before anything is changed.
import_files_plan() {
  root_folder=$work/root
  mkdir -p "$root_folder/out.bundle" "$root_folder/payload" 2>"$work/err" || stage_refused "$stage"
  : >"$root_folder/plan" && : >"$root_folder/all" || stage_refused "$stage"
  write_targets
  find_import_root
  if [ -s "$work/in.files" ]; then
    sed 's/^/file /' "$work/in.files" >"$root_folder/files.lines" || stage_refused "$stage"
    while read -r _ _ _ _ path _; do
      take_out "$path" "$root_folder/out.bundle/$path" </dev/null
    done <"$work/in.files"
    by_root plan
    show_files
    ! changes_daemon || say_reload reload-needed
  fi
  import_packages_plan
}

# `allow DIR` and `target PATH` lines, as the far side's own `files` reads them.
write_targets() {
  printf '%s' "$allow_dirs" >"$work/allowed" || stage_refused "$stage"
  while IFS= read -r path; do
    allow_folder "$path" || fail USAGE "--allow-dir $(printf '%s' "$path" | said)"
    printf 'allow %s\n' "$path"
  done <"$work/allowed" >"$work/targets"
  sed 's/.* /target /' "$work/in.files" >>"$work/targets" || stage_refused "$stage"
  cp "$work/targets" "$root_folder/targets" 2>"$work/err" || stage_refused "$stage"
}

# How files and packages get there, into $root_mode: as this user, or by sudo. Found out now, not when all images are loaded.
find_import_root() {
  root_mode=no
  # Who only looks is asked for nothing.
  [ "$dry_run" = 0 ] || return 0
  if [ -s "$work/in.packages" ]; then find_sudo_way; else find_root_way; fi
  take_root_way
}

# As $root_way says, into $root_mode.
take_root_way() {
  root_mode=no
  case $root_way in
    no) return 0 ;;
    n) root_mode=n ;;
    password)
      [ "$sudo_mode" = ask ] || ask_password || fail FAR_SUDO_DENIED "$("text_$language" no-terminal)"
      root_mode=ask
      ;;
    *) fail FAR_SUDO_DENIED "$("text_$language" files-root)" ;;
  esac
}

# by_root STEP WORDS…: runs root_STEP; what it prints is left in $work/root.out. Its failure is told as any other.
by_root() {
  (
    root_failed=9
    # Who waits for a package manager, which is never stopped in the middle.
    [ "$1" != setup ] || trap '' HUP INT TERM
    [ "$root_mode" != no ] || work_in "$root_folder"
    as_root_run "$@"
  ) >"$work/root.out" </dev/null
  root_code=$?
  case $root_code in
    0) return 0 ;;
    9) told_by_root=$(sed -n 's/^error //p' "$work/root.out" | tail -n 1) ;;
    *) exit "$root_code" ;;
  esac
  fail "${told_by_root%% *}" "${told_by_root#* }"
}

work_in() {
  work=$1
}

# take_out PATH FILE: a file of the bundle as a file of its own: in a tar or on another volume it is none.
take_out() {
  mkdir -p "${2%/*}" 2>"$work/err" || stage_refused "$stage"
  anywhere "$1" 2>"$work/err" >"$2" || stage_refused "$stage"
}

root_plan() {
  files_extra=''
  while read -r word path; do
    [ "$word" != allow ] || allow_folder "$path" || fail USAGE allow
  done <"$work/targets"
  plan_bundle_files "$work/files.lines" "$work/out.bundle"
  keep_changes
}

# What is there already as it should be is left alone: so a rollback of this import takes back what it has changed.
keep_changes() {
  cp "$work/plan" "$work/all" 2>"$work/err" || stage_refused "$stage"
  while read -r word kind mode bytes digest was source target; do
    wanted=$mode
    if [ "$word $was" = "file $digest" ] && enter_target "$target" look </dev/null && describe "$target_name" </dev/null; then
      [ "$mode" != "$wanted" ] || continue
    fi
    printf '%s\n' "$word $kind${wanted:+ $wanted $bytes $digest $was $source $target}"
  done <"$work/all" >"$work/plan"
}

show_files() {
  say files
  while IFS= read -r line; do
    case $line in
      'new '* | 'same '* | 'change '*)
        rest=${line#* }
        say "file-${line%% *}" "${rest#* }" "${rest%% *}"
        ;;
      *) printf '  %s\n' "$line" >&2 ;;
    esac
  done <"$work/root.out"
}

changes_daemon() {
  grep -q '^file daemon ' "$root_folder/plan"
}

# After every image has been proved, before the first name is set.
import_files_install() {
  copy_sets
  if grep -q '^file ' "$root_folder/plan"; then
    printf '%s\n' "$import_id" >"$root_folder/receipt" || stage_refused "$stage"
    by_root install
    files_installed=1
    say files-installed "$(grep -c '^installed ' "$work/root.out")"
    if changes_daemon; then
      if [ "$reload" = 1 ]; then reload_engine; else say_reload reload-by-hand; fi
    fi
  fi
  [ "$install_packages" = 0 ] || install_sets
}

# When the import fails after that: the engine goes back to what it had, too.
import_files_undo() {
  [ "$files_installed" = 1 ] || return 0
  printf '%s 0\n' "$import_id" >"$root_folder/receipt"
  (by_root rollback) >/dev/null 2>&1 || :
  [ "$reload_begun" = 0 ] || (by_root reload) >/dev/null 2>&1 || :
}

# As a receipt tells them.
receipt_files() {
  [ "$with_files" = 1 ] || return 0
  if [ -s "$root_folder/all" ]; then
    printf '  "files": ['
    comma=''
    while read -r word _ mode _ digest was _ to; do
      [ "$word" = file ] || continue
      previous=null backup_id=null
      [ "$was" = - ] || previous="\"sha256:$was\""
      ! grep -q -e " $to\$" "$root_folder/plan" || backup_id="\"$import_id\""
      printf '%s\n    {"to": "%s", "digest": "sha256:%s", "previous": %s, "mode": "%s", "backup": %s}' \
        "$comma" "$to" "$digest" "$previous" "$mode" "$backup_id"
      comma=,
    done <"$root_folder/all"
    printf '\n  ],\n'
  fi
  receipt_reload
  receipt_packages
}
