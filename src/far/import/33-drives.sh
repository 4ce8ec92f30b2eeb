# One drive after another: what lies on a drive that will leave is copied into the stage first, and stays there until the
# bundle has been imported, even when this program is stopped and started again.

collect_volumes() {
  find_volumes
  missing_volumes
  while [ -n "$missing" ]; do
    bundle_name=$(sed -n 's/^  "name": "\([a-z0-9._-]*\)",$/\1/p' "$work/airgap.json")
    [ -t 0 ] || fail BUNDLE_VOLUME_MISSING "$volume_count" "$bundle_name" "$missing"
    keep_volumes
    say insert "$missing"
    place=''
    IFS= read -r place || fail BUNDLE_VOLUME_MISSING "$volume_count" "$bundle_name" "$missing"
    [ -z "$place" ] || read_path "$place"
    find_next
    missing_volumes
  done
}

# What is not there any more, or not yet, is no failure now.
find_next() {
  if [ -n "$paths" ]; then
    printf '%s' "$paths" >"$work/paths" || stage_refused "$stage"
    while IFS= read -r place; do
      if [ -f "$place/SHA256SUMS" ] && [ -f "$place/airgap.json" ]; then
        add_volume folder "$place" quietly
      elif [ -f "$place" ]; then
        add_volume tar "$place" quietly
      elif [ -d "$place" ]; then
        look_inside "$place" '*'
      fi
    done <"$work/paths"
  else
    case $0 in */*) look_here=${0%/*} ;; *) look_here=. ;; esac
    look_inside "$look_here" '*'
    look_inside "$look_here/.." '*.vol[0-9][0-9][0-9]'
  fi
}

# Copies every volume that does not lie in the stage already; the seal last, so that a half copy is none.
keep_volumes() {
  for number_kept in $volumes_found; do
    read_volume "$number_kept"
    case $volume_path in "$mine"/kept/*) continue ;; esac
    check_volume "$number_kept"
    kept=$mine/kept/$bundle.$number_kept
    say keeping "$number_kept" "$kept"
    rm -rf "$kept"
    mkdir -p "$kept" 2>"$work/err" || stage_refused "$stage"
    while read -r path; do
      case $path in */*) mkdir -p "$kept/${path%/*}" 2>"$work/err" || stage_refused "$stage" ;; esac
      content "$number_kept" "$path" 2>/dev/null >"$kept/$path" || stage_refused "$stage"
    done <"$work/sealed"
    sync
    cp "$work/sums" "$kept/SHA256SUMS" 2>"$work/err" || stage_refused "$stage"
    printf 'folder\n%s\n' "$kept" >"$work/volume.$number_kept" || stage_refused "$stage"
  done
}

forget_kept() {
  rm -rf "$mine/kept"
}
