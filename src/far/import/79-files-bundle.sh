# Files that lie in a bundle's folder, for a program that has no near side: makes the plan from the bundle's lines, shows it,
# and leaves all that install_files needs. Needs $work, $mine and $stage as enter_stage makes them.

# plan_bundle_files LINES FOLDER: LINES holds `file KIND MODE BYTES DIGEST PATH TARGET`, other lines are passed over. Makes
# $work/plan and $work/payload, calls show_file for each. Ends the program if one may not be installed. Afterwards:
# install_files "$work/plan" "$work/payload" ID. The current folder changes; call it in a shell of its own or go back.
plan_bundle_files() {
  need_hash
  find_family
  mkdir -p "$work/payload" 2>"$work/err" || stage_refused "$stage"
  for allowed in $files_extra; do
    printf 'allow %s\n' "$allowed"
  done >"$work/plan"
  source=0
  while read -r word kind mode bytes digest path target; do
    [ "$word" = file ] || continue
    source=$((source + 1)) was=-
    home_repo
    is_plan_line || fail USAGE file
    plan_bundle_one "$2/$path" </dev/null
  done <"$1"
}

# A repo file goes to the folder that its package manager reads here.
home_repo() {
  [ "$kind" = repo ] || return 0
  fits_family "$target" || fail FILE_FAMILY "$target $family_name"
  case $target:$family in
    /etc/yum.repos.d/*.repo:suse) target=/etc/zypp/repos.d/${target##*/} ;;
    /etc/zypp/repos.d/*.repo:rhel) target=/etc/yum.repos.d/${target##*/} ;;
  esac
}

plan_bundle_one() {
  payload=$work/payload/$source
  # A copy: what was checked is what is installed, whatever happens to the drive.
  cp "$1" "$payload" 2>"$work/dd" || stage_refused "$stage"
  hash_in <"$payload" && [ "$sum" = "$digest" ] || fail INSTALL_FAILED "$target its bytes are not those of the bundle"
  if enter_target "$target" look; then
    digest_at "$target_name"
    was=$sum
    [ "$kind" != daemon ] || keep_mode
  else
    [ "$refusal" = absent ] || refused "$target"
  fi
  [ "$kind" != daemon ] || merge_bundle_daemon
  check_form "$kind" "$payload" "$target" || fail FILE_INVALID "$target $form_problem"
  size_of "$payload"
  printf 'file %s %s %s %s %s %s %s\n' "$kind" "$mode" "$file_bytes" "$digest" "$was" "$source" "$target" >>"$work/plan"
  state=change
  [ "$was" != - ] || state=new
  [ "$was" != "$digest" ] || state=same
  show_file
}

# daemon.json may hold secrets: it keeps the mode that it has, unless others may write to it.
keep_mode() {
  wanted=$mode
  describe "$target_name" || mode=$wanted
  case $mode in 0[0-7][0-7][0145]) ;; *) mode=$wanted ;; esac
  sum=$was
}

# Its payload are the keys; the merged file takes their place. Where sh finds nobody to merge for it, only what needs no
# merging is taken.
merge_bundle_daemon() {
  printf '' >"$work/present"
  [ "$was" = - ] || cat "./$target_name" >"$work/present" 2>"$work/err" || fail INSTALL_FAILED "$target $(said "$work/err")"
  merge_daemon "$payload" "$work/present" >"$work/merged" 2>"$work/err" ||
    fail FILE_INVALID "$target it must be merged by hand, there is neither python3 nor jq, or it is no JSON $(said "$work/err")"
  # Merged to the same: the file stays as it is written.
  ! same_json "$work/merged" "$work/present" || cp "$work/present" "$work/merged"
  mv -f "$work/merged" "$payload" && hash_in <"$payload" && digest=$sum
}

same_json() {
  [ -s "$2" ] || return 1
  if has python3; then
    python3 -c 'import json, sys; a, b = (json.load(open(path)) for path in sys.argv[1:]); sys.exit(a != b)' "$1" "$2" 2>/dev/null
  elif has jq; then
    [ "$(jq -S . "$1" 2>/dev/null)" = "$(jq -S . "$2" 2>/dev/null)" ]
  else
    cmp -s "$1" "$2"
  fi
}

# show_file: one line, and below it what changes, if everybody may read it. In the folder of the target.
show_file() {
  printf '%s %s %s\n' "$state" "$mode" "$target"
  [ "$state" = change ] && has diff || return 0
  case $(ls -ln "./$target_name") in ???????r*) ;; *) return 0 ;; esac
  diff -u "./$target_name" "$payload" 2>/dev/null | sed -e '1,2d' -e 's/^/  /' \
    -e 's/^\(...[A-Za-z_.-]*passw[A-Za-z_.-]* *= *\).*/\1***/' -e 's,://\([^/:@]*\):[^/@]*@,://\1:***@,g' | tr -d '\000-\010\013-\037\177'
  return 0
}

merge_python='import json, sys; merge = lambda a, b: {**a, **{k: merge(a[k], b[k]) if k in a else b[k] for k in b}} if isinstance(a, dict) and isinstance(b, dict) else a + [x for x in b if x not in a] if isinstance(a, list) and isinstance(b, list) else b; keys, present = (json.load(open(path)) for path in sys.argv[1:]); print(json.dumps(merge(present, keys), indent=2))'
merge_jq='def merge($a; $b): if ($a | type) == "object" and ($b | type) == "object" then reduce ($b | keys_unsorted[]) as $k ($a; .[$k] = (if ($a | has($k)) then merge($a[$k]; $b[$k]) else $b[$k] end)) elif ($a | type) == "array" and ($b | type) == "array" then $a + ($b - $a) else $b end; merge(.[1]; .[0])'

# merge_daemon KEYS PRESENT: prints PRESENT with the keys of KEYS merged in: objects by key, lists united, all else replaced.
# sh cannot do that: python3 or jq can. Without them it is false unless there is nothing to merge with.
merge_daemon() {
  if [ ! -s "$2" ] || cmp -s "$1" "$2"; then
    cat "$1"
  elif has python3; then
    python3 -c "$merge_python" "$1" "$2"
  elif has jq; then
    jq -s "$merge_jq" "$1" "$2"
  else
    return 1
  fi
}
