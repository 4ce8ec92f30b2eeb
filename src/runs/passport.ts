// `airgap passport`: what a host holds, as the small file that an export takes with --for. Nothing changes there but the stage.
import { formatPassport, type Passport, passportVersion } from '../bundle/passport.js';
import type { Far } from '../far/facts.js';
import { formatPlatform } from '../oci/platform.js';
import type { PassportResult } from './api.js';
import { type EngineSession, type FindEngineOptions, findEngine } from './session.js';

// What import.sh can write without a quoting of its own: the two makers tell the same.
const plainName = /^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/;

/** @throws {AirgapError} FAR_ENGINE_*, FAR_SUDO_DENIED, FAR_* */
export async function makePassport(options: FindEngineOptions): Promise<PassportResult> {
  return await passportOf(options.far, await findEngine(options));
}

/** As `makePassport`, in a session that there is: nobody is asked anything again. @throws {AirgapError} FAR_* */
export async function passportIn(far: Far, session: EngineSession): Promise<PassportResult> {
  // What is free has changed since.
  return await passportOf(far, { ...session, probe: await far.probe(session.call) });
}

async function passportOf(far: Far, { call, probe, facts }: EngineSession): Promise<PassportResult> {
  const held = await far.held(call);
  const machine = await far.passport();
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
    free: freeOf(far, probe),
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
  return { passport, document: formatPassport(passport), otherEngines: probe.others };
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
