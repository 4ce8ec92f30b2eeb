# How an engine's program is called: plainly, by sudo without a password, or by sudo with the one that came on stdin.

# as_engine PROGRAM WORDS…: runs it without anything on its stdin that it could mistake for data. The password goes to
# sudo on a pipe, by a builtin, and again for every call: sudo's memory of it is tied to the calling process and may be
# switched off. A program that sudo starts unasked finds the password on its stdin: none called this way reads it.
as_engine() {
  run_by "$sudo_mode" "$@"
}

# run_by no|n|ask PROGRAM WORDS…
run_by() {
  mode_asked=$1
  shift
  case $mode_asked in
    no) "$@" </dev/null ;;
    n) sudo -n "$@" </dev/null ;;
    *) printf '%s\n' "$password" | sudo -S -p '' "$@" ;;
  esac
}

# Proves that sudo lets docker through before anything depends on it: one try, so that nobody is locked out.
need_sudo() {
  case $sudo_mode in no) return 0 ;; esac
  [ "$kind" = docker ] || return 0
  has sudo || fail FAR_SUDO_DENIED 'there is no sudo'
  # Were printf a program of its own, the password would stand in the process list.
  [ "$(command -v printf)" = printf ] || fail FAR_TOOL_MISSING printf
  as_engine docker --version >"$work/out" 2>"$work/err" && return 0
  case $(said "$work/err") in
    *'command not found'*) fail FAR_ENGINE_MISSING docker ;;
    *'incorrect password'* | *'no password was provided'*) fail FAR_SUDO_DENIED 'the password is wrong' ;;
    *) fail FAR_SUDO_DENIED "$(said "$work/err")" ;;
  esac
}

# What every command begins with that talks to an engine.
need_engine() {
  need engine
  read_password
  need_sudo
}
