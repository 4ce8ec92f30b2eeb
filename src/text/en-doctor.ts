// What doctor finds, in words, and what the demo tells.
import { pruneCommand } from './engine-commands.js';
import { count, formatBytes } from './format.js';

/** Subjects and sentences of findings. */
export const doctor = {
  subjects: {
    node: 'Node',
    docker: 'docker',
    podman: 'podman',
    containerd: 'containerd',
    ssh: 'ssh',
    agent: 'ssh-agent',
    state: 'Receipts',
    spool: 'Spool',
    codec: 'Compression',
    host: 'Connection',
    engine: 'Engine',
    platform: 'Platform',
    images: 'Images',
    tools: 'Programs',
    hash: 'Hashing',
    stage: 'Stage',
    leftovers: 'Left behind',
    room: { stage: 'Room, stage', engine: 'Room, engine', temp: 'Room, temporary' },
    sudo: 'sudo',
  },
  node: (version: string) => `Node ${version}`,
  codec: (name: string) => `zstd by ${name}`,
  engineUp: (engine: string, version: string, store: string) => `${engine} ${version}, ${store}`,
  dockerHere: (version: string) => `docker ${version} answers`,
  otherHere: {
    podman: (version: string) => `podman ${version} is here; containers-storage:NAME names its images`,
    containerd: (version: string) => `containerd ${version} answers; containerd:NAME names its images`,
  },
  sshHere: 'the ssh program is here (--ssh openssh can be used)',
  noSsh: 'there is no ssh program; the built-in SSH is used',
  noSshHint: 'Install openssh-client if you need certificates, security keys or ProxyCommand',
  agentHere: 'an agent is running',
  noAgent: 'no agent is running; keys are read from files',
  spoolRoom: (path: string, free: string) => `${path}, ${free} free`,
  spoolLow: (where: string) => `${where}: little room is left for layers on their way`,
  spoolLowHint: 'Free some room (airgap spool prune), or give --spool DIR on another disk',
  connected: (address: string) => `reached ${address}`,
  toolsGood: (tools: readonly string[]) => `has ${tools.join(', ')}`,
  noZstd: 'has no zstd program; layers travel as gzip, about a fifth larger',
  noZstdHint: 'Install zstd there if you can; nothing else changes',
  nothingToDecompress: 'has neither zstd nor gzip; layers travel unpacked',
  hash: (tool: string) => `segments are checked by ${tool}`,
  stage: (path: string) => `${path} can be written`,
  freeIn: (path: string, bytes: number) => `${formatBytes(bytes)} free in ${path}`,
  low: (path: string, bytes: number) => `only ${formatBytes(bytes)} free in ${path}`,
  lowHint: (engine: string) => `Free some room there${pruneCommand(engine, [', for example with ', ''])}`,
  images: (n: number, broken: number) =>
    broken === 0
      ? `${count(n, 'image')} there`
      : `${count(n, 'image')} there, ${broken} with a broken record`,
  brokenHint: (engine: string) =>
    `Broken images are sent whole again when they are sent${pruneCommand(engine, ['; ', ' removes those without a name'])}`,
  leftStage: (bytes: number, mine: boolean) =>
    `${formatBytes(bytes)} of an unfinished send ${mine ? 'from here' : 'from another machine or user'} lie in the stage`,
  leftStageHint: (host: string) => `Repeat that send to finish it, or run airgap clean ${host}`,
  leftNames: (n: number) => `${count(n, 'temporary name')} of a cut run, under airgap.local/`,
  leftContainers: (n: number) =>
    `${count(n, 'image')} of a container, from a killed run, under airgap.local/container`,
  leftContainersHint: 'They go with the next run that takes a container, or by docker image rm',
  leftNamesHint: 'They go with the next send to that host',
  sudoUsed: 'the engine is reached by sudo without a password',
  sudoPassword: 'the engine is reached by sudo, which asks for a password',
  leftContainer: (name: string, mine: boolean) =>
    `the container ${name} of a run ${mine ? 'from here' : 'from another machine or user'} that was cut`,
  leftContainerHint: (host: string) => `Remove it with airgap clean ${host} (--all for those of others)`,
  cleanQuestion: (stage: string, host: string, all: boolean, containers: number) =>
    `Remove ${all ? 'every unfinished send' : 'unfinished sends from here'} in ${stage}${containers === 0 ? '' : `, and ${count(containers, 'container')} that a cut one left,`} on ${host}`,
} as const;
