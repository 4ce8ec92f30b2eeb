# The plan: what every image costs, shown before anything is changed, with everything that must stop it.

make_plan() {
  total_raw=0 largest=0 splice_bytes=0
  : >"$work/images.plan" && : >"$work/moved" || stage_refused "$stage"
  while read -r hex name; do
    read_recipe "$hex" "$name"
    [ -n "$platform_asked" ] || fits "$r_platform" || fail TARGET_PLATFORM "$name" "$r_platform" "$engine_platform"
    find_present
    case $kind in layout) layout_tagged "$name" ;; *) tagged "$name" ;; esac
    moved=''
    [ -z "$tagged" ] || [ "$tagged" = "$present" ] || moved=$tagged
    [ -z "$moved" ] || [ "$no_clobber" = 0 ] || fail NAME_TAKEN "$name"
    variant=raw
    if [ -n "$present" ]; then
      say present "$name"
    elif grep -q "^$hex " "$work/images.plan"; then
      # Loaded under its first name.
      variant=$(sed -n "s/^$hex [^ ]* \([a-z]*\) .*/\1/p" "$work/images.plan" | head -n 1)
      show_bytes 0
      say loads "$name" "$r_count" 0 "$shown"
    else
      choose_variant
      check_frames "$variant"
      count_layers
      note_coming "$variant"
    fi
    [ -f "$work/noted.$hex" ] || note_bases
    : >"$work/noted.$hex"
    if [ -n "$moved" ]; then
      say moves "$(printf '%.19s' "$moved")"
      printf '%s %s\n' "$name" "$moved" >>"$work/moved" || stage_refused "$stage"
    fi
    say_shadowed
    printf '%s %s %s %s\n' "$hex" "$name" "$variant" "${present:--}" >>"$work/images.plan" || stage_refused "$stage"
  done <"$work/in.images"
  check_room
}

# podman takes `app:1` for localhost/app:1 where that is there or comes along, whatever docker.io's is.
say_shadowed() {
  full_there "$name"
  [ "$full" != "$name" ] || return 0
  other=$(sed -n "s|^\([0-9a-f]*\) localhost/$name\$|sha256:\1|p" "$work/in.images" | head -n 1)
  tagged "localhost/$name"
  case ${other:-$tagged} in
    '' | "sha256:$hex") ;;
    *) say shadowed "${engine%%:*}" "$name" "localhost/$name" "$full" ;;
  esac
}

# Raw layers wherever they can be unpacked; else as they are stored, if the engine reads that (docs/format.md B-31).
choose_variant() {
  # With the source's own manifest an engine that keeps manifests knows the image by the digest that everybody knows it by.
  if [ "$r_own" = 1 ] && [ "$store_kind" != graphdriver ] && reads_all_layers; then
    variant=stored
    route_layers stored
    return
  fi
  route_layers raw
  absent=$(sed -n 's/^missing \(............\).*/\1/p' "$work/routes.$r_hex" | tr '\n' ' ')
  [ -z "$absent" ] || fail BUNDLE_BASE_MISSING "$name" "${absent% }"
  unreadable=''
  for codec in $(sed -n 's/^play .* //p' "$work/routes.$r_hex" | sort -u); do
    case $codec in gzip | zstd) has "$codec" || unreadable=$codec ;; esac
  done
  [ -n "$unreadable" ] || return 0
  reads_codec "$unreadable" && ! grep -q ' - - -$' "$work/layers.$r_hex" || fail BUNDLE_CODEC "$unreadable"
  variant=stored
  route_layers stored
}

reads_all_layers() {
  for codec in $(sed 's/.* //' "$work/layers.$r_hex" | sort -u); do
    reads_codec "$codec" || return 1
  done
}

count_layers() {
  held_count=0 play_count=0 splice_count=0 play_bytes=0 play_raw=0 splice_raw=0 held_raw=0
  # A splice has two words more in front.
  while read -r route diff raw blob bytes codec more; do
    case $route in
      held) held_count=$((held_count + 1)) held_raw=$((held_raw + raw)) ;;
      play) play_count=$((play_count + 1)) play_bytes=$((play_bytes + bytes)) play_raw=$((play_raw + raw)) ;;
      *) splice_count=$((splice_count + 1)) splice_raw=$((splice_raw + bytes)) ;;
    esac
  done <"$work/routes.$r_hex"
  for owner in $(sed -n 's/^splice \([^ ]*\) .*/\1/p' "$work/routes.$r_hex" | sort -u); do
    owner=$(grep -F -e "$owner " "$work/held.images" | head -n 1 | cut -d ' ' -f 2)
    ! is_count "$owner" || splice_bytes=$((splice_bytes + owner))
  done
  image_raw=$((play_raw + splice_raw)) total_raw=$((total_raw + play_raw + splice_raw))
  [ "$image_raw" -le "$largest" ] || largest=$image_raw
  printf '%s %s %s %s %s %s %s\n' "$held_count" "$play_count" "$splice_count" "$play_bytes" \
    "$held_raw" "$play_raw" "$splice_raw" >"$work/counts.$r_hex"
  show_bytes "$play_bytes"
  if [ "$splice_count" = 0 ]; then
    say loads "$name" "$held_count" "$play_count" "$shown"
  else
    say loads-spliced "$name" "$held_count" "$play_count" "$shown" "$splice_count"
  fi
}

# The classic store unpacks an archive into its folder before it takes the layers out; containerd's keeps blobs as well.
check_room() {
  case $store_kind in
    containerd) needed=$((total_raw * 2)) ;;
    layout) needed=$total_raw ;;
    containers-storage)
      # Twice beside its store: as it came, and untarred.
      needed=$total_raw archive_folder=${engine_temp:-/var/tmp}
      if [ "$(device_of "$archive_folder")" = "$(device_of "$engine_root")" ]; then
        needed=$((needed + largest * 2))
      else
        room_in "$((largest * 2))" "$archive_folder"
      fi
      ;;
    *) needed=$((total_raw + largest)) ;;
  esac
  room_in "$needed" "$engine_root"
  [ "$splice_bytes" -eq 0 ] || room_in "$splice_bytes" "$stage"
}

# room_in BYTES PATH
room_in() {
  [ -n "$2" ] || return 0
  free=$(free_bytes "$2")
  [ -n "$free" ] || return 0
  show_bytes "$1"
  room_needed=$shown
  show_bytes "$free"
  [ "$1" -eq 0 ] || say room "$room_needed" "$2" "$shown"
  [ "$1" -le "$free" ] && return 0
  needed_bytes=$1
  fail TARGET_FULL "$free $2"
}

# On a terminal somebody is there to look at the plan.
ask_once() {
  [ "$assume_yes" = 0 ] && [ -t 0 ] && [ -t 2 ] || return 0
  say question
  answer=n
  IFS= read -r answer || answer=n
  case $answer in '' | [YyJj]*) ;; *) fail PROMPT_REFUSED "$("text_$language" question-refused)" ;; esac
}
