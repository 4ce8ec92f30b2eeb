# Telling dockerd to read its daemon.json again.

# root_reload: prints `reloaded PID`. As root.
root_reload() {
  for path in /run/docker.pid /var/run/docker.pid; do
    pid=''
    [ ! -r "$path" ] || read -r pid <"$path" || :
    ! is_dockerd "$pid" || break
    pid=''
  done
  if [ -z "$pid" ]; then
    for pid in $(pidof dockerd 2>/dev/null) ''; do
      ! is_dockerd "$pid" || break
    done
  fi
  [ -n "$pid" ] || fail FAR_FAILED 'no dockerd runs here'
  kill -s HUP "$pid" 2>"$work/err" || fail FAR_FAILED "$(said "$work/err")"
  printf 'reloaded %s\n' "$pid"
}

is_dockerd() {
  is_count "$1" && [ "$1" -gt 1 ] || return 1
  case $(tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null) in dockerd* | */dockerd\ * | */dockerd) ;; *) return 1 ;; esac
}
