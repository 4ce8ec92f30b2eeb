// What `docker image inspect` and `docker history` tell, parsed. They show the config's fields but not its bytes.
import * as z from 'zod';
import { AirgapError } from '../errors.js';
import { type DiffId, type Digest, parseDiffId, parseDigest } from '../oci/digest.js';
import { tryReference } from '../oci/layout.js';
import { maxLayerCount } from '../oci/limits.js';
import { type HistoryEntry, parseRunConfig, type RunConfig } from '../oci/manifest.js';
import { normalisePlatform, type Platform } from '../oci/platform.js';
import type { Reference } from '../oci/reference.js';

export interface InspectedDockerImage {
  /** The engine's own: the config's digest on graphdrivers, a manifest's or index's on containerd stores. */
  readonly id: Digest;
  /** Without `<none>` and without names that airgap itself sets. */
  readonly references: readonly Reference[];
  readonly platform: Platform;
  readonly created: string | undefined;
  readonly author: string | undefined;
  readonly config: RunConfig;
  /** Empty where a containerd store has lost the content. */
  readonly diffIds: readonly DiffId[];
  /** Unpacked bytes. */
  readonly sizeBytes: number | undefined;
}

/** One line of `docker history`, as the engine tells it. */
export interface HistoryLine {
  /** The image this line made, where the engine has it. */
  readonly id: string | undefined;
  readonly createdBy: string;
  readonly comment: string;
  readonly created: string | undefined;
  readonly sizeBytes: number;
}

/** Names under this registry are airgap's own. */
const ownRegistry = 'airgap.local';

const inspectRow = z.object({
  Id: z.string(),
  RepoTags: z.array(z.string()).nullish(),
  RepoDigests: z.array(z.string()).nullish(),
  NamesHistory: z.array(z.string()).nullish(),
  Os: z.string().nullish(),
  Architecture: z.string().nullish(),
  Variant: z.string().nullish(),
  Created: z.string().nullish(),
  Author: z.string().nullish(),
  Config: z.record(z.string(), z.unknown()).nullish(),
  RootFS: z.object({ Layers: z.array(z.string()).max(maxLayerCount).nullish() }).nullish(),
  Size: z.number().nonnegative().nullish(),
});

const historyRow = z.object({
  ID: z.string().optional(),
  CreatedAt: z.string().optional(),
  CreatedBy: z.string(),
  Comment: z.string().optional(),
  Size: z.string(),
});

// As podman spells it.
const podmanHistoryRow = z.object({
  id: z.string().optional(),
  created: z.string().optional(),
  CreatedBy: z.string(),
  comment: z.string().optional(),
  size: z.number().nonnegative(),
});

/** The rows of `docker image inspect --format '{{json .}}'`, or of `podman image inspect`. @throws {AirgapError} ENGINE_ANSWER, DIGEST_INVALID */
export function parseInspect(answer: string, program: string): InspectedDockerImage[] {
  return jsonRows(answer, inspectRow, `${program} image inspect`).map((row) => {
    const where = `${program} image inspect`;
    return {
      // podman leaves the algorithm out.
      id: parseDigest(row.Id.includes(':') ? row.Id : `sha256:${row.Id}`, where),
      references: namesOf(row),
      platform: normalisePlatform({
        os: row.Os || 'linux',
        architecture: row.Architecture || 'amd64',
        ...(row.Variant ? { variant: row.Variant } : {}),
      }),
      created: row.Created || undefined,
      author: row.Author || undefined,
      config: parseRunConfig(row.Config ?? {}, where),
      diffIds: (row.RootFS?.Layers ?? []).map((text) => parseDiffId(text, where)),
      sizeBytes: row.Size ?? undefined,
    };
  });
}

/** Its tags; of an image that has lost them, or never had one, the repository that it was pulled from, and its digest there. */
function namesOf({ RepoTags, RepoDigests, NamesHistory }: z.infer<typeof inspectRow>): Reference[] {
  const referencesOf = (names: readonly string[] | null | undefined): Reference[] =>
    (names ?? [])
      .flatMap((name) => tryReference(name) ?? [])
      .filter((reference) => reference.registry !== ownRegistry);
  const tags = referencesOf(RepoTags);
  if (tags.length > 0) return tags;
  // podman tells a digest of its own making, too: that of the image as it would push it.
  const pulled = RepoDigests?.filter((name) => NamesHistory?.includes(name)) ?? [];
  return referencesOf([...pulled, ...(RepoDigests ?? [])]).slice(0, 1);
}

/** The rows of `docker image history --no-trunc --human=false --format '{{json .}}'`, of podman with `--format json`; oldest first. */
export function parseHistory(answer: string, program: string): HistoryLine[] {
  return jsonRows(answer, z.union([historyRow, podmanHistoryRow]), `${program} image history`)
    .map((row) =>
      'size' in row
        ? {
            id: row.id,
            createdBy: row.CreatedBy,
            comment: row.comment ?? '',
            created: row.created,
            sizeBytes: row.size,
          }
        : {
            id: row.ID,
            createdBy: row.CreatedBy,
            comment: row.Comment ?? '',
            created: row.CreatedAt,
            sizeBytes: /^[0-9]{1,15}$/.test(row.Size) ? Number(row.Size) : 0,
          },
    )
    .reverse();
}

/**
 * Which lines made a layer, oldest first; undefined if it cannot be told. Engines do not say which lines are empty, only
 * how large each is, and a layer may be of size 0 too.
 */
export function layerLines(
  lines: readonly HistoryLine[],
  layerCount: number,
): readonly HistoryLine[] | undefined {
  if (lines.length === layerCount) return lines;
  const filled = lines.filter((line) => line.sizeBytes > 0);
  if (filled.length === layerCount) return filled;
  const likely = lines.filter((line) => line.sizeBytes > 0 || !isMetadata(line));
  return likely.length === layerCount ? likely : undefined;
}

/** History as a config would have it. */
export function historyEntries(lines: readonly HistoryLine[], layerCount: number): HistoryEntry[] {
  const layers = layerLines(lines, layerCount);
  if (layers === undefined) return [];
  const made = new Set(layers);
  return lines.map((line) => ({
    ...(line.created === undefined ? {} : { created: line.created }),
    created_by: line.createdBy,
    ...(line.comment === '' ? {} : { comment: line.comment }),
    ...(made.has(line) ? {} : { empty_layer: true }),
  }));
}

function isMetadata({ createdBy }: HistoryLine): boolean {
  return /^(?:\/bin\/sh -c #\(nop\)\s+)?(?:ENV|CMD|ENTRYPOINT|LABEL|EXPOSE|USER|VOLUME|ARG|STOPSIGNAL|HEALTHCHECK|MAINTAINER|ONBUILD|SHELL)\b/.test(
    createdBy,
  );
}

/** docker prints a document a line; podman, whose template for that differs by version, is asked for one list. */
function jsonRows<T>(answer: string, schema: z.ZodType<T>, command: string): T[] {
  const engine = command.split(' ')[0] ?? command;
  if (answer.trimStart().startsWith('[')) {
    try {
      return z.array(schema).parse(JSON.parse(answer));
    } catch (cause) {
      throw new AirgapError('ENGINE_ANSWER', { engine, command, detail: answer.slice(0, 200) }, { cause });
    }
  }
  return answer
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      try {
        return schema.parse(JSON.parse(line));
      } catch (cause) {
        throw new AirgapError('ENGINE_ANSWER', { engine, command, detail: line.slice(0, 200) }, { cause });
      }
    });
}
