# The seal: every byte of every volume is as it was written, nothing is missing, nothing was added (docs/format.md B-3, B-4, B-20).
signer='' signer_key=''

# check_volume N: leaves its names in $work/names.N.
check_volume() {
  read_volume "$1"
  where=$volume_path
  need_document "$1" SHA256SUMS
  content "$1" SHA256SUMS >"$work/sums" || damaged "$where" SHA256SUMS missing
  check_sums_form
  list_names "$1"
  cut -b 67- "$work/sums" >"$work/sealed"
  first_difference "$work/sealed" "$work/names.$1" missing
  first_difference "$work/names.$1" "$work/sealed" unknown
  check_listed "$1"
  check_sizes "$1"
  if [ "$volume_count" -gt 1 ]; then
    say checking-volume "$(($(wc -l <"$work/sums.inner")))" "$1"
  else
    say checking "$(($(wc -l <"$work/sums.inner")))"
  fi
  hash_volume "$1" >"$work/hashed" 2>/dev/null &
  await "$!" || :
  cmp -s "$work/hashed" "$work/sums" || {
    first_difference "$work/sums" "$work/hashed" digest
    damaged "$where" SHA256SUMS form
  }
}

# Lines of the one form, sorted by the bytes of their paths, each path once, the last line ended.
check_sums_form() {
  ! grep -q -v '^[0-9a-f]\{64\}  [A-Za-z0-9_+~][A-Za-z0-9._+~/-]*$' "$work/sums" &&
    ! grep -q -e '//' -e '/[.-]' -e '/$' "$work/sums" &&
    [ -s "$work/sums" ] && [ -z "$(tail -c 1 "$work/sums")" ] || damaged "$where" SHA256SUMS form
  cut -b 67- "$work/sums" >"$work/paths.sealed"
  sort -u "$work/paths.sealed" | cmp -s - "$work/paths.sealed" || damaged "$where" SHA256SUMS form
}

# What is really there, SHA256SUMS left out.
list_names() {
  if [ "$volume_kind" = tar ]; then
    sed 's/ .*//' "$work/index.$1" | grep -v -x SHA256SUMS | sort >"$work/names.$1"
    return
  fi
  odd=$(cd "$where" && find . ! -type f ! -type d 2>/dev/null | head -n 1)
  [ -z "$odd" ] || damaged "$where" "$(printf '%s' "${odd#./}" | said)" not-a-file
  (cd "$where" && find . -type f 2>/dev/null) | cut -b 3- | grep -v -x SHA256SUMS | sort >"$work/names.$1"
}

list_all_names() {
  for number_listed in $volumes_found; do
    read_volume "$number_listed"
    where=$volume_path
    list_names "$number_listed"
  done
}

# first_difference A B PROBLEM: the first line of A that B has not is a file with that problem. `comm` is not everywhere.
first_difference() {
  ! cmp -s "$1" "$2" || return 0
  odd=$(grep -v -x -F -f "$2" "$1" | head -n 1)
  [ -z "$odd" ] || damaged "$where" "$(printf '%s' "${odd##*  }" | said)" "$3"
}

# airgap.json says the same of each file as SHA256SUMS does, and lists no other for this volume.
check_listed() {
  grep -q '^  "version": [12],$' "$work/airgap.json" ||
    fail BUNDLE_VERSION "$(printf '%s' "$where" | said)"
  listed_in "$1" '\3  \1' | sort -k 2 >"$work/listed"
  inner_of "$work/sums" | sort -k 2 >"$work/sums.inner"
  first_difference "$work/sums.inner" "$work/listed" not-listed
  first_difference "$work/listed" "$work/sums.inner" not-sealed
  cmp -s "$work/listed" "$work/sums.inner" || damaged "$where" airgap.json form
}

# listed_in N FORM: the files that airgap.json lists for that volume, in the FORM of sed: \1 path, \2 bytes, \3 digest.
listed_in() {
  entry='{"path":"\([^"]*\)","bytes":\([0-9]*\),"digest":"sha256:\([0-9a-f]*\)"'
  sed -n -e "s/^$entry},\{0,1\}\$/$2/p" -e "s/^$entry,\"volume\":$1},\{0,1\}\$/$2/p" "$work/airgap.json"
}

# inner_of FILE: without the lines of the files that airgap.json cannot list.
inner_of() {
  grep -v -e '  airgap\.json$' -e '  airgap\.json\.sig$' -e '  volume$' "$1"
}

# check_sizes N: whatever is longer or shorter than it was written is found before it is hashed: a sparse file has as many bytes as
# it likes. What airgap.json says counts once it is the one that is sealed itself.
check_sizes() {
  grep -q -x -F -e "$bundle  airgap.json" "$work/sums" || damaged "$where" airgap.json digest
  grep -x -e 'recipes/.*' -e 'airgap\.json\.sig' -e volume "$work/sealed" >"$work/documents"
  while read -r document; do
    need_document "$1" "$document"
  done <"$work/documents"
  listed_in "$1" '\2  \1' | sort >"$work/sizes.listed"
  sizes_there "$1" >"$work/sizes"
  inner_of "$work/sizes" | sort >"$work/sizes.there"
  first_difference "$work/sizes.listed" "$work/sizes.there" size
}

# sizes_there N: `BYTES  PATH` of every sealed file, as its folder or the frame of its tar tells it.
sizes_there() {
  if [ "$volume_kind" = tar ]; then
    sed 's/^\([^ ]*\) \([^ ]*\) .*/\2  \1/' "$work/index.$1"
  else
    (cd "$where" && xargs ls -ln <"$work/sealed") |
      sed 's/^[^ ]*  *[^ ]*  *[^ ]*  *[^ ]*  *\([0-9]*\) .* \([^ ]*\)$/\1  \2/'
  fi
}

# hash_volume N: SHA256SUMS as it would be written today. Many files go to one program: starting it is what takes time.
hash_volume() {
  if [ "$volume_kind" = folder ]; then
    cd "$where" || return 1
    case $hash_tool in
      openssl) xargs openssl dgst -sha256 -r <"$work/sealed" | sed 's/ \*/  /' ;;
      sha256sum) xargs sha256sum <"$work/sealed" ;;
      *) xargs shasum -a 256 <"$work/sealed" ;;
    esac
    return
  fi
  while read -r path; do
    content "$1" "$path" | { hash_in && printf '%s  %s\n' "$sum" "$path"; }
  done <"$work/sealed"
}

# Every volume; then the signature, if it matters to anybody.
check_seal() {
  for volume_number in $volumes_found; do
    check_volume "$volume_number"
  done
  content "${volumes_found##* }" airgap.json | { hash_in && [ "$sum" = "$bundle" ]; } || damaged "$where" airgap.json digest
  # As `airgap verify` counts: what airgap.json lists.
  say sealed "$(cat "$work"/names.* | grep -c -v -x -e airgap\.json -e airgap\.json\.sig -e volume)"
  check_signature
}

# docs/format.md names the namespace: a signature made for anything else is none.
check_signature() {
  signed_in=${volumes_found##* }
  if ! grep -q -x -F airgap.json.sig "$work/names.$signed_in"; then
    [ "$require_signature$allowed_signers" = 0 ] || not_signed signature-missing
    return 0
  fi
  need_document "$signed_in" airgap.json.sig
  content "$signed_in" airgap.json.sig >"$work/signature"
  # Before 8.2 it knows no signatures.
  if ! has ssh-keygen || ssh-keygen -Y find-principals </dev/null 2>&1 | grep -q -e 'nknown option' -e 'llegal option' -e '^usage'; then
    [ -z "$allowed_signers" ] || fail FAR_TOOL_MISSING "ssh-keygen -Y"
    say signature-unchecked
    return 0
  fi
  ssh-keygen -Y check-novalidate -n airgap-bundle -s "$work/signature" <"$work/airgap.json" >/dev/null 2>&1 ||
    not_signed signature-broken
  if [ -z "$allowed_signers" ]; then
    say signature-unchecked
  elif find_signer "$allowed_signers"; then
    say signed "$(printf '%s' "$signer" | said)"
  else
    # Only to tell why: the same rules without their dates.
    sed -e 's/valid-\(before\|after\)="\{0,1\}[^",[:space:]]*"\{0,1\},\{0,1\}//g' -e 's/,\([[:space:]]\)/\1/' \
      "$allowed_signers" >"$work/dateless"
    ! find_signer "$work/dateless" || not_signed signature-outdated
    not_signed signature-wrong
  fi
}

# find_signer FILE, into $signer and $signer_key: who of that file has signed. One key may stand there under several names and rules.
find_signer() {
  ssh-keygen -Y find-principals -f "$1" -s "$work/signature" 2>/dev/null </dev/null | tr ',' '\n' >"$work/principals"
  while read -r signer; do
    ssh-keygen -Y verify -f "$1" -I "$signer" -n airgap-bundle -s "$work/signature" \
      <"$work/airgap.json" >"$work/verified" 2>&1 || continue
    signer_key=$(sed -n 's/.* key \(SHA256:[A-Za-z0-9+/=]*\)$/\1/p' "$work/verified" | head -n 1)
    return 0
  done <"$work/principals"
  return 1
}

not_signed() {
  fail SIGNATURE_INVALID "$(printf '%s' "$bundle_place" | said)" "$("text_$language" "problem-$1")"
}
