# recipes/bundle: what is inside. The drive is not trusted, nor who wrote it: every word is checked before it is used.

is_word() {
  case $1 in '' | [!a-z0-9]* | *[!a-z0-9._-]*) return 1 ;; esac
  [ "${#1}" -le 64 ]
}

is_stored_codec() {
  case $1 in none | gzip | zstd) ;; *) return 1 ;; esac
}

is_platform() {
  case $1 in '' | *[!a-z0-9._/-]* | /* | */ | *//* | */*/*/*) return 1 ;; */*) ;; *) return 1 ;; esac
}

# Leaves $work/in.images (HEX NAME), platforms (HEX NAME PLATFORM, of version 2 only), blobs (DIFF RAW BYTES BLOB CODEC PIECES), pieces, omitted, files, packages, base.
read_bundle() {
  for table in images platforms blobs pieces omitted files packages base; do
    : >"$work/in.$table" || stage_refused "$stage"
  done
  need_anywhere recipes/bundle
  anywhere recipes/bundle >"$work/bundle" 2>/dev/null || damaged "$bundle_place" recipes/bundle missing
  bundle_name='' tool='' ended=0 line=0
  while read -r word a b c d e f more; do
    line=$((line + 1))
    [ "$ended" = 0 ] && bundle_line || damaged "$bundle_place" recipes/bundle form
  done <"$work/bundle"
  [ "$ended" = 1 ] && [ -n "$bundle_name" ] || damaged "$bundle_place" recipes/bundle form
  cp "$work/in.images" "$work/all.images" 2>"$work/err" || stage_refused "$stage"
}

bundle_line() {
  case $line$word in
    1bundle)
      case $a$b in [12]) bundle_version=$a ;; *) fail BUNDLE_VERSION "$(printf '%s' "$bundle_place" | said)" ;; esac
      ;;
    *name) is_word "$a" && [ -z "$b" ] && bundle_name=$a ;;
    *tool) case "$a$b" in '' | *[!A-Za-z0-9._+-]*) return 1 ;; esac && [ -z "$c" ] && tool="$a${b:+ $b}" ;;
    *codec) is_stored_codec "$a" && [ -z "$b" ] ;;
    *volumes) [ "$a" = "$volume_count" ] && [ -z "$b" ] ;;
    *image)
      # An engine would take it for an Id, and set no such name.
      case $b in sha256:*) return 1 ;; esac
      is_hex "$a" 64 && is_name "$b" && [ -z "$d" ] && printf '%s %s\n' "$a" "$b" >>"$work/in.images" || return 1
      case $bundle_version$c in
        1) ;;
        2?*) is_platform "$c" && printf '%s %s %s\n' "$a" "$b" "$c" >>"$work/in.platforms" ;;
        *) return 1 ;;
      esac
      ;;
    *blob)
      is_hex "$a" 64 && is_stored_codec "$b" && is_count "$c" && is_count "$d" && is_hex "$e" 64 && is_count "$f" &&
        [ -z "$more" ] && printf '%s %s %s %s %s %s\n' "$a" "$c" "$d" "$e" "$b" "$f" >>"$work/in.blobs"
      ;;
    *piece)
      is_hex "$a" 64 && is_count "$b" && [ "$b" -ge 1 ] && [ "$b" -le 999 ] && is_count "$c" && is_hex "$d" 64 &&
        is_count "$e" && [ -z "$f" ] && printf '%s %s\n' "$a" "$b" >>"$work/in.pieces"
      ;;
    *omitted) is_hex "$a" 64 && is_count "$b" && [ -z "$c" ] && printf '%s %s\n' "$a" "$b" >>"$work/in.omitted" ;;
    *base) printf '%s %s\n' "$a" "$b" >>"$work/in.base" ;;
    *file)
      case $b in 0[0-7][0-7][0-7]) ;; *) return 1 ;; esac
      is_word "$a" && is_count "$c" && is_hex "$d" 64 && is_bundle_path "$e" && is_target "$f" && [ -z "$more" ] &&
        printf '%s %s %s %s %s %s\n' "$a" "$b" "$c" "$d" "$e" "$f" >>"$work/in.files"
      ;;
    *packages)
      case $a in deb | rpm) ;; *) return 1 ;; esac
      case "$c$d$e$f$more" in *[!A-Za-z0-9.+:~_\ -]*) return 1 ;; esac
      is_word "$b" && printf '%s\n' "$a $b $c $d $e $f $more" >>"$work/in.packages"
      ;;
    *end) [ -z "$a" ] && ended=1 ;;
    *) return 1 ;;
  esac
}

# Of the images those that --only names, all of them without it.
choose_images() {
  [ -n "$only" ] || return 0
  : >"$work/chosen"
  printf '%s' "$only" >"$work/only" || stage_refused "$stage"
  while IFS= read -r wanted; do
    found=''
    while read -r hex name; do
      case $wanted in
        "$name" | "docker.io/$name" | "docker.io/library/$name" | "$hex" | "sha256:$hex") found=$hex ;;
        *) [ "$wanted:latest" != "$name" ] || found=$hex ;;
      esac
      [ "$found" != "$hex" ] || grep -q "^$hex" "$work/chosen" || printf '%s %s\n' "$hex" "$name" >>"$work/chosen"
    done <"$work/in.images"
    [ -n "$found" ] ||
      fail IMAGE_UNKNOWN "$(printf '%s' "$wanted" | said)" "$(comma_list $(cut -d ' ' -f 2 "$work/in.images" | head -n 20))"
  done <"$work/only"
  mv -f "$work/chosen" "$work/in.images"
}

# choose_platforms: of a name that has several images the one for the platform that was asked for, else for this machine.
choose_platforms() {
  [ -s "$work/in.platforms" ] || return 0
  cut -d ' ' -f 2 "$work/in.images" | sort | uniq -d >"$work/many"
  : >"$work/chosen" || stage_refused "$stage"
  while read -r hex name <&7; do
    if ! grep -q -x -F -e "$name" "$work/many"; then
      best=$hex
    elif ! best_platform "$name"; then
      there=$(comma_list $(sed -n "s|^[0-9a-f]* $name ||p" "$work/in.platforms"))
      [ -z "$platform_asked" ] || fail PLATFORM_MISSING "$name" "$wanted" "$there"
      fail TARGET_PLATFORM "$name" "$there" "$wanted"
    fi
    [ "$best" != "$hex" ] || printf '%s %s\n' "$hex" "$name" >>"$work/chosen"
  done 7<"$work/in.images"
  mv -f "$work/chosen" "$work/in.images"
}

# best_platform NAME, into $best: the very platform, else one that runs there.
best_platform() {
  wanted=${platform_asked:-$engine_platform} best=''
  while read -r of_hex of_name of_platform; do
    [ "$of_name" = "$1" ] || continue
    [ "$of_platform" != "$wanted" ] || best=$of_hex
    [ "$of_platform" != "$wanted" ] || break
    ! fits "$of_platform" "$wanted" || best=$of_hex
  done <"$work/in.platforms"
  [ -n "$best" ]
}

# look_first: what was asked for is looked for before every byte is hashed, which may take minutes; and again when all is proved.
look_first() {
  [ -n "$only" ] || [ "$with_images$with_files" != 11 ] || return 0
  list_all_names
  read_bundle
  check_wishes
}

check_wishes() {
  if [ "$with_images" = 1 ]; then choose_images; else : >"$work/in.images"; fi
  [ "$with_images$with_files" != 11 ] || return 0
  [ ! -s "$work/in.images" ] || return 0
  [ "$with_files" = 1 ] && { [ -s "$work/in.files" ] || [ -s "$work/in.packages" ]; } ||
    fail USAGE "$("text_$language" nothing-wanted "$bundle_name")"
}

list_bundle() {
  "text_$language" bundle "$bundle_name" "$tool"
  while read -r hex name; do
    read_recipe "$hex" "$name"
    "text_$language" list-image "$name" "$r_platform"
  done <"$work/in.images"
  total=0 count=0
  while read -r _ _ bytes _; do
    total=$((total + bytes)) count=$((count + 1))
  done <"$work/in.blobs"
  show_bytes "$total"
  "text_$language" list-layers "$count" "$shown"
  [ ! -s "$work/in.omitted" ] || "text_$language" list-omitted "$(($(wc -l <"$work/in.omitted")))"
  while read -r _ _ bytes _ _ to; do
    show_bytes "$bytes"
    "text_$language" list-file "$to" "$shown"
  done <"$work/in.files"
  while read -r kind_of_set set names_of_set; do
    "text_$language" list-packages "$set" "$kind_of_set $names_of_set"
  done <"$work/in.packages"
  [ "$volume_count" -eq 1 ] || "text_$language" list-volumes "$volume_count"
}
