// IDs and json files out of a `docker save` by dockerd 20.10.24, of an image with labels whose order JSON.parse would change.
import test from 'ava';
import { chainIds, parseDiffId } from '../../src/oci/digest.js';
import { identifyLegacyLayer } from '../../src/stores/legacy-layer-ids.js';

const [base, top] = [
  parseDiffId('sha256:e8e0ae090cff5b51f16d7bd2a5d5e758bcc396a1c16ccfada797339997f0557b', 'test'),
  parseDiffId('sha256:10f27c8878bed8932417b096cc05bb19c840d33a31078a4e863503b0a28552c8', 'test'),
] as const;
const diffIds = [base, top];
const chains = new Map(chainIds(diffIds).map((chainId, at) => [chainId, diffIds[at]!]));

const baseId = 'a00c5fd0cc82cd4f3b6304a5d1a8015bcc202d3a9e2b51ccdfd1ddeb19c6a398';
const baseJson = `{"id":"${baseId}","created":"1970-01-01T00:00:00Z","container_config":{"Hostname":"","Domainname":"","User":"","AttachStdin":false,"AttachStdout":false,"AttachStderr":false,"Tty":false,"OpenStdin":false,"StdinOnce":false,"Env":null,"Cmd":null,"Image":"","Volumes":null,"WorkingDir":"","Entrypoint":null,"OnBuild":null,"Labels":null},"os":"linux"}`;
const topId = '0b6e0d2a3a6fbb0610f15f0a59c3734a7a7099d4d3bcb3ea049bd90dc103660d';
const topJson = String.raw`{"id":"${topId}","parent":"${baseId}","created":"2026-11-23T22:50:09.717202106Z","container":"f66b9416951bfe52ec7800a50ef9a01bb0d2287d29cd3765c1c18b2c269eec69","container_config":{"Hostname":"f66b9416951b","Domainname":"","User":"","AttachStdin":false,"AttachStdout":false,"AttachStderr":false,"Tty":false,"OpenStdin":false,"StdinOnce":false,"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","A=1","B=\u003cx\u0026y\u003e"],"Cmd":["/bin/sh","-c","#(nop) ","CMD [\"/bin/busybox\"]"],"Image":"sha256:ff2e1ca88ec14a1b8adc3655319ea1a08f710ff0463d7a3247678738a6ea272d","Volumes":null,"WorkingDir":"","Entrypoint":null,"OnBuild":null,"Labels":{"10":"x","2":"y","z":"1"}},"docker_version":"20.10.24+dfsg1","config":{"Hostname":"","Domainname":"","User":"","AttachStdin":false,"AttachStdout":false,"AttachStderr":false,"Tty":false,"OpenStdin":false,"StdinOnce":false,"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","A=1","B=\u003cx\u0026y\u003e"],"Cmd":["/bin/busybox"],"Image":"sha256:ff2e1ca88ec14a1b8adc3655319ea1a08f710ff0463d7a3247678738a6ea272d","Volumes":null,"WorkingDir":"","Entrypoint":null,"OnBuild":null,"Labels":{"10":"x","2":"y","z":"1"}},"architecture":"amd64","os":"linux"}`;

test('a lower layer is known by its v1 ID', (t) => {
  t.is(identifyLegacyLayer({ v1Id: baseId, json: baseJson, chains }), base);
});

test('a top layer is known by its v1 ID, escapes and label order as docker wrote them', (t) => {
  t.is(identifyLegacyLayer({ v1Id: topId, json: topJson, chains }), top);
});

test('what proves nothing is unknown', (t) => {
  t.is(identifyLegacyLayer({ v1Id: topId, json: baseJson, chains }), undefined);
  t.is(identifyLegacyLayer({ v1Id: baseId, json: baseJson, chains: new Map() }), undefined);
  for (const json of ['', '{', '[]', '{"a"}', '{"a":1', 'null']) {
    t.is(identifyLegacyLayer({ v1Id: baseId, json, chains }), undefined);
  }
});
