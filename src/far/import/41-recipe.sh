# The recipe of an image, and the bytes that it names. A recipe says what an engine is given: one that lies would set names of
# its maker's choice. So it is compared, byte by byte, with the only archive that its image can have.

# read_recipe HEX NAME: into $r_… and $work/layers.HEX, one `DIFF RAW BLOB BYTES CODEC` a layer, base first; `- - -` of one left out.
read_recipe() {
  r_hex=$1 r_familiar=$2 r_recipe=recipes/$1
  r_temporary=airgap.local/loading:$client-$(printf '%.40s' "$r_hex")
  r_name='' r_platform='' r_raw='' r_stored='' r_own=0 r_raw_tail='' r_stored_tail='' r_count=0 ended=0 line=0
  need_anywhere "$r_recipe"
  anywhere "$r_recipe" >"$work/recipe" 2>/dev/null || damaged "$bundle_place" "$r_recipe" missing
  : >"$work/layers.$r_hex" || stage_refused "$stage"
  while read -r word a b c d e f more; do
    line=$((line + 1))
    [ "$ended" = 0 ] && [ -z "$more" ] && recipe_line || damaged "$bundle_place" "$r_recipe" recipe
  done <"$work/recipe"
  [ "$ended" = 1 ] && [ -n "$r_name" ] && [ -n "$r_platform" ] && [ -n "$r_raw_tail" ] && [ -n "$r_stored_tail" ] &&
    is_hex "$r_raw" 64 && is_hex "$r_stored" 64 || damaged "$bundle_place" "$r_recipe" recipe
}

recipe_line() {
  case $line$word in
    1recipe) [ "$a $b" = '1 ' ] ;;
    *image) [ "$a" = "$r_hex" ] ;;
    *name) is_name "$a" && r_name=$a ;;
    # An image under two names has one recipe, which has the first of them.
    *familiar) grep -q -x -F -e "$r_hex $a" "$work/all.images" ;;
    *temporary) [ "$a" = "$r_temporary" ] ;;
    *platform) is_platform "$a" && r_platform=$a ;;
    *manifest)
      case $a in raw) r_raw=$b ;; stored) r_stored=$b ;; own) r_stored=$b r_own=1 ;; *) return 1 ;; esac
      ;;
    *layer)
      [ "$a" = "$r_count" ] && is_hex "$b" 64 && is_hex "$c" 64 && is_count "$d" && [ "$a" -lt 127 ] || return 1
      r_count=$((r_count + 1))
      recipe_layer "$b" "$d" "$e" "$f"
      ;;
    *tail)
      is_count "$b" && is_count "$c" || return 1
      case $a in raw) r_raw_tail="$b $c" ;; stored) r_stored_tail="$b $c" ;; *) return 1 ;; esac
      ;;
    *end) ended=1 ;;
    *) return 1 ;;
  esac
}

# recipe_layer DIFF RAW BLOB BYTES: as recipes/bundle says it, too.
recipe_layer() {
  if [ "$3 $4" = '- -' ]; then
    grep -q -x -F -e "$1 $2" "$work/in.omitted" || return 1
    printf '%s %s - - -\n' "$1" "$2" >>"$work/layers.$r_hex"
    return
  fi
  stored=$(grep -F -e "$1 $2 $4 $3 " "$work/in.blobs" | head -n 1)
  case $stored in "$1 $2 $4 $3 "*) ;; *) return 1 ;; esac
  stored=${stored#"$1 $2 $4 $3 "}
  printf '%s %s %s %s %s\n' "$1" "$2" "$3" "$4" "${stored% *}" >>"$work/layers.$r_hex"
}

# check_frames raw|stored: headers and tail are those of this image, and name nothing but what it is loaded under.
check_frames() {
  frames=$work/frames.$r_hex
  need_anywhere "$r_recipe.frames"
  anywhere "$r_recipe.frames" >"$frames" 2>/dev/null || damaged "$bundle_place" "$r_recipe.frames" missing
  size_of "$frames"
  at=$((1024 * r_count)) raw_at=${r_raw_tail% *} raw_bytes=${r_raw_tail#* }
  stored_at=${r_stored_tail% *} stored_bytes=${r_stored_tail#* }
  [ "$raw_at" -eq "$at" ] && [ "$stored_at" -eq "$((raw_at + raw_bytes))" ] &&
    [ "$file_bytes" -eq "$((stored_at + stored_bytes))" ] || bad_frames
  case $1 in
    raw) tail_at=$raw_at tail_bytes=$raw_bytes manifest=$r_raw header_at=0 ;;
    *) tail_at=$stored_at tail_bytes=$stored_bytes manifest=$r_stored header_at=512 ;;
  esac
  described='' files_named=''
  while read -r diff raw blob bytes codec; do
    named=$diff size=$raw type=application/vnd.oci.image.layer.v1.tar
    if [ "$1" = stored ] && [ "$blob" != - ]; then
      named=$blob size=$bytes
      case $codec in gzip | zstd) type=$type+$codec ;; esac
    fi
    tar_header "$frames" "$header_at" 0 && [ "$entry_path $entry_bytes" = "blobs/sha256/$named $size" ] || bad_frames
    header_at=$((header_at + 1024))
    described="$described${described:+,}{\"mediaType\":\"$type\",\"digest\":\"sha256:$named\",\"size\":$size}"
    files_named="$files_named${files_named:+,}\"blobs/sha256/$named\""
  done <"$work/layers.$r_hex"
  check_tail "$1"
}

bad_frames() {
  damaged "$bundle_place" "$r_recipe.frames" recipe
}

check_tail() {
  tar_entries "$frames" "$tail_at" "$((tail_at + tail_bytes))" >"$work/tail" || bad_frames
  tail_of=$1 manifest_type=application/vnd.oci.image.manifest.v1+json
  set -- $(cut -d ' ' -f 1 "$work/tail")
  [ "$*" = "blobs/sha256/$r_hex blobs/sha256/$manifest oci-layout index.json manifest.json" ] || bad_frames
  set -- $(cut -d ' ' -f 2 "$work/tail")
  config_bytes=$1 manifest_bytes=$2
  oci=application/vnd.oci.image
  arch=${r_platform#*/} arch_variant=''
  case $arch in */*) arch_variant=",\"variant\":\"${arch#*/}\"" arch=${arch%%/*} ;; esac
  names_it="{\"io.containerd.image.name\":\"$r_temporary\",\"org.opencontainers.image.ref.name\":\"$r_temporary\"}"
  while read -r path bytes at; do
    range "$frames" "$at" "$bytes" >"$work/tail.file"
    case $path in
      "blobs/sha256/$r_hex")
        hash_in <"$work/tail.file" && [ "$sum" = "$r_hex" ] || bad_frames
        continue
        ;;
      oci-layout) wanted='{"imageLayoutVersion":"1.0.0"}' ;;
      index.json)
        wanted="{\"schemaVersion\":2,\"mediaType\":\"$oci.index.v1+json\",\"manifests\":[{\"mediaType\":\"$manifest_type\",\"digest\":\"sha256:$manifest\",\"size\":$manifest_bytes,\"platform\":{\"architecture\":\"$arch\",\"os\":\"${r_platform%%/*}\"$arch_variant},\"annotations\":$names_it}]}"
        ;;
      manifest.json)
        wanted="[{\"Config\":\"blobs/sha256/$r_hex\",\"RepoTags\":[\"$r_temporary\"],\"Layers\":[$files_named]}]"
        ;;
      *)
        hash_in <"$work/tail.file" && [ "$sum" = "$manifest" ] || bad_frames
        if [ "$tail_of$r_own" = stored1 ]; then
          own_manifest "$work/tail.file" || bad_frames
          continue
        fi
        wanted="{\"schemaVersion\":2,\"mediaType\":\"$oci.manifest.v1+json\",\"config\":{\"mediaType\":\"$oci.config.v1+json\",\"digest\":\"sha256:$r_hex\",\"size\":$config_bytes},\"layers\":[$described]}"
        ;;
    esac
    printf '%s' "$wanted" | cmp -s - "$work/tail.file" || bad_frames
  done <"$work/tail"
}
