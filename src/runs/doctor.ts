// `airgap doctor`: what is there, what is missing, what to do. It only makes the folders that a send would make.
import { enginesBeside } from '../engines/known.js';
import { type AirgapError, isAirgapError } from '../errors.js';
import type { Far } from '../far/facts.js';
import type { Host } from '../hosts/host.js';
import { formatPlatform } from '../oci/platform.js';
import type { Spool } from '../streams/spool.js';
import { formatBytes } from '../text/format.js';
import { text } from '../text/text.js';
import type { Finding } from './api.js';
import { clientId, type Environment } from './environment.js';
import { leftoverNames } from './far-names.js';
import type { NearEngine } from './prepare-host.js';
import type { RunContext } from './run.js';
import { findEngine } from './session.js';
import { checkState } from './state-folder.js';

// Room that a middling image needs twice; below it a warning is worth its line.
const lowBytes = 2e9;

export interface DoctorParts {
  readonly environment: Environment;
  /** Version of an engine here; undefined where it is not, except for docker. @throws ENGINE_* */
  engineVersion(engine: NearEngine['program']): Promise<string | undefined>;
  /** How many images of containers killed runs of ours have left in it. @throws ENGINE_* */
  leftContainerImages(): Promise<number>;
  hasProgram(name: string): Promise<boolean>;
  codecName(): Promise<string>;
  openSpool(): Promise<Spool>;
  openHost(): Promise<Host>;
  openFar(host: Host, client: string): Promise<Far>;
}

/** Findings about this machine. Never throws for what it finds. */
export async function doctorHere(parts: DoctorParts): Promise<Finding[]> {
  const say = text().doctor;
  const { subjects } = say;
  const findings: Finding[] = [
    { level: 'ok', subject: subjects.node, text: say.node(process.version) },
    { level: 'ok', subject: subjects.codec, text: say.codec(await parts.codecName()) },
  ];
  try {
    findings.push({
      level: 'ok',
      subject: subjects.docker,
      text: say.dockerHere((await parts.engineVersion('docker')) ?? '?'),
    });
    const left = await parts.leftContainerImages();
    if (left > 0) {
      const hint = say.leftContainersHint;
      findings.push({ level: 'warning', subject: subjects.leftovers, text: say.leftContainers(left), hint });
    }
    findings.push(...(await othersHere(parts, ['podman'])));
  } catch (error) {
    findings.push(found('warning', subjects.docker, error));
    // Where docker answers, a containerd may be its own.
    findings.push(...(await othersHere(parts, ['podman', 'containerd'])));
  }
  findings.push(
    (await parts.hasProgram('ssh'))
      ? { level: 'ok', subject: subjects.ssh, text: say.sshHere }
      : { level: 'ok', subject: subjects.ssh, text: say.noSsh, hint: say.noSshHint },
    {
      level: 'ok',
      subject: subjects.agent,
      text: parts.environment.env.SSH_AUTH_SOCK ? say.agentHere : say.noAgent,
    },
  );
  findings.push(await stateFinding(parts.environment.stateDirectory));
  try {
    const spool = await parts.openSpool();
    const free = await spool.freeBytes();
    await spool.close();
    const where = say.spoolRoom(spool.directory, formatBytes(free));
    findings.push(
      free < lowBytes
        ? {
            level: 'warning',
            subject: subjects.spool,
            text: say.spoolLow(where),
            hint: say.spoolLowHint,
          }
        : { level: 'ok', subject: subjects.spool, text: where },
    );
  } catch (error) {
    findings.push(found('problem', subjects.spool, error));
  }
  return findings;
}

/** Findings about a host. What stops a send is a problem; the rest of the list is still told where it can be. */
export async function doctorHost(
  parts: DoctorParts,
  hostName: string,
  engine: string | undefined,
  { ask }: RunContext,
): Promise<Finding[]> {
  const say = text().doctor;
  const { subjects } = say;
  const findings: Finding[] = [];
  let host: Host | undefined;
  let reached: 'host' | 'state' | 'stage' | 'engine' = 'host';
  try {
    host = await parts.openHost();
    findings.push({ level: 'ok', subject: subjects.host, text: say.connected(host.address) });
    reached = 'state';
    const client = await clientId(parts.environment.stateDirectory);
    reached = 'stage';
    const far = await parts.openFar(host, client);
    findings.push({ level: 'ok', subject: subjects.stage, text: say.stage(far.stage) });
    reached = 'engine';
    const { call, probe, facts } = await findEngine({ far, hostName, engine, ask });
    findings.push({
      level: 'ok',
      subject: subjects.engine,
      text: say.engineUp(facts.name, facts.version, facts.storeLabel),
    });
    // For whoever meant one of those; a plan says it, too.
    const others = engine === undefined ? enginesBeside(probe, call.engine) : [];
    if (others.length > 0)
      findings.push({
        level: 'ok',
        subject: subjects.engine,
        text: text().words.plan.otherEngines(facts.name, others),
      });
    if (call.sudo !== 'no') {
      findings.push({
        level: 'ok',
        subject: subjects.sudo,
        text: call.sudo === 'n' ? say.sudoUsed : say.sudoPassword,
      });
    }
    findings.push({ level: 'ok', subject: subjects.platform, text: formatPlatform(facts.platform) });
    findings.push(toolFinding(probe.tools));
    findings.push({ level: 'ok', subject: subjects.hash, text: say.hash(probe.hashTool) });
    for (const [path, bytes] of probe.free) {
      const isStage = path === far.stage;
      const subject = subjects.room[isStage ? 'stage' : path === facts.root ? 'engine' : 'temp'];
      findings.push(
        bytes < lowBytes
          ? { level: 'warning', subject, text: say.low(path, bytes), hint: say.lowHint(call.engine) }
          : { level: 'ok', subject, text: say.freeIn(path, bytes) },
      );
    }
    const held = await far.held(call);
    const broken = held.images.filter((image) => image.diffIds === undefined).length;
    findings.push({
      level: broken > 0 ? 'warning' : 'ok',
      subject: subjects.images,
      text: say.images(held.images.length, broken),
      ...(broken > 0 ? { hint: say.brokenHint(call.engine) } : {}),
    });
    for (const stage of probe.stages.filter(({ bytes }) => bytes > 0)) {
      const hint = say.leftStageHint(hostName);
      const left = say.leftStage(stage.bytes, stage.client === client);
      findings.push({ level: 'warning', subject: subjects.leftovers, text: left, hint });
    }
    for (const owner of probe.containers) {
      const left = say.leftContainer(`airgap-verify-${owner}`, owner === client);
      const hint = say.leftContainerHint(hostName);
      findings.push({ level: 'warning', subject: subjects.leftovers, text: left, hint });
    }
    const names = leftoverNames(held.tags.keys(), client).length;
    if (names > 0) {
      findings.push({
        level: 'warning',
        subject: subjects.leftovers,
        text: say.leftNames(names),
        hint: say.leftNamesHint,
      });
    }
  } catch (error) {
    findings.push(found('problem', subjects[reached], error));
  } finally {
    await host?.close();
  }
  return findings;
}

async function othersHere(
  parts: DoctorParts,
  engines: readonly ('podman' | 'containerd')[],
): Promise<Finding[]> {
  const say = text().doctor;
  const findings: Finding[] = [];
  for (const engine of engines) {
    const subject = say.subjects[engine];
    try {
      const version = await parts.engineVersion(engine);
      if (version !== undefined)
        findings.push({ level: 'ok', subject, text: say.otherHere[engine](version) });
    } catch (error) {
      findings.push(found('warning', subject, error));
    }
  }
  return findings;
}

async function stateFinding(directory: string): Promise<Finding> {
  const say = text().doctor;
  try {
    await checkState(directory);
    return { level: 'ok', subject: say.subjects.state, text: say.stage(directory) };
  } catch (error) {
    return found('problem', say.subjects.state, error);
  }
}

function toolFinding(tools: ReadonlySet<string>): Finding {
  const say = text().doctor;
  const subject = say.subjects.tools;
  if (tools.has('zstd')) return { level: 'ok', subject, text: say.toolsGood([...tools].toSorted()) };
  if (tools.has('gzip')) return { level: 'warning', subject, text: say.noZstd, hint: say.noZstdHint };
  return { level: 'warning', subject, text: say.nothingToDecompress, hint: say.noZstdHint };
}

function found(level: Finding['level'], subject: string, error: unknown): Finding {
  if (!isAirgapError(error)) throw error;
  const { message, hint } = error as AirgapError;
  return { level, subject, text: message, ...(hint === undefined ? {} : { hint }) };
}
