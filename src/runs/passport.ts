// `airgap passport`: what a host holds, as the small file that an export takes with --for. Nothing changes there but the stage.
import { formatPassport, type Passport, passportVersion } from '../bundle/passport.js';
import type { Far } from '../far/facts.js';
import { formatPlatform } from '../oci/platform.js';
import type { PassportResult } from './api.js';
import { type FindEngineOptions, findEngine } from './session.js';

// What import.sh can write without a quoting of its own: the two makers tell the same.
const plainName = /^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/;

/** @throws {AirgapError} FAR_ENGINE_*, FAR_SUDO_DENIED, FAR_* */
export async function makePassport(options: FindEngineOptions): Promise<PassportResult> {
  const { call, probe, facts } = await findEngine(options);
  const held = await options.far.held(call);
  const machine = await options.far.passport();
  const names = Map.groupBy(
    [...held.tags].filter(([name]) => plainName.test(name)),
    ([, id]) => id,
  );
  const passport: Passport = {
    airgap: 'passport',
    version: passportVersion,
    host: machine.host,
    made: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    engine: {
      name: facts.name,
      version: facts.version,
      store: facts.storeLabel,
      kind: facts.storeKind,
    },
    platform: formatPlatform(facts.platform),
    tools: [...machine.tools],
    free: freeOf(options.far, probe),
    config: [...machine.config],
    images: held.images.flatMap(({ farId: id, diffIds = [] }) =>
      // One whose record is damaged holds nothing that anybody could lean on.
      diffIds.length === 0
        ? []
        : [{ id, names: (names.get(id) ?? []).map(([name]) => name), diffIds: [...diffIds] }],
    ),
    blobs: [...held.blobs].map(([digest, { size: bytes, diffId }]) => ({
      digest,
      ...(diffId === undefined ? {} : { diffId }),
      bytes,
    })),
  };
  return { passport, document: formatPassport(passport) };
}

/** Room where an import stages and where the engine keeps images. */
function freeOf(
  { stage }: Far,
  {
    free,
    engineRoot,
  }: { readonly free: ReadonlyMap<string, number>; readonly engineRoot: string | undefined },
): Record<string, number> {
  const wanted = new Set([stage, engineRoot]);
  return Object.fromEntries([...free].filter(([path]) => wanted.has(path)));
}
