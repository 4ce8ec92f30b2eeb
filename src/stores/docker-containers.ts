// The containers of a docker engine, running or not: each can be sent as an image.
import * as z from 'zod';
import { isAirgapError } from '../errors.js';
import { printable } from '../text/format.js';
import type { DockerCli } from './docker-cli.js';

export interface ContainerSummary {
  readonly name: string;
  /** The name of its image, as it was run. */
  readonly image: string;
  readonly running: boolean;
  /** As the engine says it: `Up 3 hours`, `Exited (0) 2 days ago`. */
  readonly state: string;
  readonly createdAt: string | undefined;
}

// `{{json .}}` of docker 20.10 to 28; other keys are not looked at.
const row = z.object({
  Names: z.string().min(1).max(1000),
  Image: z.string().max(1000),
  State: z.string().max(100).catch(''),
  Status: z.string().max(200).catch(''),
  CreatedAt: z.string().max(100).catch(''),
});

/** What podman's `json` tells of one; a list of them, in 4.3 over several lines. */
const podmanRow = z.object({
  Names: z.array(z.string().max(1000)).min(1),
  Image: z.string().max(1000),
  ImageID: z.string().regex(/^[0-9a-f]{64}$/),
  State: z.string().max(100).catch(''),
  Status: z.string().max(200).catch(''),
  Created: z.number().optional().catch(undefined),
});

/** One that is paused, or between two starts of its restart policy, is in service all the same: `docker ps` lists it, too. */
const runs = (state: string): boolean => /^(?:running|paused|restarting|stopping)$/.test(state);

/** Every container, the newest first as the engine lists them. @throws {AirgapError} ENGINE_* */
export async function listContainers(cli: DockerCli): Promise<ContainerSummary[]> {
  if (cli.program === 'podman') return (await listPodman(cli)).map(({ summary }) => summary);
  const listing = await cli.run(['container', 'ls', '--all', '--no-trunc', '--format', '{{json .}}'], {
    lenient: true,
  });
  return listing.split('\n').flatMap((line) => {
    const parsed = row.safeParse(parseJson(line));
    if (!parsed.success) return [];
    const { Names, Image, State, Status, CreatedAt } = parsed.data;
    // A container that others link to has several names; its own has no slash.
    const name = Names.split(',').find((one) => !one.includes('/')) ?? '';
    // 2026-11-25 10:00:00 +0000 UTC: the last word says the same again.
    const time = Date.parse(CreatedAt.replace(/ [A-Z]+$/, ''));
    return {
      name,
      image: Image,
      running: runs(State),
      state: printable(Status),
      createdAt: Number.isNaN(time) ? undefined : new Date(time).toISOString(),
    };
  });
}

async function listPodman(
  cli: DockerCli,
): Promise<readonly { readonly summary: ContainerSummary; readonly imageId: string }[]> {
  const listing = await cli.run(['container', 'ls', '--all', '--no-trunc', '--format', 'json'], {
    lenient: true,
  });
  const rows = parseJson(listing);
  return (Array.isArray(rows) ? rows : []).flatMap((one) => {
    const parsed = podmanRow.safeParse(one);
    if (!parsed.success) return [];
    const { Names, Image, ImageID, State, Status, Created } = parsed.data;
    const summary = {
      name: Names[0] ?? '',
      image: Image,
      running: runs(State),
      state: printable(Status),
      createdAt: Created === undefined ? undefined : new Date(Created * 1000).toISOString(),
    };
    return [{ summary, imageId: ImageID }];
  });
}

/** What the running ones were made from, each once: the name as it was run, or the ID where that name has moved on. */
export async function listRunningImages(cli: DockerCli): Promise<string[]> {
  if (cli.program === 'podman') return await listRunningOfPodman(cli);
  const containers = await listContainers(cli);
  return [...new Set(containers.flatMap(({ image, running }) => (running ? [image] : [])))];
}

/** podman tells the name as it was run even when it stands for another image since. */
async function listRunningOfPodman(cli: DockerCli): Promise<string[]> {
  const running = (await listPodman(cli)).filter(({ summary }) => summary.running);
  const found = new Set<string>();
  // Ten containers of one image are one question.
  for (const { summary, imageId } of new Map(
    running.map((one) => [`${one.summary.image} ${one.imageId}`, one]),
  ).values()) {
    const id = await cli
      .run(['image', 'inspect', '--format', '{{.Id}}', summary.image])
      .catch((error: unknown) => {
        if (!isAirgapError(error, 'IMAGE_UNKNOWN')) throw error;
        return '';
      });
    found.add(id.trim().replace(/^sha256:/, '') === imageId ? summary.image : `sha256:${imageId}`);
  }
  return [...found];
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
