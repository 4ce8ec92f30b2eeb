// The way of a bundle without a cable: exported by the built program, copied as a drive is, imported by its own import.sh.
import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Bundle, openBundle } from '../../src/bundle/reader.js';
import type { RigHost } from '../rig/rig.js';
import type { Near } from './airgap.js';
import { type Drive, makeDrive } from './import-host.js';

export interface Exported {
  /** The bundle's folder or tar; of a split bundle the folder around its volumes. */
  readonly place: string;
  readonly bundle: Bundle;
  readonly stdout: string;
}

/** Runs `airgap export` into a folder of its own below the near side's. @throws {Error} where it fails, with what it said */
export async function exportNear(near: Near, name: string, words: readonly string[]): Promise<Exported> {
  const isTar = name.endsWith('.tar');
  const folder = path.join(near.folder, isTar ? '' : name);
  await mkdir(folder, { recursive: true });
  const target = isTar ? path.join(folder, name) : folder;
  const ran = await near.run(['export', target, ...words]);
  if (ran.exitCode !== 0) throw new Error(`export: ${ran.exitCode} ${ran.stderr}`);
  const isSplit = words.includes('--split');
  const place = isTar || isSplit ? target : path.join(folder, 'airgap-bundle');
  return { place, bundle: await openBundle([place]), stdout: ran.stdout };
}

/** Copies a bundle onto a fresh drive of that machine. @returns where it lies inside */
export async function carry(host: RigHost, place: string): Promise<{ drive: Drive; inside: string }> {
  const drive = await makeDrive(host);
  const name = path.basename(place);
  await cp(place, path.join(drive.outside, name), { recursive: true });
  return { drive, inside: `${drive.inside}/${name}` };
}
