# The folder whose archives k3s or RKE2 loads when it starts, one archive an image. Every function here has a twin of the same name in
# docker.sh. They pass over what does not end in .tar: so an image lies under another ending until it is proved and has its name.
file='' config='' tagged='' layers='' wrong=''

# archives_file NAME: the file of a name of ours, of an Id, or of an image's full name, into $file.
archives_file() {
  case $1 in
    airgap.local/*) file=$folder_of_archives/.airgap-$(printf '%s' "${1#airgap.local/}" | tr ':/' '--').part ;;
    sha256:*)
      for file in "$folder_of_archives"/airgap-*.tar; do
        [ -f "$file" ] && archives_read && [ "sha256:$config" = "$1" ] && return 0
      done
      file=''
      ;;
    # Neither sign can be part of a name.
    *) file=$folder_of_archives/airgap-$(printf '%s' "$1" | tr ':/' '=+').tar ;;
  esac
}

# What $file says it is, into $config, $tagged and $layers; false where it is no archive of ours.
archives_read() {
  config='' tagged='' layers=''
  tar -xOf "$file" manifest.json >"$work/manifest" 2>"$work/err" || return 1
  config=$(sed -n 's,.*"Config":"blobs/sha256/\([0-9a-f]*\)".*,\1,p' "$work/manifest")
  tagged=$(sed -n 's,.*"RepoTags":\["\([A-Za-z0-9._:/@-]*\)"\].*,\1,p' "$work/manifest")
  layers=$(sed -n 's,.*"Layers":\[\([^]]*\)\].*,\1,p' "$work/manifest" | tr ',' '\n' | sed -n 's,^"blobs/sha256/\([0-9a-f]*\)"$,\1,p')
  is_hex "$config" 64
}

# The image in $file, as the engines tell it.
archives_image() {
  listed=''
  for hex in $layers; do
    listed="$listed${listed:+,}\"sha256:$hex\""
  done
  printf 'image sha256:%s {"Type":"layers","Layers":[%s]}' "$config" "$listed"
}

archives_load() {
  archives_file "$name"
  mkdir -p "$folder_of_archives" 2>"$work/err" || return 1
  cat <"$1" >"$file" 2>"$work/err" || return 1
  archives_read || { printf 'the archive ends before its manifest.json\n' >"$work/err" && return 1; }
}

archives_discard() {
  archives_file "$1"
  rm -f "$file"
}

# What lies there under names that airgap gives, but for what `verify` has found to be something else.
archives_held() {
  wrong=''
  [ ! -f "$mine/archives-wrong" ] || wrong=$nl$(cat "$mine/archives-wrong")$nl
  for file in "$folder_of_archives"/airgap-*.tar; do
    case $wrong in *"$nl$file$nl"*) continue ;; esac
    [ -f "$file" ] && archives_read && [ -n "$tagged" ] || continue
    size_of "$file"
    archives_image
    printf ' %s\n' "$file_bytes"
    archives_familiar
    printf 'tag sha256:%s %s\n' "$config" "$tagged"
  done
  # What a killed run has left; whatever it is, only its name counts.
  for file in "$folder_of_archives"/.airgap-*-"$client"-*.part; do
    [ -f "$file" ] || continue
    left=${file##*/.airgap-}
    printf 'tag sha256:%064d airgap.local/%s:%s\n' 0 "${left%%-*}" "$(printf '%s' "${left#*-}" | sed 's/\.part$//')"
  done
}

# As docker prints it, since that is what a plan speaks of.
archives_familiar() {
  case $tagged in
    docker.io/library/*/*) ;;
    docker.io/library/*) tagged=${tagged#docker.io/library/} ;;
    docker.io/*/*)
      short=${tagged#docker.io/}
      case ${short%%/*} in *[.:]* | localhost) ;; *) tagged=$short ;; esac
      ;;
  esac
}

archives_id() {
  fail USAGE engine
}

archives_hold() {
  :
}

# Config and layers are what their names say, hashed where they lie.
archives_verify() {
  archives_file "$1"
  [ -n "$file" ] && [ -f "$file" ] && archives_read || return 0
  need_hash
  start_beats
  archives_image
  printf '\n'
  for hex in $config $layers; do
    got=$(tar -xOf "$file" "blobs/sha256/$hex" 2>/dev/null | { hash_in && printf '%s' "$sum"; })
    [ "$got" != "$hex" ] || continue
    printf '%s\n' "$file" >>"$mine/archives-wrong" || stage_refused "$stage"
    case $1 in airgap.local/*) printf 'wrong sha256:%s\n' "$hex" ;; *) printf 'damaged sha256:%s\n' "$hex" ;; esac
    break
  done
  end_beats
}

# archives_name FROM TO PREVIOUS: FROM is a name of ours, or the Id of what TO is already.
archives_name() {
  archives_file "$1"
  from_file=$file
  [ -n "$from_file" ] && [ -f "$from_file" ] && archives_read || fail FAR_FAILED "there is no image $1"
  new_id=$config
  archives_file "$2"
  to_file=$file
  if [ -f "$to_file" ] && archives_read && [ "$config" != "$new_id" ]; then
    [ "$clobber" = 1 ] || fail NAME_TAKEN "$2"
    old_id=$config
    archives_file "$3"
    mv -f "$to_file" "$file" 2>"$work/err" || stage_refused "$folder_of_archives"
    archives_move
    printf 'moved sha256:%s\n' "$old_id"
    return 0
  fi
  archives_move
  printf 'new\n'
}

archives_move() {
  [ "$from_file" != "$to_file" ] || return 0
  mv -f "$from_file" "$to_file" 2>"$work/err" || stage_refused "$folder_of_archives"
  [ ! -f "$mine/archives-wrong" ] || {
    grep -v -F -x -e "$to_file" "$mine/archives-wrong" >"$work/wrong"
    cp "$work/wrong" "$mine/archives-wrong" 2>"$work/err" || stage_refused "$stage"
  }
}

# Somebody else may have put another there since: then it is theirs.
archives_revert() {
  archives_file "$1"
  to_file=$file
  if [ -f "$to_file" ] && archives_read && [ "sha256:$config" = "$2" ]; then
    rm -f "$to_file"
    [ -z "$3" ] || {
      archives_file "$3"
      [ ! -f "$file" ] || mv -f "$file" "$to_file" 2>"$work/err" || stage_refused "$folder_of_archives"
    }
  fi
  printf 'reverted\n'
}

archives_unname() {
  archives_discard "$1"
  printf 'removed %s\n' "$1"
}

archives_save() {
  fail USAGE unpack
}

archives_uncontain() {
  :
}

archives_probe() {
  engine_root=$folder_of_archives
  if [ -e "$folder_of_archives" ] && [ ! -d "$folder_of_archives" ]; then
    printf 'engine-error missing %s\n' 'it is no folder'
  elif [ ! -w "$(existing_path "$folder_of_archives")" ]; then
    printf 'engine-error missing %s\n' 'it cannot be written; root may, as root@HOST'
  elif ! has tar; then
    printf 'engine-error missing %s\n' 'there is no tar'
  else
    printf 'engine archives 1\nengine-info {}\n'
  fi
  printf 'sudo none\n'
}
