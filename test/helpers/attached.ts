// An image of two platforms at a registry with all that can be attached to it, and what a push of it must have left.
import type { ExecutionContext } from 'ava';
import { type Descriptor, mediaTypes } from '../../src/oci/descriptor.js';
import { type Digest, digestOf, hexOf } from '../../src/oci/digest.js';
import { testImage, testLayer } from './images.js';
import type { PushSite } from './push-site.js';

/** Where `makeAttached` puts it. */
export const attachedRepository = 'far/multi';

export interface Made {
  readonly index: Digest;
  readonly attestation: Digest;
  readonly sbom: Digest;
  readonly signatureOfSbom: Digest;
  readonly cosign: Digest;
}

/** An index of two platforms with an attestation inside, a list of parts that refers to it, signed itself, and cosign's tag. */
export async function makeAttached({ site, manifest }: PushSite, baseBytes = 5000): Promise<Made> {
  const { push } = site;
  const entries: object[] = [];
  const base = testLayer('attached-base', baseBytes);
  for (const architecture of ['amd64', 'arm64']) {
    const layers = [base, testLayer(`attached-${architecture}`, 2000)];
    const { digest } = await push.image(
      attachedRepository,
      architecture,
      testImage({ name: 'x', layers, architecture }),
    );
    const { raw } = await manifest(`${attachedRepository}:${architecture}`);
    const mediaType = mediaTypes.ociManifest;
    entries.push({ mediaType, digest, size: raw.byteLength, platform: { os: 'linux', architecture } });
  }
  const blob = async (mediaType: string, content: object): Promise<Descriptor> => {
    const bytes = Buffer.from(JSON.stringify(content));
    return { mediaType, digest: await push.blob(attachedRepository, bytes), size: bytes.byteLength };
  };
  const put = async (document: object, tag?: string): Promise<Descriptor> => {
    const mediaType = mediaTypes.ociManifest;
    const whole = { schemaVersion: 2, mediaType, ...document };
    const raw = JSON.stringify(whole);
    const digest = digestOf(raw);
    await push.manifest(attachedRepository, tag ?? digest, mediaType, whole);
    return { mediaType, digest, size: Buffer.byteLength(raw) };
  };
  /** The list that a registry of this age keeps as a tag. */
  const list = async (subject: Digest, referrer: Descriptor): Promise<void> => {
    const document = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [referrer] };
    await push.manifest(attachedRepository, `sha256-${hexOf(subject)}`, mediaTypes.ociIndex, document);
  };
  const config = await blob(mediaTypes.ociConfig, { architecture: 'unknown', os: 'unknown' });
  const empty = await blob('application/vnd.oci.empty.v1+json', {});
  const attestation = await put({
    config,
    layers: [await blob('application/vnd.in-toto+json', { builtBy: 'us' })],
  });
  const platform = { os: 'unknown', architecture: 'unknown' };
  const document = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [...entries, { ...attestation, platform }],
  };
  const index = await push.manifest(attachedRepository, '1', mediaTypes.ociIndex, document);
  const subject = {
    mediaType: mediaTypes.ociIndex,
    digest: index,
    size: Buffer.byteLength(JSON.stringify(document)),
  };
  const artifactType = 'application/spdx+json';
  const sbom = await put({
    artifactType,
    config: empty,
    layers: [await blob(artifactType, { parts: 3 })],
    subject,
  });
  await list(index, sbom);
  const signed = {
    config: empty,
    layers: [await blob('application/vnd.dev.sigstore', { of: 'sbom' })],
    subject: sbom,
  };
  const signatureOfSbom = await put(signed);
  await list(sbom.digest, signatureOfSbom);
  const cosign = await put(
    { config, layers: [await blob('application/vnd.dev.cosign.simplesigning.v1+json', { of: index })] },
    `sha256-${hexOf(index)}.sig`,
  );
  return {
    index,
    attestation: attestation.digest,
    sbom: sbom.digest,
    signatureOfSbom: signatureOfSbom.digest,
    cosign: cosign.digest,
  };
}

/** All of it is under `near/multi:2`, by its own digests and names. */
export async function expectAttached(t: ExecutionContext, { manifest }: PushSite, made: Made): Promise<void> {
  t.is((await manifest('near/multi:2')).digest, made.index);
  for (const digest of [made.attestation, made.sbom, made.signatureOfSbom])
    t.is((await manifest(`near/multi@${digest}`)).status, 200);
  t.is((await manifest(`near/multi:sha256-${hexOf(made.index)}.sig`)).digest, made.cosign);
  const listed = JSON.parse((await manifest(`near/multi:sha256-${hexOf(made.index)}`)).raw.toString('utf8'));
  t.deepEqual(
    listed.manifests.map((one: { digest: Digest; artifactType: string }) => [one.digest, one.artifactType]),
    [[made.sbom, 'application/spdx+json']],
  );
}
