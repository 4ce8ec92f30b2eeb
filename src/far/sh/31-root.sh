# What only root may do is done by this very program, started again by sudo: the password goes to sudo on a pipe, the command
# finds nothing on its stdin, and all it is told lies in one folder.
root_way='' root_mode='' root_program=$0 root_folder='' root_failed=1

# What files take: `root_way`, with `no` where this user can read and write every target. Looks at $work/targets.
find_root_way() {
  root_way=no
  [ "$(id -u)" != 0 ] || return 0
  (
    while read -r word path; do
      if [ "$word" = target ]; then
        enter_target "$path" look || [ "$refusal" = absent ] || exit 0
        if [ "$refusal" = absent ]; then cd "$(existing_path "${path%/*}")" || exit 1; fi
        [ -w . ] || exit 1
        [ ! -e "./$target_name" ] || { [ -O "./$target_name" ] && [ -r "./$target_name" ]; } || exit 1
      fi
    done <"$work/targets"
  ) 2>/dev/null && return 0
  find_sudo_way
}

# Into $root_way: `no` where nothing is needed, `n` where sudo asks nothing, `password` where it does, or `none`.
find_sudo_way() {
  root_way=no
  [ "$(id -u)" != 0 ] || return 0
  root_way=none
  has sudo || return 0
  if sudo -n sh "$root_program" root-hello "stage=$stage" "client=$client" "folder=$work" </dev/null >/dev/null 2>"$work/err"; then
    root_way=n
  else
    case $(said "$work/err") in *'password'*) root_way=password ;; esac
  fi
}

# as_root_run COMMAND WORDS…: runs root_COMMAND here, or in this program under sudo. By $root_mode, or as the engine is called where
# that says nothing. A failure of the part under sudo has been told on stdout by itself.
as_root_run() {
  step=$1
  shift
  case ${root_mode:-$sudo_mode} in
    no)
      "root_$step" "$@"
      return
      ;;
  esac
  has sudo || fail FAR_SUDO_DENIED 'there is no sudo'
  [ "$(command -v printf)" = printf ] || fail FAR_TOOL_MISSING printf
  set -- sh "$root_program" "root-$step" "stage=$stage" "client=$client" "folder=${root_folder:-$work}" "$@"
  run_by "${root_mode:-$sudo_mode}" sh "$root_program" root-hello "stage=$stage" "client=$client" "folder=$work" \
    >/dev/null 2>"$work/sudo.err" || sudo_refused
  run_by "${root_mode:-$sudo_mode}" "$@" 2>"$work/sudo.err" && return 0
  case $? in 9) exit "$root_failed" ;; esac
  fail FAR_FAILED "$(said "$work/sudo.err")"
}

sudo_refused() {
  case $(said "$work/sudo.err") in
    *'incorrect password'* | *'no password was provided'*) fail FAR_SUDO_DENIED 'the password is wrong' ;;
    *) fail FAR_SUDO_DENIED "$(said "$work/sudo.err")" ;;
  esac
}

# The part under sudo: a cut of the line must not end it in the middle, its error is told by itself (exit code 9).
as_root_command() {
  step=${1#root-}
  shift
  case $step in hello | files | plan | install | rollback | reload | packages | set | setup) ;; *) fail USAGE command ;; esac
  read_words "$@"
  need folder
  [ "$step" != hello ] || exit 0
  exec </dev/null
  fail_code=9 mine=$stage/$client work=$folder
  read_boot
  trap '' PIPE
  trap leave_root EXIT
  need_hash
  "root_$step"
  exit 0
}

# What root has made in the stage of another user is that user's, like the rest of it.
leave_root() {
  end_beats
  chown -R -h "$(owner_of "$mine")" "$work" 2>/dev/null || :
}

root_install() {
  read -r receipt <"$work/receipt" && is_receipt "$receipt" || fail USAGE receipt
  files_extra=''
  install_files "$work/plan" "$work/payload" "$receipt"
}

root_rollback() {
  read -r receipt force <"$work/receipt" && is_receipt "$receipt" || fail USAGE receipt
  rollback_files "$receipt" "$force"
}
