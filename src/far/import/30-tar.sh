# Reads archives exactly as bundles write them: one header of 512 bytes, plain files only. Anything else is no bundle.
# @see docs/format.md "The tar form"; POSIX.1-1988 ustar

# By place: the blank behind the check sum, kind 0, `ustar`, version 00.
ustar_bytes=' 155-040 157-060 258-165 259-163 260-164 261-141 262-162 264-060 265-060'

# tar_entries FILE AT END: prints `path bytes offset` of every entry; false if a single byte of the frame is not as it must be.
tar_entries() {
  tar_file=$1 tar_at=$2 tar_end=$3 padding=0
  while [ "$((tar_at + padding + 512))" -le "$tar_end" ]; do
    tar_header "$tar_file" "$tar_at" "$padding" || return 1
    tar_at=$((tar_at + padding + 512))
    if [ -z "$entry_path" ]; then
      # Two empty headers, and nothing behind them.
      padding=0
      tar_header "$tar_file" "$tar_at" 0 && [ -z "$entry_path" ] && [ "$((tar_at + 512))" -eq "$tar_end" ]
      return
    fi
    printf '%s %s %s\n' "$entry_path" "$entry_bytes" "$tar_at"
    tar_at=$((tar_at + entry_bytes))
    padding=$(((512 - entry_bytes % 512) % 512))
  done
  return 1
}

# tar_header FILE AT PADDING: reads the header that follows PADDING zero bytes, into $entry_path and $entry_bytes.
# An empty path means a block of zeros.
tar_header() {
  entry_path='' entry_bytes=0 at=$((0 - $3))
  tar_sum=0 name_bytes='' prefix_bytes='' check_digits='' size_digits='' fixed=''
  for byte in $(range "$1" "$2" "$(($3 + 512))" | od -A n -v -t o1); do
    at=$((at + 1))
    # Most are.
    [ "$byte" != 000 ] || continue
    value=$((0$byte))
    tar_sum=$((tar_sum + value))
    # Where the check sum ends, the kind, and the word `ustar` with its version.
    case $at in 155 | 156 | 157 | 258 | 259 | 26[0-5]) fixed="$fixed $at-$byte" ;; esac
    if [ "$at" -le 0 ]; then
      return 1
    elif [ "$at" -le 100 ]; then
      name_bytes="$name_bytes\\0$byte"
    elif [ "$at" -gt 124 ] && [ "$at" -le 136 ]; then
      size_digits="$size_digits $value"
    elif [ "$at" -gt 148 ] && [ "$at" -le 156 ]; then
      # The field itself counts as blanks.
      tar_sum=$((tar_sum - value + 32)) check_digits="$check_digits $value"
    elif [ "$at" -gt 157 ] && [ "$at" -le 257 ]; then
      return 1
    elif [ "$at" -gt 345 ] && [ "$at" -le 500 ]; then
      prefix_bytes="$prefix_bytes\\0$byte"
    fi
  done
  [ "$at" -eq 512 ] || return 1
  [ "$tar_sum" -ne 0 ] || return 0
  [ "$fixed" = "$ustar_bytes" ] || return 1
  octal "$check_digits" && [ "$number" -eq "$((tar_sum + 32))" ] || return 1
  case $size_digits in
    ' 128'*)
      large_size "$1" "$(($2 + $3 + 125))"
      ;;
    *) octal "$size_digits" || return 1 ;;
  esac
  is_count "$number" || return 1
  entry_bytes=$number
  entry_path=$(printf %b "$name_bytes")
  [ -z "$prefix_bytes" ] || entry_path=$(printf %b "$prefix_bytes")/$entry_path
  is_bundle_path "$entry_path"
}

# large_size FILE AT, into $number: sizes of 8 GiB and more are in base 256.
large_size() {
  number=0
  for byte in $(range "$1" "$2" 11 | od -A n -v -t u1); do
    number=$((number * 256 + byte))
  done
}

# octal BYTES, into $number: digits as numbers of bytes, and one blank behind them at most.
octal() {
  number=0 blank_seen=0
  for value in $1; do
    [ "$blank_seen" = 0 ] || return 1
    if [ "$value" -ge 48 ] && [ "$value" -le 55 ]; then
      number=$((number * 8 + value - 48))
    else
      [ "$value" -eq 32 ] || return 1
      blank_seen=1
    fi
  done
}

# A path inside a bundle: safe for every shell and file system (docs/format.md B-5).
is_bundle_path() {
  case /$1 in
    / | *[!A-Za-z0-9._+~/-]* | */ | *//* | */.* | */-*) return 1 ;;
  esac
  [ "${#1}" -le 400 ]
}
