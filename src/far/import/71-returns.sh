# What goes home with the drive: receipt and passport in airgap-returns, beside the bundle; names are safe on FAT. The drive is not
# trusted, and this may be root: nothing is written through a link, or into anything that was there before.

# Printed where the drive cannot be written.
hand_over() {
  : >"$work/passport"
  if [ "$engine" != none ]; then
    read_held
    write_passport >"$work/passport"
  fi
  stem=$(date -u +%Y%m%dT%H%M%SZ)-$(printf '%s' "$host" | tr -c 'A-Za-z0-9.\n-' _ | cut -b 1-60)
  if find_returns && (write_returns) 2>/dev/null; then
    sync
    say written "$returns"
    return 0
  fi
  say printed
  cat "$work/receipt"
}

# find_returns, into $returns: beside the folder or tar, as that is really called: it may be named `.`, or through a link.
find_returns() {
  case $bundle_place in
    /*) returns=$bundle_place ;;
    *) returns=$PWD/$bundle_place ;;
  esac
  if [ -d "$returns" ]; then
    returns=$(cd "$returns" && pwd -P) || return 1
    returns=${returns%/*}
  else
    returns=$(cd "${returns%/*}/" 2>/dev/null && pwd -P) || return 1
  fi
  returns=${returns%/}/airgap-returns
}

# In a shell of its own, inside that very folder: who carries the drive may read what lies there, whoever imported.
write_returns() {
  umask 022
  [ ! -L "$returns" ] && mkdir -p "$returns" && cd "$returns" && [ "$(pwd -P)" = "$returns" ] || return 1
  claim_stem || return 1
  return_file receipt && return_file passport && return 0
  [ -s "./$stem-receipt.json" ] || rm -f "./$stem-receipt.json"
  return 1
}

# is_free FILE: there is nothing of that name, not even a link to nowhere.
is_free() {
  [ ! -e "./$1" ] && [ ! -L "./$1" ]
}

# claim_stem: another import of the same second has a name of its own, sorted behind the first. Who makes the file first has it; a drive may know no links.
claim_stem() {
  wanted_stem=$stem claims=1
  until is_free "$stem-receipt.json" && is_free "$stem-passport.json" && (set -C && : >"./$stem-receipt.json"); do
    { ! is_free "$stem-receipt.json" || ! is_free "$stem-passport.json"; } && [ "$claims" -lt 99 ] || return 1
    claims=$((claims + 1)) stem=$wanted_stem.$claims
  done
}

# return_file KIND: whole under its name, or not there. What lay under the name of the half is removed, never opened.
return_file() {
  [ -s "$work/$1" ] || return 0
  half=.airgap-$$-$1
  rm -f "./$half" && is_free "$half" && (set -C && cat "$work/$1" >"./$half") && mv -f "./$half" "./$stem-$1.json" && return 0
  rm -f "./$half"
  return 1
}
