# Plays an image's archive into the engine's load: headers and metadata out of the frames, layers out of the bundle, or out of
# the engine's own save. Whatever is not as long as it must be ends the play before the metadata, and so the load.

# load_image: r_… and $variant tell which.
load_image() {
  splice_owners
  rm -f "$work/pipe" "$work/why" "$work/delivered" "$work/load.ended"
  mkfifo "$work/pipe" 2>"$work/err" || stage_refused "$stage"
  name_ours "$r_temporary"
  play_archive >"$work/pipe" 2>"$work/player.err" &
  player_pid=$!
  {
    "${kind}_load" "$work/pipe"
    load_code=$?
    : >"$work/load.ended"
    exit "$load_code"
  } &
  load_pid=$!
  await "$load_pid"
  load_code=$await_code load_pid=''
  rm -f "$work/delivered"
  # A load that failed leaves the player waiting for a reader.
  [ "$load_code" = 0 ] || kill -KILL "$player_pid" 2>/dev/null
  wait "$player_pid" 2>/dev/null
  player_code=$? player_pid=''
  cat "$work/err" "$work/out" >"$work/load" 2>/dev/null
  [ "$load_code" != 0 ] || [ "$player_code" != 0 ] || return 0
  if [ -s "$work/why" ]; then
    read -r path problem <"$work/why"
    damaged "$bundle_place" "$path" "$problem"
  fi
  why=$(said "$work/player.err" "$work/load")
  case $why in
    *'o space left'* | *'uota exceeded'*)
      full=$(printf '%s\n' "$why" | sed -n 's/.* \(\/[^ ]*\): [Nn]o space left.*/\1/p')
      fail TARGET_FULL "$(free_bytes "${full:-$engine_root}") ${full:--}"
      ;;
  esac
  fail LOAD_REJECTED "$r_familiar" "$why"
}

# name_ours NAME: taken back at the end, whatever the end is.
name_ours() {
  case " $names " in *" $1 "*) ;; *) names="$names $1" ;; esac
}

play_archive() {
  header_at=0
  [ "$variant" = raw ] || header_at=512
  # 5 is the list: stdin is what programs down there could eat.
  while read -r route a b c d e f g <&5; do
    case $route in
      splice) owner=$a place=$b diff=$c raw=$d blob=$e bytes=$f codec=$g ;;
      *) diff=$a raw=$b blob=$c bytes=$d codec=$e ;;
    esac
    size=$raw
    [ "$variant" = raw ] || size=$bytes
    if [ "$route" != held ]; then
      range "$frames" "$header_at" 512 || exit 6
      play_layer || exit 5
      [ "$((size % 512))" -eq 0 ] || head -c "$((512 - size % 512))" </dev/zero || exit 6
    fi
    header_at=$((header_at + 1024))
  done 5<"$work/routes.$r_hex"
  : >"$work/delivered"
  range "$frames" "$tail_at" "$tail_bytes" || exit 6
}

play_layer() {
  why_path=blobs/sha256/$blob
  case $route$variant in
    splice*)
      file=$mine/splice/${owner#sha256:}/$(sed -n "$((place + 1))p" "$mine/splice/${owner#sha256:}.paths")
      why_path=$diff
      codec_of "$file" && unpack_codec "$codec" <"$file" | exactly "$size"
      ;;
    playraw) stored_blob | unpack_codec "$codec" | exactly "$size" ;;
    *) stored_blob | exactly "$size" ;;
  esac
}

# The blob as it is stored, out of its pieces where it was cut.
stored_blob() {
  case $(grep -c -F -e "$blob " "$work/in.pieces") in
    0) anywhere "blobs/sha256/$blob" ;;
    *)
      grep -F -e "$blob " "$work/in.pieces" | cut -d ' ' -f 2 | sort -n | while read -r piece; do
        anywhere "blobs/sha256/$blob.$(printf %03d "$piece")" </dev/null || exit 1
      done
      ;;
  esac
}

# exactly N: copies stdin, which must be just so long: what follows would be read as headers of the archive. Whole blocks, then
# one block of what is left: every dd tells whole records, not all tell bytes.
exactly() {
  { [ "$1" -lt 262144 ] || whole_blocks 262144 "$(($1 / 262144))"; } &&
    { [ "$(($1 % 262144))" -eq 0 ] || whole_blocks "$(($1 % 262144))" 1; } &&
    [ "$(dd bs=1 count=1 2>/dev/null | wc -c)" -eq 0 ] && return 0
  printf '%s diff-id\n' "$why_path" >"$work/why"
  return 1
}

# whole_blocks BYTES COUNT
whole_blocks() {
  dd bs="$1" iflag=fullblock count="$2" 2>"$work/taken" && grep -q "^$2+0 records out" "$work/taken"
}

# What a save of a held image gives, once for each that is needed; every layer taken is checked against its digest.
splice_owners() {
  rm -rf "$mine/splice"
  for image in $(sed -n 's/^splice \([^ ]*\) .*/\1/p' "$work/routes.$r_hex" | sort -u); do
    cmd_unpack >/dev/null
    sed 's/.*"Layers":\[\([^]]*\)\].*/\1/' "$splice/manifest.json" | tr ',' '\n' | tr -d '"' >"$splice.paths"
    while read -r path; do
      is_inner_path "$path" || fail FAR_FAILED "$path"
    done <"$splice.paths"
  done
  [ ! -d "$mine/splice" ] || check_spliced
}

check_spliced() {
  sed -n 's/^splice //p' "$work/routes.$r_hex" >"$work/spliced"
  while read -r owner place diff _; do
    path=$(sed -n "$((place + 1))p" "$mine/splice/${owner#sha256:}.paths")
    file=$mine/splice/${owner#sha256:}/$path
    [ -n "$path" ] && [ -f "$file" ] && codec_of "$file" && measure_file && [ "$sum" = "$diff" ] ||
      fail BUNDLE_BASE_MISSING "$r_familiar" "$(printf '%.12s' "$diff")"
  done <"$work/spliced"
}
