# The manifest that an image's source made of it, and which is kept. It cannot be made again to be compared; so it must be
# plain, and tell the same of the image as the recipe. (docs/format.md B-61)

# own_manifest FILE: sets $manifest_type; false for one that any reader could take for more than this image's config and layers.
own_manifest() {
  json_split "$(json_text "$1")" '{' '}' >"$work/own" || return 1
  own_seen=' ' own_layers=''
  while IFS= read -r member <&8; do
    case $member in
      '"schemaVersion":2') own_once schemaVersion || return 1 ;;
      '"mediaType":"application/vnd.oci.image.manifest.v1+json"') own_once mediaType || return 1 ;;
      '"mediaType":"application/vnd.docker.distribution.manifest.v2+json"')
        own_once mediaType || return 1
        manifest_type=application/vnd.docker.distribution.manifest.v2+json
        ;;
      '"config":'*) own_once config && own_descriptor "${member#*:}" "$r_hex" "$config_bytes" || return 1 ;;
      '"layers":'*)
        own_once layers || return 1
        own_layers=${member#*:}
        ;;
      '"annotations":{'*) own_once annotations || return 1 ;;
      *) return 1 ;;
    esac
  done 8<"$work/own"
  for member in schemaVersion config layers; do
    case $own_seen in *" $member "*) ;; *) return 1 ;; esac
  done
  json_elements "$own_layers" >"$work/own.layers" || return 1
  [ "$(($(wc -l <"$work/own.layers")))" -eq "$r_count" ] || return 1
  while read -r diff raw blob bytes codec <&8; do
    IFS= read -r member <&9 && own_descriptor "$member" "$blob" "$bytes" || return 1
  done 8<"$work/layers.$r_hex" 9<"$work/own.layers"
}

own_once() {
  case $own_seen in *" $1 "*) return 1 ;; esac
  own_seen="$own_seen$1 "
}

# own_descriptor TEXT HEX BYTES: points at that blob, and says nothing else of weight.
own_descriptor() {
  json_split "$1" '{' '}' >"$work/own.parts" || return 1
  [ "$(grep -c -x -F -e "\"digest\":\"sha256:$2\"" -e "\"size\":$3" "$work/own.parts")" -eq 2 ] || return 1
  [ "$(grep -c '^"digest":' "$work/own.parts") $(grep -c '^"size":' "$work/own.parts")" = '1 1' ] || return 1
  [ "$(grep -c '^"mediaType":"' "$work/own.parts")" -eq 1 ] || return 1
  [ "$(grep -c '^"annotations":{' "$work/own.parts")" -le 1 ] || return 1
  ! grep -q -v -e '^"digest":' -e '^"size":' -e '^"mediaType":"' -e '^"annotations":{' "$work/own.parts"
}
