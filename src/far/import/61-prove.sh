# The proof, and names: nothing is called by its real name before every image has been proved; all names are set, or none.

# prove NAME WANTED-ID
prove() {
  if [ "$kind" = layout ]; then
    prove_layout
    return
  fi
  create=0
  [ "$store_kind" != containerd ] || create=1
  verifying=1
  "${kind}_verify" "$1" "$create" >"$work/verified"
  verifying=0
  word='' far_id='' root_fs=''
  read -r word far_id root_fs <"$work/verified" || :
  [ "$word" = image ] || not_proved "$("text_$language" what-image)" "$("text_$language" not-there)" "$r_hex"
  [ "$far_id" = "$2" ] || not_proved "$("text_$language" what-id)" "$far_id" "$2"
  stack "$r_hex"
  there=$(printf '%s' "$root_fs" | sed -n 's/.*"Layers":\[\([^]]*\)\].*/\1,/p' | tr -d '"')
  [ "$there" = "$stack" ] || not_proved "$("text_$language" what-layers)" "$(printf '%s' "$there" | tail -c 72)" "$(printf '%s' "$stack" | tail -c 72)"
  [ "$create" = 0 ] || ! grep -q -x created "$work/verified" || return 0
  [ "$create$kind" != 1containerd ] ||
    not_proved "$("text_$language" what-check)" "$(sed -n 's/^refused //p' "$work/verified")" "$("text_$language" complete)"
  [ "$create" = 0 ] ||
    not_proved "$("text_$language" what-container)" "$("text_$language" not-made)" "$("text_$language" made)"
}

not_proved() {
  fail VERIFY_FAILED "$r_familiar" "$1" "$2" "$3"
}

# full_there NAME, into $full: what it is called there. podman would make a short name one under localhost/.
full_there() {
  full=$1
  [ "$kind$program" != dockerpodman ] || full_name "$1"
}

hold_bases() {
  sort -u "$work/bases" >"$work/bases.once"
  while read -r id; do
    is_name "$id" || continue
    base=airgap.local/base:$client-$(printf '%.40s' "${id#sha256:}")
    name_ours "$base"
    "${kind}_hold" "$id" "$base"
  done <"$work/bases.once"
}

# Every name, once all images are proved. What a name was before is written down first, under a name of ours that is made of the
# name itself: whoever takes it in the moment between gets it back, too. In a layout each image has its name already.
set_names() {
  if [ "$kind" = layout ]; then
    committed=1
    return
  fi
  : >"$work/renamed" || stage_refused "$stage"
  while read -r hex name variant present; do
    full_there "$name"
    name=$full
    from=$present
    [ "$present" != - ] || from=airgap.local/loading:$client-$(printf '%.40s' "$hex")
    "${kind}_id" "$from"
    new_id=$id
    "${kind}_id" "$name"
    old_id=$id
    [ "$old_id" != "$new_id" ] || [ -z "$old_id" ] || continue
    { printf '%s' "$name" >"$work/name" && hash_in <"$work/name"; } || stage_refused "$stage"
    previous=airgap.local/previous:$client-$(printf '%.40s' "$sum")
    name_ours "$previous"
    printf '%s %s %s\n' "$name" "$new_id" "$previous" >>"$work/renamed" || stage_refused "$stage"
    "${kind}_name" "$from" "$name" "$previous" >/dev/null
  done <"$work/images.plan"
  committed=1
}

# After an end that was no success: names are what they were, ours are gone.
take_back() {
  if [ "$committed" = 0 ] && [ -s "$work/renamed" ]; then
    while read -r name new_id previous; do
      ("${kind}_revert" "$name" "$new_id" "$previous") >/dev/null 2>&1 </dev/null || :
    done <"$work/renamed"
  fi
  [ "$committed" = 1 ] || import_files_undo
  [ "$verifying" = 0 ] || "${kind}_uncontain" "airgap-verify-$client" >/dev/null
  await_delivered
  unname_ours
}

# A load that had its whole archive goes on inside the engine, even when its client was ended: its name comes late.
await_delivered() {
  [ -f "$work/delivered" ] && [ "$committed" = 0 ] && [ "$kind" != layout ] && [ "$program" != podman ] || return 0
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    [ -z "$("${kind}_id" "$r_temporary" 2>/dev/null && printf '%s' "$id")" ] || return 0
    sleep 1
  done
}

# In shells of their own: one name that cannot be removed is no reason to keep the others.
unname_ours() {
  for name in $names; do
    ("${kind}_unname" "$name") >/dev/null 2>&1 || :
  done
  names=''
}
