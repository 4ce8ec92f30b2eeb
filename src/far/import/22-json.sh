# Reads the outermost of a small JSON document, without any program for it: what is inside stays as it is written, without blanks.

# json_members FILE: `KEY VALUE` lines of an object, in its order. Nothing for what is none, or is too long for a shell.
json_members() {
  [ -f "$1" ] || return 0
  json_split "$(json_text "$1")" '{' '}' | sed -n 's/^"\([A-Za-z0-9._-]*\)":\(.*\)$/\1 \2/p'
}

# json_text FILE: on one line; nothing of one that is too long for a shell.
json_text() {
  size_of "$1"
  [ "$file_bytes" -gt 65536 ] || tr '\n\r\t' '   ' <"$1" | sed -e 's/^ *//' -e 's/ *$//'
}

# json_elements TEXT: those of a list, one a line.
json_elements() {
  json_split "$1" '[' ']'
}

# json_split TEXT OPEN CLOSE: what stands between commas of the outermost level. Goes from one mark to the next, not by letters.
json_split() {
  case $1 in "$2"*"$3") ;; *) return 1 ;; esac
  json_rest=${1#?} json_rest=${json_rest%?} json_depth=0 json_part=''
  while [ -n "$json_rest" ]; do
    json_plain=${json_rest%%[]\"\{\}\[,\ ]*}
    json_part=$json_part$json_plain json_rest=${json_rest#"$json_plain"}
    case $json_rest in
      '') break ;;
      '"'*) json_string && continue || return 1 ;;
    esac
    json_mark=${json_rest%"${json_rest#?}"} json_rest=${json_rest#?}
    case $json_depth$json_mark in
      *[\[\{]) json_depth=$((json_depth + 1)) ;;
      *[]\}]) json_depth=$((json_depth - 1)) ;;
      0,)
        printf '%s\n' "$json_part"
        json_part=''
        continue
        ;;
    esac
    [ "$json_mark" = ' ' ] || json_part=$json_part$json_mark
  done
  [ -z "$json_part" ] || printf '%s\n' "$json_part"
}

# A string, whole, with its blanks and marks.
json_string() {
  json_part=$json_part'"' json_rest=${json_rest#?}
  while :; do
    json_plain=${json_rest%%[\"\\]*}
    json_part=$json_part$json_plain json_rest=${json_rest#"$json_plain"}
    case $json_rest in
      '"'*)
        json_part=$json_part'"' json_rest=${json_rest#?}
        return 0
        ;;
      "\\"?*)
        json_plain=${json_rest#??}
        json_part=$json_part${json_rest%"$json_plain"} json_rest=$json_plain
        ;;
      *) return 1 ;;
    esac
  done
}
