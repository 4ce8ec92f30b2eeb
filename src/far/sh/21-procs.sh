# Which processes of a client run, told by their files in procs/ and by a mark in the environment of what they started.

# mark_children: every program started from here on carries this stage and client in its environment.
mark_children() {
  AIRGAP_FAR=$mine
  export AIRGAP_FAR
}

# is_ours PID CLIENT: that process is still a far.sh of this client, not somebody who got the same number.
is_ours() {
  kill -0 "$1" 2>/dev/null && is_far_of "$1" "$2"
}

# is_far_of PID CLIENT: the same, and it may belong to another user, whose process can be seen but not signalled.
is_far_of() {
  if [ -d /proc/self ]; then
    [ -r "/proc/$1/cmdline" ] && holds_word "client=$2" "/proc/$1/cmdline"
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
  # Programs that a killed far.sh left behind: a dd that still writes would spoil a segment. What runs in a container of this
  # machine may have a stage of the very same path, and is somebody else's.
  here=$(ls -l /proc/self/ns/pid 2>/dev/null)
  marked "AIRGAP_FAR=$1" | while read -r pid; do
    there=$(ls -l "/proc/$pid/ns/pid" 2>/dev/null)
    [ "${there##*-> }" != "${here##*-> }" ] || printf '%s\n' "$pid"
  done
}

# marked WORD: prints the pids of processes with that word in their environment.
marked() {
  if printf 'a\0AIRGAP' | grep -z -q -F -x -e AIRGAP 2>/dev/null; then
    grep -l -z -F -x -e "$1" /proc/[0-9]*/environ 2>/dev/null | sed 's,^/proc/\([0-9]*\)/.*,\1,'
    return 0
  fi
  # Without -z, the grep of busybox stops at a NUL.
  for entry in /proc/[0-9]*/environ; do
    [ -r "$entry" ] && holds_word "$1" "$entry" || continue
    pid=${entry#/proc/}
    printf '%s\n' "${pid%/environ}"
  done
}

# holds_word WORD FILE: among the NUL-ended words of a file in /proc.
holds_word() {
  tr '\0' '\n' <"$2" 2>/dev/null | grep -q -F -x -e "$1"
}
