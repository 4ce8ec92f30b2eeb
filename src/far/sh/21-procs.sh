# Which processes of a client run, told by their files in procs/ and by a mark in the environment of what they started.

# mark_children: every program started from here on carries this stage and client in its environment.
mark_children() {
  AIRGAP_FAR=$mine
  export AIRGAP_FAR
}

# is_ours PID CLIENT: that process is still a far.sh of this client, not somebody who got the same number.
is_ours() {
  kill -0 "$1" 2>/dev/null || return 1
  if [ -r "/proc/$1/cmdline" ]; then
    grep -q -F -e "client=$2" "/proc/$1/cmdline" 2>/dev/null
  else
    case $(ps -o args= -p "$1" 2>/dev/null) in *"client=$2"*) ;; *) return 1 ;; esac
  fi
}

# running FOLDER: prints the pids of a client's live processes, but for this one.
running() {
  owner=${1##*/}
  for entry in "$1"/procs/*; do
    pid=${entry##*/}
    is_count "$pid" && [ "$pid" -ne $$ ] || continue
    entry_boot=''
    read -r entry_boot _ <"$entry" || :
    if [ "$entry_boot" = "$boot" ] && is_ours "$pid" "$owner"; then
      printf '%s\n' "$pid"
    fi
  done
  [ -d /proc/self ] || return 0
  # Programs that a killed far.sh left behind: a dd that still writes would spoil a segment.
  grep -l -F -e "AIRGAP_FAR=$1" /proc/[0-9]*/environ 2>/dev/null | sed 's,^/proc/\([0-9]*\)/.*,\1,'
}
