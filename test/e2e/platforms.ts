// A name of two platforms goes from a registry into a bundle, and out of the bundle into a registry: the same index, to the byte.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { mediaTypes } from '../../src/oci/descriptor.js';
import { exportTo } from '../helpers/exports.js';
import { needing } from '../helpers/needs.js';
import { platformImages } from '../helpers/platforms.js';
import { withSite } from '../helpers/registry-site.js';

const test = needing('registry', 'skopeo');

test('an index of two platforms comes back from a bundle with the digest that it had in the registry', async (t) => {
  await withSite(async (site) => {
    const manifests: object[] = [];
    for (const image of platformImages('there-and-back', ['amd64', 'arm64'])) {
      const { digest } = await site.push.image('plant/multi', image.architecture, image);
      const answer = await fetch(`http://${site.open.host}/v2/plant/multi/manifests/${digest}`, {
        headers: { accept: mediaTypes.ociManifest },
      });
      const size = (await answer.arrayBuffer()).byteLength;
      const platform = { architecture: image.architecture, os: 'linux' };
      manifests.push({ mediaType: mediaTypes.ociManifest, digest, size, platform });
    }
    const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
    const digest = await site.push.manifest('plant/multi', '1', mediaTypes.ociIndex, index);
    const name = `${site.open.host}/plant/multi:1`;
    const { place, plan } = await exportTo(site.folder, {
      destination: path.join(site.folder, 'usb'),
      images: [{ source: `docker://${name}` }],
      platforms: 'all',
    });
    t.deepEqual(plan.indexes, [{ reference: name, platforms: 2, kept: digest }]);
    const back = `docker://${site.open.host}/back/multi:1`;
    const copy = ['copy', '--all', '--quiet', '--dest-tls-verify=false', `oci:${place}:${name}`, back];
    await promisify(execFile)('skopeo', ['--insecure-policy', ...copy]);
    const answer = await fetch(`http://${site.open.host}/v2/back/multi/manifests/1`, {
      method: 'HEAD',
      headers: { accept: mediaTypes.ociIndex },
    });
    t.is(answer.headers.get('docker-content-digest'), digest);
  });
});
