# Files of a bundle: the seam that puts them in place. What is wanted stands in $work/in.files: `KIND MODE BYTES DIGEST PATH TARGET` a
# line, $work/in.packages: `KIND SET NAMES`; `anywhere PATH` gives the bytes, checked; $allow_dirs, $reload, $install_packages and
# $dry_run are what was asked for. `plan` shows and refuses, before anything is changed; `install` runs after every image is
# proved and before the first name is set; `undo` takes it back when the import fails after that.

import_files_plan() {
  [ ! -s "$work/in.files" ] && [ ! -s "$work/in.packages" ] || say files-left "$(cat "$work/in.files" "$work/in.packages" | wc -l | tr -d ' ')"
}

import_files_install() {
  :
}

import_files_undo() {
  :
}
