# Documents of a bundle, which are read whole into the stage: plain files of no more bytes than such a one can have. A link or a
# FIFO of that name would be read for ever, and the seal has not been looked at yet.

# need_document N PATH: of that volume. Only for the main shell.
need_document() {
  read_volume "$1"
  if [ "$volume_kind" = tar ]; then
    place_in_tar "$1" "$2" || damaged "$volume_path" "$2" missing
    file_bytes=$entry_bytes
  else
    [ ! -L "$volume_path/$2" ] || damaged "$volume_path" "$2" not-a-file
    [ -e "$volume_path/$2" ] || damaged "$volume_path" "$2" missing
    [ -f "$volume_path/$2" ] || damaged "$volume_path" "$2" not-a-file
    size_of "$volume_path/$2"
  fi
  most_bytes "$2"
  [ "$file_bytes" -le "$most" ] || damaged "$volume_path" "$2" too-large
}

# need_anywhere PATH: of whichever volume has it. list_names has found no links there.
need_anywhere() {
  holder "$1" || damaged "$bundle_place" "$1" missing
  need_document "$held_in" "$1"
}

# most_bytes PATH, into $most: the limits of the tool; frames hold the config of an image (8 MiB) and its manifests twice.
most_bytes() {
  case $1 in
    SHA256SUMS) most=146800640 ;;
    volume) most=256 ;;
    airgap.json.sig) most=65536 ;;
    airgap.json | recipes/bundle | *.frames) most=33554432 ;;
    *) most=4194304 ;;
  esac
}
