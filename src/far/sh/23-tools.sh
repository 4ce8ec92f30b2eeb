# The programs far.sh leans on, each tried before it is trusted.
hash_tool='' dd_mode='' sum=''

# Leaves the sha256 of stdin in $sum; false if that did not work.
hash_in() {
  case $hash_tool in
    openssl) sum=$(openssl dgst -sha256 -r 2>/dev/null) ;;
    sha256sum) sum=$(sha256sum 2>/dev/null) ;;
    *) sum=$(shasum -a 256 2>/dev/null) ;;
  esac
  sum=${sum%% *}
  is_hex "$sum" 64
}

# openssl first: where it uses the processor's own instructions it is several times faster than the others.
choose_hash() {
  for hash_tool in openssl sha256sum shasum; do
    has "$hash_tool" || continue
    case $(printf abc | { hash_in && printf '%s' "$sum"; }) in
      ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad) return 0 ;;
    esac
  done
  hash_tool=''
  return 1
}

need_hash() {
  choose_hash || fail FAR_TOOL_MISSING sha256sum
}

# Exact reads from a pipe: `head -c` of busybox reads too much, a plain dd may read too little (docs/engines.md).
choose_dd() {
  dd_mode=count_bytes
  [ "$(printf abcdef | dd iflag=fullblock,count_bytes bs=4 count=5 2>/dev/null)" != abcde ] || return 0
  dd_mode=blocks
  [ "$(printf abcdef | dd iflag=fullblock bs=2 count=2 2>/dev/null)" != abcd ] || return 0
  dd_mode=''
  return 1
}

need_dd() {
  choose_dd || fail FAR_TOOL_MISSING dd
}

# take N: copies exactly that many bytes of stdin to stdout, fewer only if stdin ends.
take() {
  if [ "$dd_mode" = count_bytes ]; then
    dd bs=262144 iflag=fullblock,count_bytes count="$1"
    return
  fi
  # One byte at a time for the rest: such a read can be neither short nor long.
  [ "$1" -lt 4096 ] || dd bs=4096 iflag=fullblock count="$(($1 / 4096))" || return
  [ "$(($1 % 4096))" -eq 0 ] || dd bs=1 count="$(($1 % 4096))"
}

# cut FILE OFFSET LENGTH: that range of a file. Over-reading does no harm here.
range() {
  if [ "$dd_mode" = count_bytes ]; then
    dd if="$1" bs=65536 iflag=skip_bytes,count_bytes,fullblock skip="$2" count="$3" 2>/dev/null
  else
    tail -c "+$(($2 + 1))" "$1" | head -c "$3"
  fi
}

# size_of FILE, into $file_bytes. POSIX has only wc, and that of busybox reads the whole file.
size_of() {
  file_bytes=$(stat -c %s "$1" 2>/dev/null)
  is_count "$file_bytes" || file_bytes=$(($(wc -c <"$1")))
}

# unpack_codec CODEC: stdin decompressed to stdout.
unpack_codec() {
  case $1 in
    none) cat ;;
    gzip) gzip -dc ;;
    *) zstd -dcq ;;
  esac
}

# codec_of FILE, into $codec: by its first bytes, since what an engine saves is what it happens to hold.
codec_of() {
  case $(od -A n -t x1 -N 4 "$1" 2>/dev/null | tr -d ' \n') in
    1f8b*) codec=gzip ;;
    28b52ffd) codec=zstd ;;
    *) codec=none ;;
  esac
  [ "$codec" = none ] || has "$codec"
}
