# Files and packages of a bundle, by the same transaction that a send uses (files-*.sh, packages.sh). Their functions change the
# current folder and words of ours, so each runs in a shell of its own, which has said why when it ends with a code.
files_installed=0

# Shows what would change, and refuses what may not be, before anything is changed.
import_files_plan() {
  : >"$work/plan"
  if [ -s "$work/in.files" ]; then
    sed 's/^/file /' "$work/in.files" >"$work/files.lines"
    while read -r _ _ _ _ path _; do
      take_out "$path"
    done <"$work/in.files"
    (allow_dirs && plan_bundle_files "$work/files.lines" "$work/out.bundle" >"$work/files.shown") || exit "$?"
    say files
    sed 's/^/  /' "$work/files.shown" >&2
  fi
  [ ! -s "$work/in.packages" ] || [ "$install_packages" = 1 ] || say packages-left
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

# After every image has been proved, before the first name is set.
import_files_install() {
  if [ -s "$work/plan" ]; then
    (install_files "$work/plan" "$work/payload" "$import_id" >"$work/files.installed") || exit "$?"
    files_installed=1
  fi
  [ "$reload" = 0 ] || ! grep -q '^file daemon ' "$work/plan" || (root_reload >/dev/null) || exit "$?"
  [ "$install_packages" = 0 ] || install_package_sets
}

install_package_sets() {
  while read -r kind_of_set set names_of_set; do
    say packages "$set"
    cat "$work"/names.* | grep -e "^packages/$set/" | sort -u >"$work/set"
    while read -r path; do
      take_out "$path"
    done <"$work/set"
    (
      packages_copy "$work/out.bundle/packages/$set" "$bundle_name" "$set" &&
        packages_install "$kind_of_set" "$bundle_name" "$set" $names_of_set || fail PACKAGES_FAILED "$(packages_why)"
    ) || exit "$?"
  done <"$work/in.packages"
}

# When the import fails after that.
import_files_undo() {
  [ "$files_installed" = 0 ] || (rollback_files "$import_id" 0 >/dev/null 2>&1) || :
}

# As a receipt tells them.
receipt_files() {
  [ -s "$work/plan" ] || return 0
  printf '  "files": ['
  comma=''
  while read -r word _ mode _ digest was _ to; do
    [ "$word" = file ] || continue
    previous=null backup_id="\"$import_id\""
    [ "$was" = - ] || previous="\"sha256:$was\""
    [ "$was" != "$digest" ] || backup_id=null
    printf '%s\n    {"to": "%s", "digest": "sha256:%s", "previous": %s, "mode": "%s", "backup": %s}' \
      "$comma" "$to" "$digest" "$previous" "$mode" "$backup_id"
    comma=,
  done <"$work/plan"
  printf '\n  ],\n'
}
