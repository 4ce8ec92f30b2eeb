# Settings that every command runs under, how it says no, and the checks that every word from outside passes.
set -u
fail_code=1
umask 077
LC_ALL=C
DOCKER_CLI_HINTS=false
PATH="${PATH:-/usr/bin:/bin}:/usr/local/bin:/usr/local/sbin:/usr/bin:/bin:/usr/sbin:/sbin:/snap/bin:/opt/bin"
export LC_ALL PATH DOCKER_CLI_HINTS
# Each of these would quietly change what tar, gzip, zstd or docker do.
unset CDPATH GZIP TAR_OPTIONS ZSTD_CLEVEL ZSTD_NBTHREADS DOCKER_DEFAULT_PLATFORM
nl=$(printf '\n.')
nl=${nl%.}
IFS=$(printf ' \t\n.')
IFS=${IFS%.}

# fail CODE WORDS…: the one way to end without success. Only the main shell may call it: stdout is the channel.
fail() {
  printf 'error %s\n' "$*"
  exit "$fail_code"
}

# said FILE…: what a program printed, as one line that can stand at the end of an answer.
said() {
  cat "$@" 2>/dev/null | tr -s '\000-\037\177' ' ' | cut -b 1-2000
}

# is_hex WORD LENGTH
is_hex() {
  case $1 in '' | *[!0-9a-f]*) return 1 ;; esac
  [ "${#1}" -eq "$2" ]
}

# A number without leading zeros that every shell can reckon with.
is_count() {
  case $1 in '' | *[!0-9]* | 0?*) return 1 ;; esac
  [ "${#1}" -le 15 ]
}

# An image's name or Id; never something that a program could take for an option.
is_name() {
  case $1 in '' | [!A-Za-z0-9]* | *[!A-Za-z0-9._:/@-]*) return 1 ;; esac
  [ "${#1}" -le 400 ]
}

# A name that airgap itself may set and remove.
is_own_name() {
  case $1 in airgap.local/?*) is_name "$1" ;; *) return 1 ;; esac
}

# An ID of a receipt, or the beginning of one.
is_receipt() {
  case $1 in '' | *[!0-9a-z-]* | -*) return 1 ;; esac
  [ "${#1}" -le 64 ]
}

# The folder named is absolute, is not the root, and prints on one line.
is_folder() {
  case $1 in *"$nl"* | */../* | */..) return 1 ;; /*[!/]*) return 0 ;; esac
  return 1
}

# A file inside a saved image: relative, plain, never upwards.
is_inner_path() {
  case $1 in '' | /* | -* | *..* | *[!A-Za-z0-9._/-]*) return 1 ;; esac
  [ "${#1}" -le 200 ]
}

has() {
  command -v "$1" >/dev/null 2>&1
}
