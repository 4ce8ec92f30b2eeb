# What the engine holds, as files that grep can search: images (`ID SIZE sha256:a,sha256:b,`), tags (`NAME ID`), blobs.
coming_chains='' coming_layers=''

read_held() {
  "${kind}_held" </dev/null >"$work/held.all"
  # Of a layout its index follows, which is told nobody here.
  sed '/^index [0-9]*$/,$d' "$work/held.all" >"$work/held"
  sed -n 's/^image \([^ ]*\) .*"Layers":\[\([^]]*\)\].* \([0-9]*\)$/\1 \3 \2,/p' "$work/held" | tr -d '"' >"$work/held.images"
  # podman spells names in full.
  sed -n 's/^tag \([^ ]*\) \(.*\)$/\2 \1/p' "$work/held" |
    sed -e 's,^docker\.io/library/\([^/ ]*\) ,\1 ,' -e 's,^docker\.io/,,' >"$work/held.tags"
  sed -n 's/^blob sha256:\([0-9a-f]*\) .*$/\1/p' "$work/held" >"$work/held.blobs"
  : >"$work/coming"
  : >"$work/bases"
}

# What a killed import has left behind under names of ours.
remove_leftovers() {
  # A container that was to prove an image holds its name, and its image after that.
  ! grep -q -x -e "container $client" "$work/probe" || "${kind}_uncontain" "airgap-verify-$client" >/dev/null
  grep -e "^airgap\.local/loading:$client-" -e "^airgap\.local/base:$client-" \
    -e "^airgap\.local/previous:$client-" "$work/held.tags" >"$work/leftovers" || return 0
  while read -r name _; do
    ! is_own_name "$name" || "${kind}_unname" "$name" >/dev/null
  done <"$work/leftovers"
  read_held
}

# tagged NAME: what image has that name now, into $tagged.
tagged() {
  tagged=$(grep -F -e "$1 sha256:" "$work/held.tags" | sed -n "s|^$1 ||p" | head -n 1)
}

# stack HEX: its layers as one word, into $stack.
stack() {
  stack=$(sed 's/^\([0-9a-f]*\).*/sha256:\1,/' "$work/layers.$1" | tr -d '\n')
}

# find_present: the image is there, whole; its Id into $present. Any manifest that we make of it counts.
find_present() {
  present=''
  case $store_kind in
    graphdriver | containers-storage) candidates=$r_hex ;;
    *) candidates="$r_raw $r_stored" ;;
  esac
  stack "$r_hex"
  for candidate in $candidates; do
    ! grep -q -E "^sha256:$candidate [0-9]+ $stack\$" "$work/held.images" || present=sha256:$candidate
  done
}

# route_layers VARIANT: how each layer gets into the archive, into $work/routes.HEX: `ROUTE` and the words of layers.HEX.
# held: left out · play: from the bundle · splice ID AT: from a save of that image · missing. (docs/format.md B-32)
route_layers() {
  below='' whole=1
  : >"$work/routes.$r_hex"
  while read -r diff raw blob bytes codec; do
    route_layer "$1"
    printf '%s %s %s %s %s %s\n' "$route" "$diff" "$raw" "$blob" "$bytes" "$codec" >>"$work/routes.$r_hex" ||
      stage_refused "$stage"
  done <"$work/layers.$r_hex"
}

route_layer() {
  if [ "$store_kind" = graphdriver ]; then
    # The classic store knows a layer only on top of the very stack it was loaded on: the whole chain from the base.
    below=${below}sha256:$diff,
    if [ "$whole" = 1 ] && { grep -q -F -e " $below" "$work/held.images" || grep -q -F -e " $below" "$work/coming"; }; then
      route=held
      return
    fi
    whole=0
  else
    named=$diff
    [ "$1" = raw ] || named=$blob
    if is_held_blob "$1" || grep -q -x -F -e "blob $named" "$work/coming"; then
      route=held
      return
    fi
  fi
  if [ "$blob" != - ]; then
    route=play
    return
  fi
  # An image of this very bundle may have brought it under another stack; its save comes too late for this plan.
  owner=$(grep -F -e "sha256:$diff," "$work/held.images" | head -n 1)
  if [ -z "$owner" ]; then
    route=missing
    return
  fi
  before=${owner%%"sha256:$diff,"*}
  before=$(printf '%s' "${before##* }" | tr -c -d ,)
  route="splice ${owner%% *} ${#before}"
}

# is_held_blob VARIANT: $named lies there.
is_held_blob() {
  if [ "$store_kind" = layout ]; then
    # A torn one may have the right name; the proof hashes it.
    named_bytes=$raw
    [ "$1" = raw ] || named_bytes=$bytes
    grep -q -x -F -e "blob sha256:$named $named_bytes -" "$work/held"
    return
  fi
  # podman finds a layer by its diffID, as long as it is described by that.
  [ "$store_kind$1" != containers-storageraw ] || { grep -q -F -e "sha256:$diff," "$work/held.images"; return; }
  # Some image must need it, too: what nobody needs may be collected at any moment.
  grep -q -x -F -e "$named" "$work/held.blobs" && grep -q -F -e "sha256:$diff," "$work/held.images"
}

# What will be there when this image is loaded.
note_coming() {
  if [ "$store_kind" = graphdriver ]; then
    printf ' %s\n' "$stack" >>"$work/coming"
    return
  fi
  while read -r diff _ blob _ _; do
    case $1 in raw) printf 'blob %s\n' "$diff" ;; *) printf 'blob %s\n' "$blob" ;; esac
  done <"$work/layers.$r_hex" >>"$work/coming"
}

# note_bases: the images that own what is left out, so that nobody collects them meanwhile.
note_bases() {
  if [ -n "$present" ]; then
    printf '%s\n' "$present" >>"$work/bases"
    return
  fi
  below='' last=''
  while read -r route diff _; do
    below=${below}sha256:$diff,
    case $route in held) ;; *) continue ;; esac
    wanted="sha256:$diff,"
    [ "$store_kind" != graphdriver ] || wanted=" $below"
    owner=$(grep -F -e "$wanted" "$work/held.images" | head -n 1)
    owner=${owner%% *}
    [ -z "$owner" ] || [ "$store_kind" = graphdriver ] || printf '%s\n' "$owner" >>"$work/bases"
    [ -z "$owner" ] || last=$owner
  done <"$work/routes.$r_hex"
  [ -z "$last" ] || printf '%s\n' "$last" >>"$work/bases"
  sed -n 's/^splice \([^ ]*\) .*/\1/p' "$work/routes.$r_hex" >>"$work/bases"
}
