# The stage of an import, its one owner at a time, and what happens when it ends: nothing half stays behind.
waiting='' names='' committed=0 verifying=0 terminal_echo='' owned=0 stage_stays=0

# The same client in every bundle's recipes (docs/format.md): so what a killed import has left is known to the next.
open_work() {
  client=b0b0b0b0b0b0b0b0
  [ -n "$stage" ] || stage=${XDG_CACHE_HOME:-${HOME:-}/.cache}/airgap
  is_folder "$stage" || fail STAGE_DENIED "$("text_$language" root-stage)"
  # A folder that somebody has made is not ours to remove.
  [ "$stage_named" = 0 ] || [ ! -d "$stage" ] || stage_stays=1
  problem=$(mkdir -p "$stage" 2>&1) || fail STAGE_DENIED "$problem"
  [ -n "$(find "$stage/" -prune -user "$(id -u)" 2>/dev/null)" ] || fail STAGE_DENIED "$("text_$language" other-owner)"
  case $(ls -ld "$stage/") in d???????w*) fail STAGE_DENIED "$("text_$language" open-stage)" ;; esac
  started_at $$
  command="import $started"
  enter_stage
  : 2>/dev/null >"$work/err" || stage_refused "$stage"
  trap leave_import EXIT
  trap 'stopped 130' INT
  trap 'stopped 143' TERM
  trap 'stopped 129' HUP
  trap 'stopped 141' PIPE
  refuse_other_import
  owned=1
  # For sudo: the drive may be another one by then.
  [ "$(id -u)" = 0 ] || ! cp "$0" "$work/program.sh" 2>/dev/null || root_program=$work/program.sh
  mark_children
  need_hash
  choose_dd
}

# started_at PID, into $started: when that process began, so that its number given to another is not taken for it.
started_at() {
  started=0
  read -r process_facts 2>/dev/null <"/proc/$1/stat" || return 0
  # The name in brackets may hold blanks; the start is the 20th word behind it.
  process_facts=${process_facts##*) }
  set -- $process_facts
  [ "$#" -lt 20 ] || started=${20}
}

# Both write first and look then: two at once may both be refused, but never both go on. Nothing is touched before it is sure that
# this one goes on.
refuse_other_import() {
  for entry in "$mine"/procs/*; do
    pid=${entry##*/}
    is_count "$pid" && [ "$pid" -ne $$ ] || continue
    ! is_import "$pid" "$entry" || fail STAGE_BUSY "$("text_$language" process "$pid")"
  done
  # One that has come meanwhile will see ours and say so: it keeps what it says it with.
  for entry in "$mine"/procs/* "$mine"/work/*; do
    pid=${entry##*/}
    [ "$pid" = $$ ] || is_import "$pid" "$mine/procs/$pid" || rm -rf "$entry"
  done
  # What a killed import has started still runs.
  for pid in $(running "$mine"); do
    kill -KILL "$pid" 2>/dev/null
  done
}

# is_import PID ENTRY: that process is an import which runs, or one that has made its entry and not yet written it.
is_import() {
  entry_boot='' entry_word='' entry_start=''
  read -r entry_boot entry_word entry_start 2>/dev/null <"$2" || :
  if [ -z "$entry_boot" ]; then
    tr '\000' '\n' 2>/dev/null <"/proc/$1/cmdline" | grep -q -e 'import\.sh$'
    return
  fi
  [ "$entry_word" = import ] && [ "$entry_boot" = "$boot" ] && kill -0 "$1" 2>/dev/null || return 1
  started_at "$1"
  [ "$started" = "$entry_start" ]
}

# await PID: waits for a background job, so that a signal is answered at once; its exit code.
await() {
  waiting=$1
  wait "$1"
  await_code=$?
  waiting=''
  return "$await_code"
}

stopped() {
  trap '' INT TERM HUP PIPE
  printf '\n' >&2
  say error-CANCELLED
  say hint-CANCELLED
  exit "$1"
}

leave_import() {
  trap '' INT TERM HUP PIPE
  [ "$leaving" = 0 ] || return 0
  leaving=1
  [ -z "$terminal_echo" ] || stty echo </dev/tty 2>/dev/null
  # One that was refused touches nothing of the import that runs.
  if [ "$owned" = 1 ]; then
    end_children
    [ -z "$engine_root$names" ] && [ "$files_installed" = 0 ] || take_back
    rm -rf "$mine/splice" "$mine/layout-seen"
  fi
  leave_stage
  rmdir "$mine/work" "$mine/procs" "$mine/layers" "$mine" 2>/dev/null
  [ "$stage_stays" = 1 ] || rmdir "$stage" 2>/dev/null
}

# The player goes first: the engine then sees an archive without its end and refuses it by itself. KILL, since a shell
# that has only just been forked still carries its parent's traps and loses a TERM.
end_children() {
  [ -z "$player_pid" ] || kill -KILL "$player_pid" 2>/dev/null
  [ -z "$waiting" ] || [ "$waiting" = "$load_pid" ] || kill -KILL "$waiting" 2>/dev/null
  kill_marked load
  [ -n "$load_pid" ] || return 0
  # A load that has all of its archive cannot be called back: what it makes is removed afterwards. An engine that hangs
  # is not waited for.
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    [ ! -f "$work/load.ended" ] || break
    sleep 1
  done
  kill_marked
}

# kill_marked [load]: what this import has started, a load only where that word is missing.
kill_marked() {
  for pid in $(running "$mine"); do
    case ${1-}$(tr '\000' ' ' 2>/dev/null <"/proc/$pid/cmdline") in load*docker*load* | load*' images import '*) continue ;; esac
    kill -KILL "$pid" 2>/dev/null
  done
}
