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
  sum_bytes=0 told=''
  : >"$work/counted"
  printf '{\n  "version": 1,\n  "id": "%s",\n' "$import_id"
  new_id run
  printf '  "runId": "%s",\n  "host": %s,\n  "address": "local:",\n' "$fresh_id" "$(json "$host")"
  printf '  "engine": {"name": "%s", "version": %s, "store": %s},\n' "${engine%%:*}" "$(json "$engine_version")" "$(json "$store_label")"
  printf '  "platform": %s,\n  "startedAt": "%s",\n' "$(json "$engine_platform")" "$started_date"
  printf '  "durationMs": %s,\n  "images": [' "$(((ended_at - started_seconds) * 1000))"
  comma=''
  while read -r hex name variant present; do
    printf '%s\n    ' "$comma"
    receipt_image
    comma=,
  done <"$work/images.plan"
  printf '\n  ],\n'
  receipt_files
  printf '  "layerBytes": %s,\n' "$sum_bytes"
  count_layers_once
  printf '  "routeBytes": {"held": %s, "sent": %s, "spliced": %s},\n' "$held_raw" "$play_raw" "$splice_raw"
  printf '  "layerCounts": {"held": %s, "sent": %s, "spliced": %s, "shared": %s},\n' \
    "$held_count" "$play_count" "$splice_count" "$shared_count"
  printf '  "wireBytes": 0,\n  "resumedBytes": 0,\n  "tool": %s,\n' "$(json "$tool")"
  [ -z "$signer_key" ] || printf '  "signer": {"name": %s, "fingerprint": "%s"},\n' "$(json "$signer")" "$signer_key"
  printf '  "bundle": {"name": "%s", "digest": "sha256:%s"}\n}\n' "$bundle_name" "$bundle"
}

receipt_image() {
  read -r far_id <"$work/proved.$hex"
  read_recipe "$hex" "$name"
  held_count=$r_count play_count=0 splice_count=0 play_bytes=0 is_present=true
  case " $told " in *" $hex "*) is_told=1 ;; *) is_told=0 ;; esac
  told="$told $hex"
  [ "$present" != - ] || is_present=false
  # Another name of an image that this run has brought costs nothing.
  if [ "$present$is_told" = -0 ]; then
    read -r held_count play_count splice_count play_bytes _ <"$work/counts.$hex"
    sed -n -e 's/^splice [^ ]* [^ ]* \([^ ]* [^ ]*\) .*/\1 splice/p' -e 's/^\(held\) \([^ ]* [^ ]*\) .*/\2 \1/p' \
      -e 's/^\(play\) \([^ ]* [^ ]*\) .*/\2 \1/p' "$work/routes.$hex"
  else
    sed 's/^\([^ ]* [^ ]*\) .*/\1 held/' "$work/layers.$hex"
  fi >>"$work/counted"
  sum_bytes=$((sum_bytes + play_bytes))
  find_proof
  printf '{"reference": "%s", "source": "bundle:%s", "imageId": "sha256:%s", "farId": "%s", "platform": "%s",\n' \
    "$name" "$bundle_name" "$hex" "$far_id" "$r_platform"
  full_there "$name"
  [ "$full" = "$name" ] || printf '      "fullName": "%s",\n' "$full"
  while read -r moved_name moved; do
    [ "$moved_name" != "$name" ] || printf '      "movedFrom": "%s",\n' "$moved"
  done <"$work/moved"
  printf '      "diffIds": [%s],\n      "proof": "%s", "present": %s, ' "$(diffs "$hex")" "$proof" "$is_present"
  printf '"layers": {"held": %s, "sent": %s, "spliced": %s}' "$held_count" "$play_count" "$splice_count"
  if [ "$present" = - ] && [ "$proof" != config-digest ]; then
    printf ',\n      "manifest": {"digest": "%s", "layers": [' "$far_id"
    while read -r diff raw blob bytes codec; do
      case $variant in
        raw) printf '{"digest": "sha256:%s", "size": %s, "codec": "none"}\n' "$diff" "$raw" ;;
        *) printf '{"digest": "sha256:%s", "size": %s, "codec": "%s"}\n' "$blob" "$bytes" "$codec" ;;
      esac
    done <"$work/layers.$hex" | tr '\n' ',' | sed 's/,$//'
    printf ']}'
  fi
  printf '}'
}

# Each layer once, however many images have it: what was played for one of them was held for the others only by that.
count_layers_once() {
  held_count=0 play_count=0 splice_count=0 shared_count=0 held_raw=0 play_raw=0 splice_raw=0
  last='' last_raw=0 last_route='' times=0
  sort "$work/counted" >"$work/sorted"
  printf '. 0 held\n' >>"$work/sorted"
  while read -r diff raw route; do
    if [ "$diff" = "$last" ]; then
      times=$((times + 1))
      [ "$route" = held ] || last_route=$route
      continue
    fi
    count_layer
    last=$diff last_raw=$raw last_route=$route times=1
  done <"$work/sorted"
}

count_layer() {
  [ -n "$last" ] || return 0
  case $last_route in
    play) play_count=$((play_count + 1)) play_raw=$((play_raw + last_raw)) ;;
    splice) splice_count=$((splice_count + 1)) splice_raw=$((splice_raw + last_raw)) ;;
    *)
      held_count=$((held_count + 1)) held_raw=$((held_raw + last_raw))
      return 0
      ;;
  esac
  [ "$times" = 1 ] || shared_count=$((shared_count + 1))
}

# The passport: what this machine holds, one image a line, so that the next bundle can leave it out.
write_passport() {
  printf '{\n  "airgap": "passport",\n  "version": 1,\n  "host": %s,\n  "made": "%s",\n' "$(json "$host")" "$(utc_now)"
  printf '  "engine": {"name": "%s", "version": %s, "store": %s, "kind": "%s"},\n' \
    "${engine%%:*}" "$(json "$engine_version")" "$(json "$store_label")" "$store_kind"
  printf '  "platform": %s,\n  "tools": [' "$(json "$engine_platform")"
  passport_tools | sed 's/^tool \(.*\)$/"\1"/' | tr '\n' ',' | sed 's/,$//'
  printf '],\n  "free": {'
  comma=''
  for place in "$stage" "$engine_root"; do
    free=$(free_bytes "$place")
    [ -z "$free" ] || [ -z "$place" ] || { printf '%s%s: %s' "$comma" "$(json "$place")" "$free" && comma=', '; }
  done
  printf '},\n  "config": ['
  list_config >"$work/config"
  sed 's/^config \([0-9a-f]*\) \(.*\)$/    {"path": "\2", "digest": "sha256:\1"}/' "$work/config" | comma_lines
  printf '\n  ],\n  "images": ['
  comma=''
  while read -r id _ stack; do
    is_name "$id" && [ "$stack" != , ] || continue
    case $stack in *[!a-f0-9sh:,]*) continue ;; esac
    printf '%s\n    {"id": "%s", "names": [%s], "diffIds": [%s]}' "$comma" "$id" "$(tag_list "$id")" \
      "$(printf '%s' "${stack%,}" | sed 's/[^,][^,]*/"&"/g')"
    comma=,
  done <"$work/held.images"
  printf '\n  ],\n  "blobs": ['
  sed -n -e 's/^blob \(sha256:[0-9a-f]*\) \([0-9]*\) -$/    {"digest": "\1", "bytes": \2}/p' \
    -e 's/^blob \(sha256:[0-9a-f]*\) \([0-9]*\) \(sha256:[0-9a-f]*\)$/    {"digest": "\1", "diffId": "\3", "bytes": \2}/p' \
    "$work/held" | comma_lines
  printf '\n  ]\n}\n'
}

# Lines as the elements of a list, which begins on a line of its own.
comma_lines() {
  sed -e '$!s/$/,/' -e '1s/^/\
/'
}

tag_list() {
  sed -n "s|^\\([A-Za-z0-9][A-Za-z0-9._:/@-]*\\) $1\$|\"\\1\"|p" "$work/held.tags" | tr '\n' ',' | sed 's/,$//'
}

utc_now() {
  date -u +%Y-%m-%dT%H:%M:%SZ
}
