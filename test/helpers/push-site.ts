// A near side and a registry behind a proxy, for pushes: what is asked there, and how many bytes of blobs went.
import path from 'node:path';
import type { Receipt } from '../../src/receipt/receipt.js';
import type { RegistryProxy } from '../rig/registry-proxy.js';
import { createNear, type Near, type Outcome } from './airgap.js';
import { layoutSources } from './exports.js';
import type { TestImage } from './images.js';
import { type RegistrySite, withSite } from './registry-site.js';

export interface PushSite {
  readonly site: RegistrySite;
  readonly near: Near;
  readonly proxy: RegistryProxy;
  /** These images in a layout here, as sources. */
  layout(images: readonly TestImage[]): Promise<string[]>;
  /** Bytes of blobs that were sent since, mounts and manifests aside. */
  blobBytes(since?: number): number;
  /** A document of the registry itself. */
  manifest(name: string): Promise<{ readonly status: number; readonly digest: string; readonly raw: Buffer }>;
}

/** Lends one. */
export async function withPushSite(use: (push: PushSite) => Promise<void>): Promise<void> {
  await withSite(async (site) => {
    const near = await createNear({ AIRGAP_LANG: 'en' });
    try {
      const proxy = await site.proxy({ to: site.open.origin });
      await use({
        site,
        near,
        proxy,
        layout: (images) => layoutSources(path.join(near.folder, 'layout'), images),
        blobBytes: (since = 0) =>
          proxy.asked
            .slice(since)
            .filter(({ method, url }) => /^(?:PUT|PATCH)$/.test(method) && url.includes('/blobs/uploads/'))
            .reduce((sum, { bodyBytes }) => sum + bodyBytes, 0),
        manifest: async (name) => {
          const at = name.includes('@') ? name.indexOf('@') : name.lastIndexOf(':');
          const url = `${site.open.origin}/v2/${name.slice(0, at)}/manifests/${name.slice(at + 1)}`;
          const accept = ['manifest.v1', 'index.v1'].map((type) => `application/vnd.oci.image.${type}+json`);
          const answer = await fetch(url, { headers: { accept: accept.join(', ') } });
          const digest = answer.headers.get('docker-content-digest') ?? '';
          return { status: answer.status, digest, raw: Buffer.from(await answer.arrayBuffer()) };
        },
      });
    } finally {
      await near.remove();
    }
  });
}

/** The one receipt of a push that worked. */
export function receiptOf(outcome: Outcome): Receipt {
  const [receipt] = outcome.receipts;
  if (receipt === undefined) throw new Error(outcome.stdout + outcome.stderr);
  return receipt;
}
