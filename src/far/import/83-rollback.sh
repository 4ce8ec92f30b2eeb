# --rollback: the files of an import are put back as they were, by the same transaction that a failed import uses. It needs no bundle:
# the old files lie in the stage, this program travels with every drive.

# Without a receipt the newest import of this stage. What became of each file is printed as JSON, as `airgap rollback --json` does.
rollback_import() {
  root_folder=$work/root
  mkdir -p "$root_folder" 2>"$work/err" || stage_refused "$stage"
  find_changes
  find_root_way
  take_root_way
  printf '%s %s\n' "${rollback_receipt:-newest}" "$force" >"$root_folder/receipt" || stage_refused "$stage"
  # Once it has begun it goes to its end, and is told.
  trap '' INT TERM HUP
  by_root rollback
  rolled_back=$(sed -n 's/^receipt //p' "$work/root.out")
  print_rollback
  say rolled-back "$rolled_back"
  grep -q -x -e 'restored /etc/docker/daemon\.json' -e 'removed /etc/docker/daemon\.json' "$work/root.out" || return 0
  if [ "$reload" = 1 ]; then
    by_root reload
    say files-reloaded
  else
    say rolled-back-daemon
  fi
}

# Whether there is such an import, and what root is needed for: `allow DIR` and `target PATH` lines in $work/targets.
find_changes() {
  found=0
  for path in "$mine"/backups/[0-9]*-*; do
    [ -f "$path/index" ] || continue
    case ${path##*/}:$rollback_receipt in
      *.part:*) ;;
      *: | ??????-"$rollback_receipt"*:*) found=1 ;;
    esac
    sed -n -e '/^allow /p' -e 's/^file .* /target /p' "$path/index" 2>"$work/err" || stage_refused "$stage"
  done >"$work/targets"
  [ "$found" = 1 ] || fail ROLLBACK_UNKNOWN "${rollback_receipt:-$("text_$language" any-import)}"
  while read -r word path; do
    [ "$word" != allow ] || allow_folder "$path" || :
  done <"$work/targets"
}

print_rollback() {
  printf '{"version":1,"by":"import.sh","receipt":"%s","files":[' "$rolled_back"
  comma=''
  while read -r done_to path; do
    case $done_to in
      restored | removed | kept)
        printf '%s{"path":%s,"done":"%s"}' "$comma" "$(json "$path")" "$done_to"
        comma=,
        ;;
    esac
  done <"$work/root.out"
  printf ']}\n'
}

# How the files of this import are taken back: by the program as it was called here, in the stage that was named.
say_rollback() {
  [ "$files_installed" = 1 ] || return 0
  rollback_by="sh $(shown_word "$0")"
  [ "$stage_named" = 0 ] || rollback_by="$rollback_by --stage $(shown_word "$stage")"
  say take-back "$rollback_by --rollback $import_id"
}

# shown_word WORD: so that a shell reads it as one.
shown_word() {
  case $1 in
    *[!A-Za-z0-9._/+,:@~-]*) printf "'%s'" "$(printf '%s' "$1" | said | sed "s/'/'\\\\''/g")" ;;
    *) printf '%s' "$1" ;;
  esac
}
