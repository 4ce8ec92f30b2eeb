# Packages of a bundle: every set is copied to where a package manager reads it; installed only where that was asked for.

import_packages_plan() {
  [ -s "$work/in.packages" ] || return 0
  while read -r kind_of_set set names_of_set; do
    say packages-plan "$set" "$kind_of_set" "$names_of_set"
    [ "$install_packages" = 0 ] || packages_manager "$kind_of_set" >/dev/null ||
      fail PACKAGES_FAILED "$("text_$language" no-manager "$kind_of_set")"
  done <"$work/in.packages"
  [ "$install_packages" = 1 ] || say packages-only-copied
  packages_room
}

# set_size SET, into $set_bytes: as the sealed airgap.json says.
set_size() {
  set_bytes=0
  for bytes in $(sed -n "s|^{\"path\":\"packages/$1/[^\"]*\",\"bytes\":\([0-9]*\),.*|\1|p" "$work/airgap.json"); do
    set_bytes=$((set_bytes + bytes))
  done
}

# One set at a time lies in the stage before it is copied to its place.
packages_room() {
  all_bytes=0 largest_set=0
  while read -r _ set _; do
    set_size "$set"
    all_bytes=$((all_bytes + set_bytes))
    [ "$set_bytes" -le "$largest_set" ] || largest_set=$set_bytes
  done <"$work/in.packages"
  room_in "$all_bytes" "$packages_root"
  room_in "$largest_set" "$stage"
}

copy_sets() {
  while read -r kind_of_set set names_of_set; do
    copy_set </dev/null
  done <"$work/in.packages"
}

# Every file of $set, out of whichever volumes have them, to the place that a package manager reads.
copy_set() {
  set_size "$set"
  show_bytes "$set_bytes"
  say packages-copying "$set" "$shown"
  cat "$work"/names.* | grep "^packages/$set/" | sort -u >"$work/set"
  rm -rf "$root_folder/set"
  while read -r path; do
    take_out "$path" "$root_folder/set/${path#packages/"$set"/}" </dev/null
  done <"$work/set"
  name_set
  by_root set "bundle=$set_bundle" "set=$set_name"
  rm -rf "$root_folder/set"
  say packages-copied "$set" "$packages_root/$bundle_name/$set"
}

install_sets() {
  while read -r kind_of_set set names_of_set; do
    say packages-installing "$set"
    printf '%s\n' $names_of_set >"$root_folder/names" || stage_refused "$stage"
    name_set
    by_root setup "bundle=$set_bundle" "set=$set_name" "packages=$set_kind"
    say packages-installed "$set" "$names_of_set"
  done <"$work/in.packages"
}

# For the part that runs as root, here or by sudo.
name_set() {
  set_bundle=$bundle_name set_name=$set set_kind=$kind_of_set
}

receipt_packages() {
  [ -s "$work/in.packages" ] || return 0
  installed=false
  [ "$install_packages" = 0 ] || installed=true
  printf '  "packages": ['
  comma=''
  while read -r kind_of_set set names_of_set; do
    printf '%s\n    {"set": "%s", "kind": "%s", "names": [%s], "place": "%s", "installed": %s}' \
      "$comma" "$set" "$kind_of_set" "$(quoted_list $names_of_set)" "$packages_root/$bundle_name/$set" "$installed"
    comma=,
  done <"$work/in.packages"
  printf '\n  ],\n'
}

# quoted_list WORD…: the inside of a JSON list.
quoted_list() {
  separator=''
  for word in "$@"; do
    printf '%s"%s"' "$separator" "$word"
    separator=', '
  done
}
