# How the program says no: the codes and exit codes of src/errors.ts (a test compares them), the sentences of the catalogues.
# This replaces the far side's own `fail`, whose lines only a near side understands.
host='' needed_bytes='' leaving=0

code_of() {
  case $1 in
    USAGE | PROMPT_REFUSED) exit_code=2 ;;
    IMAGE_UNKNOWN | PLATFORM_MISSING) exit_code=10 ;;
    BUNDLE_INVALID | BUNDLE_VERSION) exit_code=20 ;;
    BUNDLE_DAMAGED) exit_code=21 ;;
    BUNDLE_VOLUME_MISSING) exit_code=23 ;;
    BUNDLE_BASE_MISSING | BUNDLE_CODEC) exit_code=24 ;;
    SIGNATURE_INVALID) exit_code=25 ;;
    FAR_ENGINE_MISSING | FAR_ENGINE_DOWN | FAR_ENGINE_UNSUPPORTED) exit_code=40 ;;
    FAR_ENGINE_DENIED | FAR_SUDO_DENIED) exit_code=41 ;;
    FAR_TOOL_MISSING) exit_code=42 ;;
    STAGE_BUSY | STAGE_DENIED) exit_code=44 ;;
    TARGET_FULL) exit_code=45 ;;
    TARGET_PLATFORM) exit_code=46 ;;
    NAME_TAKEN) exit_code=47 ;;
    LOAD_REJECTED) exit_code=48 ;;
    FILE_REFUSED | FILE_FAMILY | FILE_INVALID | FILE_CHANGED | INSTALL_FAILED | PACKAGES_FAILED | ROLLBACK_UNKNOWN) exit_code=49 ;;
    VERIFY_FAILED) exit_code=50 ;;
    CANCELLED) exit_code=130 ;;
    *) code=FAR_FAILED exit_code=43 ;;
  esac
}

# fail CODE WORDS…: tells sentence, code and hint, and ends; what was begun is taken back by the EXIT trap.
# Only the main shell may call it.
fail() {
  code=$1
  shift
  # Under sudo: whoever started it says it, in the language of its reader.
  if [ "$fail_code" != 1 ]; then
    printf 'error %s\n' "$code $*"
    exit "$fail_code"
  fi
  code_of "$code"
  case $code in
    TARGET_FULL) say_full "$@" ;;
    STAGE_BUSY) if [ "$1" = "$layout" ]; then say error-STAGE_BUSY-layout "$1"; else say error-STAGE_BUSY "$@"; fi ;;
    FILE_* | INSTALL_FAILED) say_file "$@" ;;
    *) say "error-$code" "$@" ;;
  esac
  case $action$code in rollbackFILE_CHANGED) code=FILE_CHANGED-rollback ;; esac
  say "hint-$code" "$@"
  exit "$exit_code"
}

# The far side's own words for it are `FREE PATH`, either of which may not be known.
say_full() {
  full_free=${1%% *} full_path=${1#* }
  [ "$full_path" != - ] || full_path=$engine_root
  show_bytes "${full_free:-0}"
  full_free=$shown
  if [ -n "$needed_bytes" ]; then
    show_bytes "$needed_bytes"
    say error-TARGET_FULL-needed "$full_path" "$shown" "$full_free"
  else
    say error-TARGET_FULL "$full_path" "$full_free"
  fi
}

# Of files, too: `TARGET REST`, or `WHY TARGET` where it is refused.
say_file() {
  case $code in
    FILE_REFUSED) say error-FILE_REFUSED "${1#* }" "$("text_$language" "problem-at-${1%% *}")" ;;
    FILE_CHANGED) if [ "$action" = rollback ]; then say error-FILE_CHANGED-rollback "$1"; else say error-FILE_CHANGED "$1"; fi ;;
    *) say "error-$code" "${1%% *}" "${1#* }" ;;
  esac
}

# damaged PATH FILE PROBLEM
damaged() {
  fail BUNDLE_DAMAGED "$1" "$2" "$("text_$language" "problem-$3")"
}

# say KEY WORDS…: a line for people. stdout is for what was asked for: lists, passports, receipts.
say() {
  "text_$language" "$@" >&2
}

# show_bytes N, into $shown: powers of ten, as disks are sold.
show_bytes() {
  shown=$1 tenths=0 unit=B
  for next_unit in kB MB GB TB; do
    [ "$shown" -ge 1000 ] || break
    tenths=$((shown % 1000 / 100)) shown=$((shown / 1000)) unit=$next_unit
  done
  if [ "$unit" = B ] || [ "$shown" -ge 100 ]; then shown="$shown $unit"; else shown="$shown.$tenths $unit"; fi
}

# What the far side does while a near side listens has no place here.
beat_pid=''

start_beats() {
  :
}

end_beats() {
  :
}

# The password, where one is needed, was read from the terminal.
read_password() {
  :
}

# What an operator types to look after the engine that is meant: for hints.
engine_log() {
  case ${engine:-docker} in
    podman*) echo 'podman info' ;;
    containerd*) echo 'journalctl -u containerd' ;;
    k3s*) echo 'journalctl -u k3s -u k3s-agent' ;;
    rke2*) echo 'journalctl -u rke2-server -u rke2-agent' ;;
    *) echo 'journalctl -u docker' ;;
  esac
}
engine_prune() {
  case ${engine:-docker} in
    podman*) echo 'podman image prune' ;;
    containerd* | rke2*) echo 'crictl rmi --prune' ;;
    k3s*) echo 'k3s crictl rmi --prune' ;;
    layout*) echo 'df -h' ;;
    *) echo 'docker image prune' ;;
  esac
}
