# Files and packages of a bundle: $work/in.files has `KIND MODE BYTES DIGEST PATH TARGET` lines, $work/in.packages `KIND SET NAMES`.
# `plan` shows and refuses before anything is changed; `install` runs after every image is proved and before the first name is
# set; `undo` takes files back when the import fails after that. The transaction is far.sh's own (files-install.sh).
files_receipt='' files_backup='' files_outside='' files_from=''

import_files_plan() {
  if [ -s "$work/in.files" ]; then
    mkdir -p "$work/files/in" 2>"$work/err" || stage_refused "$stage"
    while read -r kind mode bytes digest path target; do
      printf 'file %s %s %s %s %s %s\n' "$kind" "$mode" "$bytes" "$digest" "${path##*/}" "$target" >>"$work/files/lines"
      anywhere "$path" </dev/null >"$work/files/in/${path##*/}" 2>"$work/err" || stage_refused "$stage"
    done <"$work/in.files"
    enter_files
    plan_bundle_files "$work/lines" "$work/in" >"$work/shown"
    keep_changes
    leave_files
    show_plan
    [ "$dry_run" = 1 ] || refuse_unwritable
  fi
  while read -r kind_of_set set names_of_set; do
    say packages-plan "$set" "$kind_of_set" "$names_of_set"
  done <"$work/in.packages"
  [ ! -s "$work/in.packages" ] || [ "$install_packages" = 1 ] || say packages-only-copied
  [ ! -s "$work/in.packages" ] || [ "$dry_run" = 1 ] || [ "$(id -u)" = 0 ] ||
    fail INSTALL_FAILED "$packages_root $("text_$language" files-root)"
}

# The functions of the transaction work in $work and go from folder to folder.
enter_files() {
  files_outside=$work files_from=$PWD
  work=$work/files
  printf '%s' "$allow_dirs" >"$work/allowed"
  while IFS= read -r folder; do
    allow_folder "$folder" || fail FILE_REFUSED "folder $folder"
  done <"$work/allowed"
}

leave_files() {
  [ -n "$files_outside" ] || return 0
  work=$files_outside files_outside=''
  cd "$files_from" || return 1
}

# What is there already as it should be is left alone: so a rollback of this import takes back what it has changed.
keep_changes() {
  cp "$work/plan" "$work/all" 2>"$work/err" || stage_refused "$stage"
  while read -r word kind mode bytes digest was source target; do
    wanted=$mode
    if [ "$word $was" = "file $digest" ] && enter_target "$target" look </dev/null && describe "$target_name" </dev/null; then
      [ "$mode" != "$wanted" ] || continue
    fi
    printf '%s\n' "$word $kind${wanted:+ $wanted $bytes $digest $was $source $target}"
  done <"$work/all" >"$work/plan"
}

show_plan() {
  while IFS= read -r line; do
    case $line in
      'new '* | 'same '* | 'change '*)
        rest=${line#* }
        say "file-${line%% *}" "${rest#* }" "${rest%% *}"
        ;;
      *) printf '  %s\n' "$line" >&2 ;;
    esac
  done <"$work/files/shown"
}

# Found out now, not when all images are loaded.
refuse_unwritable() {
  [ "$(id -u)" != 0 ] || return 0
  while read -r word _ _ _ _ _ _ target; do
    [ "$word" = file ] || continue
    place=$(existing_path "${target%/*}")
    [ -w "$place" ] && { [ ! -e "$target" ] || [ -O "$target" ]; } ||
      fail INSTALL_FAILED "$target $("text_$language" files-root)"
  done <"$work/files/plan"
}

import_files_install() {
  while read -r kind_of_set set names_of_set; do
    copy_set "$set" </dev/null
  done <"$work/in.packages"
  if [ -s "$work/files/plan" ] && grep -q '^file ' "$work/files/plan"; then
    new_id files
    files_receipt=$fresh_id
    enter_files
    install_files "$work/plan" "$work/payload" "$files_receipt" >"$work/installed"
    files_backup=${backup%.part}
    leave_files
    trap_signals
    say files-installed "$(grep -c '^installed ' "$work/files/installed")" "$files_receipt"
    [ "$reload" = 0 ] || ! grep -q '^file daemon ' "$work/files/plan" || reload_engine
  fi
  [ "$install_packages" = 1 ] || return 0
  while read -r kind_of_set set names_of_set; do
    say packages-installing "$set"
    # shellcheck disable=SC2086 # names are words, by bundle_line
    packages_install "$kind_of_set" "$bundle_name" "$set" $names_of_set </dev/null >&2 ||
      fail PACKAGES_FAILED "$(packages_why)"
  done <"$work/in.packages"
}

# copy_set SET: every file of it, out of whichever volumes have them, to the place that a package manager can read.
copy_set() {
  mkdir -p "$work/files/set" 2>"$work/err" || stage_refused "$stage"
  cat "$work"/names.* | grep "^packages/$1/" | sort -u >"$work/files/names"
  while read -r path; do
    place=$work/files/set/${path#packages/"$1"/}
    mkdir -p "${place%/*}" 2>"$work/err" || stage_refused "$stage"
    anywhere "$path" </dev/null >"$place" 2>"$work/err" || stage_refused "$stage"
  done <"$work/files/names"
  packages_copy "$work/files/set" "$bundle_name" "$1" 2>"$work/err" ||
    fail INSTALL_FAILED "$packages_root/$bundle_name/$1 $(packages_why) $(said "$work/err")"
  rm -rf "$work/files/set"
  say packages-copied "$1" "$packages_root/$bundle_name/$1"
}

# dockerd reads its file a moment after the signal; one that it cannot read it tells its own log.
reload_engine() {
  (root_reload) >"$work/files/reloaded" 2>"$work/err" || fail INSTALL_FAILED "/etc/docker/daemon.json $(said "$work/files/reloaded" "$work/err")"
  say files-reloaded
}

import_files_undo() {
  leave_files
  [ -n "$files_backup" ] && [ -d "$files_backup" ] || return 0
  enter_files
  lock_store
  ! undo_backup "$files_backup" || rm -rf "$files_backup"
  unlock_store
  leave_files
}

# receipt_files: the field `files` of the receipt, nothing where the bundle has none.
receipt_files() {
  [ -s "$work/files/all" ] || return 0
  printf '  "files": ['
  comma=''
  while read -r word _ mode _ digest was _ target; do
    [ "$word" = file ] || continue
    kept=null previous=null
    [ "$was" = - ] || previous="\"sha256:$was\""
    ! grep -q -F -e " $target" "$work/files/plan" || kept="\"$files_receipt\""
    printf '%s\n    {"to": "%s", "digest": "sha256:%s", "previous": %s, "mode": "%s", "backup": %s}' \
      "$comma" "$target" "$digest" "$previous" "$mode" "$kept"
    comma=,
  done <"$work/files/all"
  printf '\n  ],\n'
}
