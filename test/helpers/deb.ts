// Small .deb files, built by dpkg-deb itself.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from '../rig/rig.js';

export interface DebSpec {
  readonly name: string;
  readonly version?: string;
  readonly depends?: string;
  /** More lines of the control file. */
  readonly control?: string;
  /** By path. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Writes one into the folder. @returns the file */
export async function buildDeb(folder: string, spec: DebSpec, fileName?: string): Promise<string> {
  const { name, version = '1.0', depends, control = '', files = {} } = spec;
  const tree = await mkdtemp(path.join(tmpdir(), 'airgap-deb-'));
  try {
    await mkdir(path.join(tree, 'DEBIAN'));
    const lines = [
      `Package: ${name}`,
      `Version: ${version}`,
      'Architecture: all',
      'Maintainer: Nobody <n@x.lan>',
    ];
    if (depends !== undefined) lines.push(`Depends: ${depends}`);
    await writeFile(
      path.join(tree, 'DEBIAN/control'),
      `${lines.join('\n')}\n${control}Description: a test\n of it\n`,
    );
    for (const [at, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(tree, at)), { recursive: true });
      await writeFile(path.join(tree, at), content);
    }
    const file = path.join(folder, fileName ?? `${name}_${version}_all.deb`);
    await run(['dpkg-deb', '--root-owner-group', '--nocheck', '-Zgzip', '--build', tree, file]);
    return file;
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}
