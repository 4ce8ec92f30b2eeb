# The way to a file that is to be installed: only under folders that are allowed, step by step, never through a link.
# These functions change the current folder: names are then relative to it, so nobody can move the way under our feet.
files_extra='' refusal='' target_root='' target_name='' here=''
files_folders='/etc/yum.repos.d /etc/zypp/repos.d /etc/apt/sources.list.d /etc/apt/keyrings /etc/pki/rpm-gpg /etc/docker /opt /srv'

# A path that needs no quotes anywhere and goes nowhere but down.
is_target() {
  case $1 in /*/?*) ;; *) return 1 ;; esac
  case $1 in *[!A-Za-z0-9._+@~:/-]* | *//* | */ | */. | */.. | */./* | */../* | */.airgap-*) return 1 ;; esac
  [ "${#1}" -le 400 ]
}

# allow_folder DIR: one more folder, for this call.
allow_folder() {
  is_target "$1/x" && [ "$1" != / ] || return 1
  files_extra="$files_extra $1"
}

# find_root TARGET: the allowed folder that it lies under, into $target_root.
find_root() {
  for allowed in $files_folders $files_extra; do
    case $1 in "$allowed"/?*) target_root=$allowed && return 0 ;; esac
  done
  return 1
}

# enter_target TARGET look|make: goes into its folder and sets $target_name. False with $refusal: folder, symlink,
# not-a-file, owner, failed, or `absent` where the folder is not there and none may be made.
enter_target() {
  refusal=folder target_name=${1##*/}
  is_target "$1" && find_root "$1" || return 1
  rest=${1#"$target_root"/}
  # The allowed folder itself is the host's own choice: on some systems /opt is a link.
  if [ ! -e "$target_root" ]; then
    refusal=absent
    [ "$2" = make ] || return 1
    refusal=failed
    (umask 022 && mkdir -p "$target_root") 2>"$work/err" || return 1
  fi
  refusal=failed
  cd -P "$target_root" 2>"$work/err" || return 1
  here=$(pwd -P)
  is_safe_folder || return 1
  while :; do
    case $rest in */*) ;; *) break ;; esac
    part=${rest%%/*} rest=${rest#*/}
    step_into "$2" || return 1
  done
  refusal=symlink
  [ ! -h "./$target_name" ] || return 1
  refusal=not-a-file
  [ ! -e "./$target_name" ] || [ -f "./$target_name" ] || return 1
  refusal=''
}

step_into() {
  refusal=symlink
  [ ! -h "./$part" ] || return 1
  if [ ! -e "./$part" ]; then
    refusal=absent
    [ "$1" = make ] || return 1
    refusal=failed
    mkdir -m 755 "./$part" 2>"$work/err" || return 1
  fi
  refusal=not-a-file
  [ -d "./$part" ] || return 1
  refusal=failed
  cd -P "./$part" 2>"$work/err" || return 1
  # It may have become a link between the question and the step.
  refusal=symlink
  [ "$(pwd -P)" = "${here%/}/$part" ] || return 1
  here=${here%/}/$part
  is_safe_folder
}

# Where everybody may write, anybody may put a link in the way.
is_safe_folder() {
  refusal=owner
  case $(ls -ldn . 2>/dev/null) in '' | ????????w[!tT]*) return 1 ;; esac
}

# refused TARGET: tells why enter_target said no.
refused() {
  case $refusal in
    failed | absent) give_up INSTALL_FAILED "$1 $(said "$work/err")" ;;
    *) give_up FILE_REFUSED "$refusal $1" ;;
  esac
}

# missing_folders TARGET: those that installing it would make, outermost first.
missing_folders() {
  find_root "$1" || return 0
  way=$target_root rest=${1#"$target_root"/}
  while :; do
    [ -e "$way" ] || printf '%s\n' "$way"
    case $rest in */*) ;; *) return 0 ;; esac
    way=$way/${rest%%/*} rest=${rest#*/}
  done
}

# digest_at NAME: the digest of a file in the current folder, into $sum; `-` where there is none. Works on a full disk.
digest_at() {
  sum=-
  [ ! -e "./$1" ] || hash_in <"./$1" || sum=unreadable
} 2>/dev/null

# describe NAME: its mode, owner, size and digest, into $mode $uid $gid $found_bytes $sum; all are `-` where there is none.
describe() {
  mode=- uid=- gid=- found_bytes=-
  digest_at "$1"
  [ "$sum" != - ] || return 0
  ls -ln "./$1" >"$work/ls" 2>/dev/null || return 1
  read -r letters _ uid gid found_bytes _ <"$work/ls"
  octal_of "$letters"
}

# octal_of STRING: `-rw-r--r--` as 0644, into $mode.
octal_of() {
  mode='' special=0 letters=${1#?}
  for place in 4 2 1; do
    triple=${letters%"${letters#???}"} letters=${letters#???} digit=0
    case $triple in r??) digit=4 ;; esac
    case $triple in ?w?) digit=$((digit + 2)) ;; esac
    case $triple in ??[xst]) digit=$((digit + 1)) ;; esac
    case $triple in ??[sStT]) special=$((special + place)) ;; esac
    mode=$mode$digit
  done
  mode=$special$mode
}
