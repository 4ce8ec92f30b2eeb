# The volumes of the bundle, wherever they lie: folders or tars, in any order, on any drive, or kept in the stage.
# Of each: $work/volume.N holds its kind and its path, $work/names.N its files, $work/index.N where they lie in a tar.
bundle='' bundle_place='' volume_count=1 volumes_found=''

# Looks in the places named, or where this program lies, and among what an earlier try has kept.
find_volumes() {
  if [ -n "$paths" ]; then
    printf '%s' "$paths" >"$work/paths" || stage_refused "$stage"
    while IFS= read -r place; do
      look_at "$place"
    done <"$work/paths"
    # Of several drives one may be empty; if all are, the first that was named is told.
    IFS= read -r place <"$work/paths" || :
    [ -n "$volumes_found" ] || invalid "$place" not-a-bundle
  else
    look_around
  fi
  for place in "$mine"/kept/*; do
    [ ! -f "$place/SHA256SUMS" ] || add_volume folder "$place" quietly
  done
}

look_at() {
  if [ -d "$1" ]; then
    case $1 in /) look_here='' ;; *) look_here=${1%/} ;; esac
    if [ -f "$look_here/SHA256SUMS" ]; then
      add_volume folder "$look_here" aloud
      return
    fi
    [ ! -f "$look_here/airgap.json" ] || invalid "$1" no-seal
    look_inside "$look_here" '*'
  elif [ -f "$1" ]; then
    add_volume tar "$1" aloud
  else
    invalid "$1" not-found
  fi
}

# Beside the program lie the bundle's own files, or volumes, and the volume that it lies in may have sisters.
look_around() {
  case $0 in */*) look_here=${0%/*} ;; *) look_here=. ;; esac
  if [ -f "$look_here/SHA256SUMS" ]; then
    add_volume folder "$look_here" aloud
    [ "$volume_count" -eq 1 ] || look_inside "$look_here/.." '*.vol[0-9][0-9][0-9]'
    return
  fi
  [ ! -f "$look_here/airgap.json" ] || invalid "$look_here" no-seal
  look_inside "$look_here" '*'
  [ -n "$volumes_found" ] || invalid "$look_here" not-a-bundle
}

# look_inside FOLDER PATTERN: sealed folders, and tars that are bundles.
look_inside() {
  for place in "$1"/$2; do
    if [ -f "$place/SHA256SUMS" ] && [ -f "$place/airgap.json" ]; then
      add_volume folder "$place" quietly
    elif [ -f "$place" ]; then
      case $place in *.tar) add_volume tar "$place" quietly ;; esac
    fi
  done
}

invalid() {
  fail BUNDLE_INVALID "$(printf '%s' "$1" | said)" "$("text_$language" "problem-$2")"
}

# add_volume KIND PATH aloud|quietly: a volume that nobody named may be another bundle's; it is passed over.
add_volume() {
  volume_kind=$1 volume_path=$2
  if [ "$1" = tar ]; then
    size_of "$2"
    if ! tar_entries "$2" 0 "$file_bytes" >"$work/index.new"; then
      [ "$3" = aloud ] || return 0
      # Something of the frame is readable: then it was a bundle once.
      grep -q '^airgap\.json ' "$work/index.new" || invalid "$2" not-a-bundle
      damaged "$2" "${2##*/}" form
    fi
    grep -q '^SHA256SUMS ' "$work/index.new" || {
      [ "$3" = aloud ] || return 0
      invalid "$2" no-seal
    }
  else
    [ -e "$2/SHA256SUMS" ] || invalid "$2" no-seal
    : >"$work/index.new"
  fi
  mv -f "$work/index.new" "$work/index.0"
  printf '%s\n%s\n' "$1" "$2" >"$work/volume.0" || stage_refused "$stage"
  volume_number=1 volume_of=1 said_bundle=''
  need_document 0 SHA256SUMS
  need_document 0 airgap.json
  content 0 airgap.json >"$work/manifest.new" 2>/dev/null && hash_in <"$work/manifest.new" || damaged "$2" airgap.json missing
  digest=$sum
  if has_content 0 volume; then
    read_volume_line "$2"
    [ "$said_bundle" = "$digest" ] || damaged "$2" airgap.json digest
  fi
  if [ -z "$bundle" ]; then
    bundle=$digest volume_count=$volume_of bundle_place=$2
    mv -f "$work/manifest.new" "$work/airgap.json"
  elif [ "$bundle" != "$digest" ] || [ "$volume_count" != "$volume_of" ]; then
    [ "$3" = quietly ] || invalid "$2" mixed
    return 0
  fi
  case " $volumes_found " in *" $volume_number "*) return 0 ;; esac
  volumes_found="$volumes_found $volume_number"
  mv -f "$work/index.0" "$work/index.$volume_number"
  mv -f "$work/volume.0" "$work/volume.$volume_number"
}

# `volume N of M HEX`, and nothing else.
read_volume_line() {
  need_document 0 volume
  content 0 volume | head -c 200 >"$work/line"
  word='' volume_number='' of='' volume_of='' said_bundle='' more=''
  read -r word volume_number of volume_of said_bundle more <"$work/line"
  [ "$word $of$more" = 'volume of' ] && is_count "$volume_number" && is_count "$volume_of" &&
    is_hex "$said_bundle" 64 && [ "$volume_number" -ge 1 ] && [ "$volume_number" -le "$volume_of" ] &&
    [ "$volume_of" -le 999 ] || damaged "$1" volume form
  printf 'volume %s of %s %s\n' "$volume_number" "$volume_of" "$said_bundle" | cmp -s - "$work/line" ||
    damaged "$1" volume form
}

# missing_volumes, into $missing.
missing_volumes() {
  missing='' volume_number=1
  while [ "$volume_number" -le "$volume_count" ]; do
    case " $volumes_found " in *" $volume_number "*) ;; *) missing="$missing${missing:+, }$volume_number" ;; esac
    volume_number=$((volume_number + 1))
  done
}

# read_volume N, into $volume_kind and $volume_path.
read_volume() {
  {
    read -r volume_kind
    IFS= read -r volume_path
  } <"$work/volume.$1"
}

# content N PATH: the bytes of a file of that volume.
content() {
  read_volume "$1"
  if [ "$volume_kind" = folder ]; then
    cat "$volume_path/$2"
    return
  fi
  place_in_tar "$1" "$2" || return 1
  range "$volume_path" "$entry_at" "$entry_bytes"
}

has_content() {
  read_volume "$1"
  if [ "$volume_kind" = folder ]; then [ -e "$volume_path/$2" ] || [ -L "$volume_path/$2" ]; else place_in_tar "$1" "$2"; fi
}

place_in_tar() {
  tar_line=$(grep -F -e "$2 " "$work/index.$1" | sed -n "s|^$2 ||p")
  [ -n "$tar_line" ] || return 1
  entry_bytes=${tar_line%% *} entry_at=${tar_line##* }
}

# holder PATH, into $held_in: the volume that has this file.
holder() {
  for held_in in $volumes_found; do
    ! grep -q -x -F -e "$1" "$work/names.$held_in" || return 0
  done
  held_in=''
  return 1
}

# anywhere PATH: the bytes of a file, whichever volume has it.
anywhere() {
  holder "$1" && content "$held_in" "$1"
}
