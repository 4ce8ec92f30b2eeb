#!/bin/sh
# Checks the far-side programs with shellcheck: their parts, and the joined programs as plain POSIX sh and as dash.
# Without shellcheck it says so and succeeds, unless AIRGAP_TEST_REQUIRE names shellcheck.
set -eu
cd "$(dirname "$0")/../.."

if ! command -v shellcheck >/dev/null 2>&1; then
  echo 'shellcheck: skipped, there is no shellcheck program'
  case ",${AIRGAP_TEST_REQUIRE:-}," in *,shellcheck,*) exit 1 ;; esac
  exit 0
fi

joined=$(mktemp -d)
trap 'rm -rf "$joined"' EXIT
node --import=tsx --input-type=module -e "
import { writeFileSync } from 'node:fs';
import { farEngines, joinFar, joinImport } from './src/far/program.ts';
const parts = new URL('file://$PWD/src/far/');
for (const engine of farEngines) writeFileSync('$joined/far-' + engine + '.sh', joinFar(parts, engine));
writeFileSync('$joined/import.sh', joinImport(parts));"

# SC2317: commands are called by name (cmd_$command), which shellcheck cannot follow. SC2015: `a && b || fail`, where fail
# never returns. SC2012: names that are not hex are passed over. SC2016: docker's templates use $. SC2024: that files are opened without sudo is meant.
notes=SC2317,SC2012,SC2015,SC2016,SC2024
# import.sh leaves out callers of some parts (SC2034), splits words that it has checked (SC2046, SC2086, SC2013).
own=$notes,SC2034,SC2046,SC2086,SC2013
# The longest first, and as many at once as there are cores.
# What the parts of one engine read or call, another engine's leave alone (SC2034, SC2119, SC2120).
# SC2034, SC2154: a variable that one part sets and another reads; the joined programs are checked without these.
xargs -P "$(nproc)" -I ARGS sh -c 'exec shellcheck ARGS' <<END
-s sh -e $own $joined/import.sh
-s dash -e $own $joined/import.sh
-s sh -e $notes,SC2034,SC2119,SC2120 $joined/far-*.sh
-s dash -e $notes,SC2034,SC2119,SC2120 $joined/far-*.sh
-s sh -e $own,SC2154 src/far/import/*.sh
-s sh -e $notes,SC2034,SC2154 src/far/sh/*.sh
-s sh test/helpers/*.sh bundles/*/*.sh
END
echo 'shellcheck: the far-side programs are clean'
