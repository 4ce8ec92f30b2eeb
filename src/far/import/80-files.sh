# Files and packages of a bundle, by the same transaction that a send uses (files-*.sh, packages.sh). Their functions change the
# current folder and words of ours, so each runs in a shell of its own, which has said why when it ends with a code.
files_installed=0

# Shows what would change, and refuses what may not be, before anything is changed.
import_files_plan() {
  : >"$work/plan"
  : >"$work/all"
  if [ -s "$work/in.files" ]; then
    sed 's/^/file /' "$work/in.files" >"$work/files.lines"
    while read -r _ _ _ _ path _; do
      take_out "$path" </dev/null
    done <"$work/in.files"
    (allow_dirs && plan_bundle_files "$work/files.lines" "$work/out.bundle" >"$work/files.shown" && keep_changes) || exit "$?"
    show_files
    [ "$dry_run" = 1 ] || refuse_unwritable
  fi
  [ -s "$work/in.packages" ] || return 0
  while read -r kind_of_set set names_of_set; do
    say packages-plan "$set" "$kind_of_set" "$names_of_set"
  done <"$work/in.packages"
  [ "$install_packages" = 1 ] || say packages-only-copied
  [ "$dry_run" = 1 ] || [ "$(id -u)" = 0 ] || fail INSTALL_FAILED "$packages_root $("text_$language" files-root)"
}

# take_out PATH: a file of the bundle as a file of its own: in a tar or on another volume it is none.
take_out() {
  mkdir -p "$work/out.bundle/${1%/*}" 2>"$work/err" || stage_refused "$stage"
  anywhere "$1" 2>"$work/err" >"$work/out.bundle/$1" || stage_refused "$stage"
}

allow_dirs() {
  while [ -n "$allow_dirs" ]; do
    allow_folder "${allow_dirs%%"$nl"*}" || fail USAGE "--allow-dir ${allow_dirs%%"$nl"*}"
    allow_dirs=${allow_dirs#*"$nl"}
  done
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

show_files() {
  say files
  while IFS= read -r line; do
    case $line in
      'new '* | 'same '* | 'change '*)
        rest=${line#* }
        say "file-${line%% *}" "${rest#* }" "${rest%% *}"
        ;;
      *) printf '  %s\n' "$line" >&2 ;;
    esac
  done <"$work/files.shown"
}

# Found out now, not when all images are loaded.
refuse_unwritable() {
  [ "$(id -u)" != 0 ] || return 0
  while read -r word _ _ _ _ _ _ target; do
    [ "$word" = file ] || continue
    place=$(existing_path "${target%/*}")
    [ -w "$place" ] && { [ ! -e "$target" ] || [ -O "$target" ]; } ||
      fail INSTALL_FAILED "$target $("text_$language" files-root)"
  done <"$work/plan"
}

# After every image has been proved, before the first name is set.
import_files_install() {
  while read -r _ set _; do
    copy_set </dev/null
  done <"$work/in.packages"
  if grep -q '^file ' "$work/plan"; then
    (install_files "$work/plan" "$work/payload" "$import_id" >"$work/files.installed") || exit "$?"
    files_installed=1
    say files-installed "$(grep -c '^installed ' "$work/files.installed")" "$import_id"
    [ "$reload" = 0 ] || ! grep -q '^file daemon ' "$work/plan" || reload_engine
  fi
  [ "$install_packages" = 1 ] || return 0
  while read -r kind_of_set set names_of_set; do
    say packages-installing "$set"
    # shellcheck disable=SC2086 # names are words, by bundle_line
    (packages_install "$kind_of_set" "$bundle_name" "$set" $names_of_set </dev/null || fail PACKAGES_FAILED "$(packages_why)") ||
      exit "$?"
  done <"$work/in.packages"
}

# Every file of $set, out of whichever volumes have them, to the place that a package manager reads.
copy_set() {
  cat "$work"/names.* | grep "^packages/$set/" | sort -u >"$work/set"
  while read -r path; do
    take_out "$path" </dev/null
  done <"$work/set"
  (packages_copy "$work/out.bundle/packages/$set" "$bundle_name" "$set" 2>"$work/err" ||
    fail INSTALL_FAILED "$packages_root/$bundle_name/$set $(packages_why)") || exit "$?"
  rm -rf "$work/out.bundle/packages/$set"
  say packages-copied "$set" "$packages_root/$bundle_name/$set"
}

# dockerd reads its file a moment after the signal; one that it cannot read it tells its own log.
reload_engine() {
  (root_reload >/dev/null) || exit "$?"
  say files-reloaded
}

# When the import fails after that.
import_files_undo() {
  [ "$files_installed" = 0 ] || (rollback_files "$import_id" 0 >/dev/null 2>&1) || :
}

# As a receipt tells them.
receipt_files() {
  [ -s "$work/all" ] || return 0
  printf '  "files": ['
  comma=''
  while read -r word _ mode _ digest was _ to; do
    [ "$word" = file ] || continue
    previous=null backup_id=null
    [ "$was" = - ] || previous="\"sha256:$was\""
    ! grep -q -e " $to\$" "$work/plan" || backup_id="\"$import_id\""
    printf '%s\n    {"to": "%s", "digest": "sha256:%s", "previous": %s, "mode": "%s", "backup": %s}' \
      "$comma" "$to" "$digest" "$previous" "$mode" "$backup_id"
    comma=,
  done <"$work/all"
  printf '\n  ],\n'
}
