// airgap verify and airgap show: bundles that are looked at, and not changed.
import { AirgapError } from '../../errors.js';
import type { VerifyResult } from '../../runs/api.js';
import { printable } from '../../text/format.js';
import { text } from '../../text/text.js';
import { viewBundle, viewVerified } from '../../views/bundle.js';
import { type Flags, given, isSet, word } from '../flags.js';
import { followRun, resultOf } from '../follow-run.js';
import { usage } from '../parse-options.js';
import { jsonLine } from '../report-json.js';
import type { World } from '../world.js';

/** @returns 0, or with --json the exit code of what was found. @throws {AirgapError} BUNDLE_FINDINGS, BUNDLE_VOLUME_MISSING, SIGNATURE_INVALID */
export async function verify(world: World, args: readonly string[], flags: Flags): Promise<number> {
  const allowedSigners = word(flags, 'allowedSigners');
  const requireSignature = isSet(flags, 'requireSignature');
  // A signature by just anybody proves nothing.
  if (requireSignature && allowedSigners === undefined)
    throw usage(text().words.commands.wrong.requireSignature, 'verify');
  const core = await world.openCore();
  const run = core.verify({
    paths: args,
    deep: isSet(flags, 'deep'),
    requireSignature,
    ...given('allowedSigners', allowedSigners),
  });
  const json = isSet(flags, 'json');
  const quiet = json || !world.stderr.isLive;
  const result = resultOf(await followRun(run, world, { quiet, hostCount: 1 }));
  const failure = failureOf(result);
  if (json) {
    world.stdout.raw(jsonLine({ version: 1, ...result }));
    return failure?.exitCode ?? 0;
  }
  // Where nothing is shown of a run, its warnings would be lost.
  if (quiet)
    world.stderr.lines(
      result.emptyPaths.map((empty) =>
        text().words.progress.warning(text().words.bundle.emptyFolder(printable(empty))),
      ),
    );
  world.stdout.lines(viewVerified(result, world.stdout.columns()));
  if (failure !== undefined) throw failure;
  return 0;
}

/** @returns the exit code. */
export async function showBundle(world: World, args: readonly string[], flags: Flags): Promise<number> {
  const core = await world.openCore();
  const shown = await core.show(args);
  if (isSet(flags, 'json')) world.stdout.raw(jsonLine({ version: 1, bundle: shown }));
  else world.stdout.lines(viewBundle(shown, world.stdout.columns()));
  return 0;
}

/** What the program ends with: damage before a signature, a signature before a volume that is only elsewhere. */
function failureOf(result: VerifyResult): AirgapError | undefined {
  const { path, findings, missingVolumes, name, volumeCount, signature } = result;
  const damage = findings.filter(({ code }) => code !== 'BUNDLE_VOLUME_MISSING');
  if (signature.state === 'invalid' && damage.length === 1) {
    const { problem, detail } = signature;
    return new AirgapError('SIGNATURE_INVALID', { path, problem, detail });
  }
  if (damage.length > 0) return new AirgapError('BUNDLE_FINDINGS', { path, count: findings.length });
  if (missingVolumes.length === 0) return undefined;
  const facts = { name: name ?? path, missing: missingVolumes, of: volumeCount };
  return new AirgapError('BUNDLE_VOLUME_MISSING', facts);
}
