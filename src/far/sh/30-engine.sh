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

# Proves that sudo lets the engine's program through before anything depends on it: one try, so that nobody is locked out.
need_sudo() {
  case $sudo_mode in no) return 0 ;; esac
  [ -n "$program" ] || return 0
  has sudo || fail FAR_SUDO_DENIED 'there is no sudo'
  # Were printf a program of its own, the password would stand in the process list.
  [ "$(command -v printf)" = printf ] || fail FAR_TOOL_MISSING printf
  if as_engine "$program" --version >"$work/out" 2>"$work/err"; then
    # An archive is read by a shell there (podman_read): what would be refused then is refused now.
    case $program$sudo_mode in podmanask) as_engine -l sh >"$work/out" 2>"$work/err" || fail FAR_SUDO_DENIED 'sudo must let this user run sh, too' ;; esac
    return 0
  fi
  case $(said "$work/err") in
    *'command not found'*) fail FAR_ENGINE_MISSING "$program" ;;
    *'incorrect password'* | *'no password was provided'*) fail FAR_SUDO_DENIED 'the password is wrong' ;;
    *) fail FAR_SUDO_DENIED "$(said "$work/err")" ;;
  esac
}

# try_sudo TROUBLE: tells whether sudo would help. Only tried where the engine refuses this user: a refused sudo is mail to an administrator.
try_sudo() {
  if [ "$1" != denied ] || ! has sudo; then
    printf 'sudo none\n'
  elif sudo -n "$program" --version </dev/null >/dev/null 2>"$work/err"; then
    printf 'sudo n\n'
  else
    case $(said "$work/err") in
      *'password'*) printf 'sudo password\n' ;;
      *) printf 'sudo none\n' ;;
    esac
  fi
}

# look_as_root WORDS…: only where it is plain that it will be let through.
look_as_root() {
  if [ "$(id -u)" = 0 ] && [ "$sudo_mode" = no ]; then
    "$@" </dev/null 2>/dev/null
    return
  fi
  [ "$sudo_mode" != no ] || return 1
  as_engine -l "$@" >/dev/null 2>&1 && as_engine "$@" 2>/dev/null
}

# What every command begins with that talks to an engine.
need_engine() {
  need engine
  read_password
  need_sudo
}
