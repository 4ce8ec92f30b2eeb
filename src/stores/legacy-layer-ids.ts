// Which layer a `<v1id>/layer.tar` of Docker ≤ 24 is, told before its bytes: the v1 ID is the digest of the `json` beside it with
// the layer's chainID put in, so each chainID that may be meant is tried. A hint that proves itself; without it, hash the bytes.
// @see moby v20.10 image/v1/imagev1.go CreateID, image/tarexport/save.go saveImage
import { type ChainId, type DiffId, digestOf } from '../oci/digest.js';

export interface LegacyLayer {
  /** The folder's name: 64 hex digits. */
  readonly v1Id: string;
  /** Its file `json`, as text. */
  readonly json: string;
  /** The chainIDs of all images in the archive, and the layer on top of each. */
  readonly chains: ReadonlyMap<ChainId, DiffId>;
}

/** The layer's diffID; undefined if no chain fits. */
export function identifyLegacyLayer({ v1Id, json, chains }: LegacyLayer): DiffId | undefined {
  const members = splitObject(json);
  if (members === undefined) return undefined;
  const parent = members.get('parent');
  members.delete('id');
  members.delete('parent');
  if (parent !== undefined) members.set('parent', `"sha256:${parent.slice(1)}`);
  for (const [chainId, diffId] of chains) {
    members.set('layer_id', `"${chainId}"`);
    // Docker adds `os` after it has made the ID, but the top layer's comes out of the config and is in it.
    for (const skipped of ['', 'os']) {
      const text = [...members]
        .filter(([key]) => key !== skipped)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => `${JSON.stringify(key)}:${value}`)
        .join(',');
      if (digestOf(`{${text}}`) === `sha256:${v1Id}`) return diffId;
    }
  }
  return undefined;
}

/** The members of a compact JSON object, each value's text untouched: order and escapes inside count for the digest. */
function splitObject(json: string): Map<string, string> | undefined {
  const text = json.trim();
  if (!text.startsWith('{') || !text.endsWith('}')) return undefined;
  const members = new Map<string, string>();
  let depth = 0;
  let inString = false;
  let start = 1;
  for (let at = 1; at < text.length; at += 1) {
    const letter = text[at];
    if (inString) {
      if (letter === '\\') at += 1;
      else if (letter === '"') inString = false;
    } else if (letter === '"') {
      inString = true;
    } else if (letter === '{' || letter === '[') {
      depth += 1;
    } else if ((letter === ',' && depth === 0) || at === text.length - 1) {
      const member = /^"([a-zA-Z_]+)":(.+)$/s.exec(text.slice(start, at));
      if (member === null) return undefined;
      members.set(member[1] ?? '', member[2] ?? '');
      start = at + 1;
    } else if (letter === '}' || letter === ']') {
      depth -= 1;
    }
  }
  return members;
}
