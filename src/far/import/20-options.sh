# What was asked for on the command line.
action=import dry_run=0 only='' paths='' with_images=1 with_files=1 no_clobber=0 install_packages=0 reload=0
allow_dirs='' import_id='' allowed_signers='' require_signature=0 assume_yes=0
rollback_receipt='' stage_named=0 platform_asked=''
all_options='--list --verify --passport --dry-run --only --platform --files-only --images-only --engine --stage --yes --no-clobber
--install-packages --allow-dir --reload --rollback --force --allowed-signers --require-signature --help'

read_options() {
  while [ "$#" -gt 0 ]; do
    option=$1
    shift
    case $option in
      --[a-z]*=*)
        set -- "${option#*=}" "$@"
        option=${option%%=*}
        case $option in
          --only | --platform | --engine | --stage | --allow-dir | --allowed-signers) ;;
          --rollback) read_path "$1" && shift ;;
          *) unknown_option "$option=" ;;
        esac
        ;;
    esac
    case $option in
      --only | --platform | --engine | --stage | --allow-dir | --allowed-signers)
        [ "$#" -gt 0 ] || fail USAGE "$("text_$language" needs-value "$option")"
        read_option "$option" "$1"
        shift
        ;;
      --list | --verify | --passport | --rollback) action=${option#--} ;;
      --help | -h) action=help ;;
      --dry-run) dry_run=1 ;;
      --files-only) with_images=0 ;;
      --images-only) with_files=0 ;;
      --no-clobber) no_clobber=1 ;;
      --install-packages) install_packages=1 ;;
      --reload) reload=1 ;;
      --force) force=1 ;;
      --require-signature) require_signature=1 ;;
      --yes | -y) assume_yes=1 ;;
      --)
        while [ "$#" -gt 0 ]; do
          read_path "$1"
          shift
        done
        ;;
      -*) unknown_option "$option" ;;
      *) read_path "$option" ;;
    esac
  done
  check_options
}

# What cannot be is said before anything is read.
check_options() {
  case $action in
    help) return 0 ;;
    rollback)
      rollback_receipt=${paths%"$nl"}
      [ -z "$paths" ] || is_receipt "$rollback_receipt" ||
        fail USAGE "$("text_$language" one-value --rollback "$(printf '%s' "$paths" | said)")"
      ;;
  esac
  case $engine in
    '' | docker | podman | podman:root | containerd | k3s | rke2) ;;
    containerd:[A-Za-z0-9]*) case ${engine#*:} in *[!A-Za-z0-9_.-]*) fail FAR_ENGINE_UNSUPPORTED "$(printf '%s' "$engine" | said)" ;; esac ;;
    layout:*) layout=${engine#layout:} && is_folder "$layout" || fail USAGE "$("text_$language" layout-folder)" ;;
    *) fail FAR_ENGINE_UNSUPPORTED "$(printf '%s' "$engine" | said)" ;;
  esac
  [ "$force" = 0 ] || [ "$action" = rollback ] || fail USAGE "$("text_$language" force-alone)"
  [ "$with_images$with_files" != 00 ] || fail USAGE "$("text_$language" both-only)"
  [ -n "$allowed_signers" ] || [ "$require_signature" = 0 ] || fail USAGE "$("text_$language" needs-signers)"
  [ -z "$allowed_signers" ] || { [ -f "$allowed_signers" ] && [ -r "$allowed_signers" ]; } ||
    fail USAGE "$("text_$language" signers-unreadable "$(printf '%s' "$allowed_signers" | said)")"
}

# read_option OPTION VALUE
read_option() {
  case $1 in
    --only) only=$only$2$nl ;;
    --platform)
      is_platform "$2" || fail USAGE "$("text_$language" platform-form "$(printf '%s' "$2" | said)")"
      platform_asked=$2
      ;;
    --engine) engine=$2 ;;
    --stage)
      [ -n "$2" ] || fail USAGE "$("text_$language" needs-value "$1")"
      stage_named=1
      case $2 in /*) stage=$2 ;; *) stage=$PWD/$2 ;; esac
      while :; do case $stage in ?*/) stage=${stage%/} ;; *) break ;; esac done
      ;;
    --allow-dir) allow_dirs=$allow_dirs$2$nl ;;
    *) allowed_signers=$2 ;;
  esac
}

read_path() {
  case $1 in '' | *"$nl"*) fail BUNDLE_INVALID "$(printf '%s' "$1" | said)" "$("text_$language" problem-not-found)" ;; esac
  paths=$paths$1$nl
}

# The nearest option shares the longest beginning and end with what was typed.
unknown_option() {
  typed=${1%=} best=0 nearest=''
  for candidate in $all_options; do
    ends_in_common "$typed" "$candidate"
    [ "$common" -gt "$best" ] && best=$common nearest=$candidate
  done
  typed=$(printf '%s' "$typed" | said)
  [ "$((best * 2))" -gt "${#typed}" ] && [ "$best" -gt 3 ] ||
    fail USAGE "$("text_$language" unknown-option "$typed")"
  fail USAGE "$("text_$language" unknown-option-near "$typed" "$nearest")"
}

# ends_in_common A B, into $common: letters that both begin with, and that both end with.
ends_in_common() {
  left=$1 right=$2 common=0
  while [ -n "$left" ] && [ -n "$right" ]; do
    [ "${left%"${left#?}"}" = "${right%"${right#?}"}" ] || break
    left=${left#?} right=${right#?} common=$((common + 1))
  done
  while [ -n "$left" ] && [ -n "$right" ]; do
    [ "${left#"${left%?}"}" = "${right#"${right%?}"}" ] || break
    left=${left%?} right=${right%?} common=$((common + 1))
  done
}
