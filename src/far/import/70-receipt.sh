# Receipt and passport: JSON with the fields of src/receipt/receipt.ts and docs/format.md "Passports".

# json TEXT: as a JSON string. What would need more than a backslash is left out.
json() {
  printf '"%s"' "$(printf '%s' "$1" | tr -d '\000-\037\177' | sed 's/[\\"]/\\&/g')"
}

# diffs HEX: the diffIDs of an image as the inside of a JSON list.
diffs() {
  sed 's/^\([0-9a-f]*\).*/"sha256:\1"/' "$work/layers.$1" | tr '\n' ',' | sed 's/,$//'
}

# A new id; by chance where the kernel gives one, else from what was never the same before.
new_id() {
  read -r fresh_id 2>/dev/null </proc/sys/kernel/random/uuid && return 0
  printf '%s %s %s' "$(date -u +%s)" "$$" "$1" | hash_in
  fresh_id=$(printf '%.32s' "$sum")
}

write_receipt() {
  ended_at=$(date -u +%s)
  sum_held=0 sum_played=0 sum_spliced=0 sum_bytes=0
  fresh_id=$files_receipt
  [ -n "$fresh_id" ] || new_id receipt
  printf '{\n  "version": 1,\n  "id": "%s",\n' "$fresh_id"
  new_id run
  printf '  "runId": "%s",\n  "host": %s,\n  "address": "local:",\n' "$fresh_id" "$(json "$host")"
  printf '  "engine": {"name": "docker", "version": %s, "store": %s},\n' "$(json "$engine_version")" "$(json "$store_label")"
  printf '  "platform": %s,\n  "startedAt": "%s",\n' "$(json "$engine_platform")" "$started_date"
  printf '  "durationMs": %s,\n  "images": [' "$(((ended_at - started_seconds) * 1000))"
  comma=''
  while read -r hex name variant present; do
    printf '%s\n    ' "$comma"
    receipt_image
    comma=,
  done <"$work/plan"
  printf '\n  ],\n'
  receipt_files
  printf '  "layerBytes": %s,\n' "$sum_bytes"
  printf '  "routeBytes": {"held": %s, "sent": %s, "spliced": %s},\n' "$sum_held" "$sum_played" "$sum_spliced"
  printf '  "wireBytes": 0,\n  "resumedBytes": 0,\n  "tool": %s,\n' "$(json "$tool")"
  printf '  "bundle": {"name": "%s", "digest": "sha256:%s"}\n}\n' "$bundle_name" "$bundle"
}

receipt_image() {
  read -r far_id <"$work/proved.$hex"
  read_recipe "$hex" "$name"
  held_count=$r_count play_count=0 splice_count=0 play_bytes=0 held_raw=0 play_raw=0 splice_raw=0 is_present=true
  if [ "$present" = - ]; then
    is_present=false
    read -r held_count play_count splice_count play_bytes held_raw play_raw splice_raw <"$work/counts.$hex"
  else
    while read -r _ raw _; do
      held_raw=$((held_raw + raw))
    done <"$work/layers.$hex"
  fi
  sum_held=$((sum_held + held_raw)) sum_played=$((sum_played + play_raw)) sum_spliced=$((sum_spliced + splice_raw))
  sum_bytes=$((sum_bytes + play_bytes))
  proof=config-digest
  [ "$store_kind" = graphdriver ] || proof="manifest-and-create"
  printf '{"reference": "%s", "source": "bundle:%s", "imageId": "sha256:%s", "farId": "%s", "platform": "%s",\n' \
    "$name" "$bundle_name" "$hex" "$far_id" "$r_platform"
  printf '      "diffIds": [%s],\n      "proof": "%s", "present": %s, ' "$(diffs "$hex")" "$proof" "$is_present"
  printf '"layers": {"held": %s, "sent": %s, "spliced": %s}' "$held_count" "$play_count" "$splice_count"
  if [ "$present$store_kind" = -containerd ]; then
    printf ',\n      "manifest": {"digest": "%s", "layers": [' "$far_id"
    while read -r diff raw blob bytes _; do
      case $variant in
        raw) printf '{"digest": "sha256:%s", "size": %s}\n' "$diff" "$raw" ;;
        *) printf '{"digest": "sha256:%s", "size": %s}\n' "$blob" "$bytes" ;;
      esac
    done <"$work/layers.$hex" | tr '\n' ',' | sed 's/,$//'
    printf ']}'
  fi
  printf '}'
}

# The passport: what this machine holds, one image a line, so that the next bundle can leave it out.
write_passport() {
  printf '{\n  "airgap": "passport",\n  "version": 1,\n  "host": %s,\n  "made": "%s",\n' "$(json "$host")" "$(utc_now)"
  printf '  "engine": {"name": "docker", "version": %s, "store": %s, "kind": "%s"},\n' \
    "$(json "$engine_version")" "$(json "$store_label")" "$store_kind"
  printf '  "platform": %s,\n  "tools": [' "$(json "$engine_platform")"
  comma=''
  for program in zstd gzip openssl sha256sum ssh-keygen rpm dpkg; do
    ! has "$program" || { printf '%s"%s"' "$comma" "$program" && comma=', '; }
  done
  printf '],\n  "free": {'
  comma=''
  for place in "$stage" "$engine_root"; do
    free=$(free_bytes "$place")
    [ -z "$free" ] || [ -z "$place" ] || { printf '%s%s: %s' "$comma" "$(json "$place")" "$free" && comma=', '; }
  done
  printf '},\n  "images": ['
  comma=''
  while read -r id _ stack; do
    is_name "$id" || continue
    case $stack in *[!a-f0-9sh:,]*) continue ;; esac
    printf '%s\n    {"id": "%s", "names": [%s], "diffIds": [%s]}' "$comma" "$id" "$(tag_list "$id")" \
      "$(printf '%s' "${stack%,}" | sed 's/[^,][^,]*/"&"/g')"
    comma=,
  done <"$work/held.images"
  printf '\n  ],\n  "blobs": ['
  sed -n -e 's/^blob \(sha256:[0-9a-f]*\) \([0-9]*\) -$/    {"digest": "\1", "bytes": \2}/p' \
    -e 's/^blob \(sha256:[0-9a-f]*\) \([0-9]*\) \(sha256:[0-9a-f]*\)$/    {"digest": "\1", "diffId": "\3", "bytes": \2}/p' \
    "$work/held" | sed -e '$!s/$/,/' -e '1s/^/\
/'
  printf '\n  ]\n}\n'
}

tag_list() {
  sed -n "s|^\\([A-Za-z0-9][A-Za-z0-9._:/@-]*\\) $1\$|\"\\1\"|p" "$work/held.tags" | tr '\n' ',' | sed 's/,$//'
}

utc_now() {
  date -u +%Y-%m-%dT%H:%M:%SZ
}

# Beside the bundle, so that it goes home with the drive; names are safe on FAT. Printed where the drive cannot be written.
hand_over() {
  read_held
  write_passport >"$work/passport"
  case $bundle_place in
    /*) returns=$bundle_place ;;
    *) returns=$PWD/$bundle_place ;;
  esac
  # What the bundle's own folder is called may be `.`.
  [ ! -d "$returns" ] || returns=$(cd "$returns" && pwd -P)
  returns=${returns%/*}/airgap-returns
  stem=$(date -u +%Y%m%dT%H%M%SZ)-$(printf '%s' "$host" | tr -c 'A-Za-z0-9.\n-' _ | cut -b 1-60)
  if mkdir -p "$returns" 2>/dev/null && return_file receipt && return_file passport; then
    sync
    say written "$returns"
    return 0
  fi
  say printed
  cat "$work/receipt"
}

return_file() {
  temporary=$returns/.airgap-$$-$1
  cat "$work/$1" 2>/dev/null >"$temporary" && mv -f "$temporary" "$returns/$stem-$1.json" 2>/dev/null && return 0
  rm -f "$temporary" 2>/dev/null
  return 1
}
