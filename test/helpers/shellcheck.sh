#!/bin/sh
# Checks the far-side program with shellcheck: its parts, and the joined program as plain POSIX sh and as dash.
# Without shellcheck it says so and succeeds, unless AIRGAP_TEST_REQUIRE names shellcheck.
set -eu
cd "$(dirname "$0")/../.."

if ! command -v shellcheck >/dev/null 2>&1; then
  echo 'shellcheck: skipped, there is no shellcheck program'
  case ",${AIRGAP_TEST_REQUIRE:-}," in *,shellcheck,*) exit 1 ;; esac
  exit 0
fi

joined=$(mktemp)
trap 'rm -f "$joined"' EXIT
node --import=tsx --input-type=module \
  -e "import { joinParts } from './src/far/program.ts'; process.stdout.write(joinParts(new URL('file://$PWD/src/far/sh/')));" \
  >"$joined"

# SC2317: commands are called by name (cmd_$command), which shellcheck cannot follow. SC2015: `a && b || fail`, where fail
# never returns. SC2012: names that are not hex are passed over. SC2016: docker's templates use $. SC2024: that files are opened without sudo is meant.
notes=SC2317,SC2012,SC2015,SC2016,SC2024
shellcheck -s sh -e "$notes" "$joined"
shellcheck -s dash -e "$notes" "$joined"
# SC2034, SC2154: a variable that one part sets and another reads; the joined program is checked without these.
shellcheck -s sh -e "$notes",SC2034,SC2154 src/far/sh/*.sh
shellcheck -s sh test/helpers/*.sh bundles/*/*.sh
echo 'shellcheck: the far-side program is clean'
