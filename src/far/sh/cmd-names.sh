# hold, verify, name, revert, unname: what is asked of an engine before and after a load.
cmd_hold() {
  need image name
  is_own_name "$name" || fail USAGE name
  need_engine
  "${kind}_hold" "$image" "$name"
}

cmd_verify() {
  need name
  need_engine
  "${kind}_verify" "$name" "$create"
}

cmd_name() {
  need from to previous
  need_engine
  "${kind}_name" "$from" "$to" "$previous"
}

# revert: takes one `name` back, if the name still is what we made of it.
cmd_revert() {
  need name image
  need_engine
  "${kind}_revert" "$name" "$image" "$previous"
}

# unname: each by itself, so that one that cannot go now leaves no other.
cmd_unname() {
  need_engine
  failed=''
  while read -r word name more; do
    if [ "$word" = container ]; then
      is_hex "$name" 16 && [ -z "$more" ] || fail USAGE container
      "${kind}_uncontain" "airgap-verify-$name"
      continue
    fi
    [ "$word" = name ] && is_own_name "$name" && [ -z "$more" ] || fail USAGE name
    (
      fail() {
        printf 'error %s\n' "$*" >"$work/failed"
        exit 1
      }
      trap end_beats EXIT
      "${kind}_unname" "$name"
    ) || failed=1
  done
  [ -z "$failed" ] || {
    cat "$work/failed"
    exit "$fail_code"
  }
}
