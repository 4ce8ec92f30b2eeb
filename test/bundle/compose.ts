// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of compose files
import test, { type ExecutionContext } from 'ava';
import { composeImages } from '../../src/bundle/compose.js';
import { parseYaml } from '../../src/bundle/yaml-file.js';
import { isAirgapError } from '../../src/errors.js';

const images = (yaml: string) => composeImages(parseYaml(Buffer.from(yaml), 'compose.yaml', { merge: true }));
const imageOf = (image: string): string | undefined =>
  images(`services:\n  web:\n    image: ${JSON.stringify(image)}\n`)[0]?.image;

function refused(t: ExecutionContext, yaml: string, says: RegExp, line: number): void {
  const error = t.throws(() => images(yaml));
  if (!isAirgapError(error, 'SPEC_INVALID')) throw error;
  t.regex(error.facts.problem, says);
  t.is(error.facts.line, line);
}

test('every service gives its image, also one of a profile, with the platform it asks for', (t) => {
  const found = images(`
x-common: &common
  image: app:2
  restart: always
services:
  web: {image: "nginx:1.14", platform: linux/arm64, ports: ["80:80"]}
  worker:
    <<: *common
    profiles: [batch]
  built: {build: ., image: "built:1"}
  child: {extends: {service: web}, image: "child:1"}
`);
  t.deepEqual(
    found.map(({ service, image }) => [service, image]),
    [
      ['web', 'nginx:1.14'],
      ['worker', 'app:2'],
      ['built', 'built:1'],
      ['child', 'child:1'],
    ],
  );
  t.deepEqual(found[0]?.platform, { os: 'linux', architecture: 'arm64' });
});

test('defaults of variables are put in, and nothing of the environment', (t) => {
  process.env.AIRGAP_TEST_TAG = 'from-the-environment';
  try {
    t.is(imageOf('a:${AIRGAP_TEST_TAG:-1}'), 'a:1');
  } finally {
    delete process.env.AIRGAP_TEST_TAG;
  }
  t.is(imageOf('${REG-docker.io}/a:${TAG:-1.2}'), 'docker.io/a:1.2');
  t.is(imageOf('a:${X:-${Y:-3}}'), 'a:3');
  t.is(imageOf('a${X:+-debug}:1'), 'a:1');
  t.is(imageOf('a:1$$'), 'a:1$');
  t.is(imageOf('a:${X:-😀}2'), 'a:😀2');
});

test('a variable without a default is refused with its service and name', (t) => {
  for (const written of ['a:${TAG}', 'a:$TAG', 'a:${TAG:?needed}', 'a:${TAG?}', 'a:${X:-${TAG}}'])
    refused(t, `services:\n  web:\n    image: ${written}\n`, /service web needs the variable TAG/, 3);
  for (const written of ['"a:${TAG"', '"a:${}"', '"a:$1"', '"a:${A B}"'])
    refused(
      t,
      `services:\n  web:\n    image: ${written}\n`,
      /service web has a variable that cannot be read/,
      3,
    );
});

test('a variable nested without end is refused', (t) => {
  const deep = `${'${A:-'.repeat(100_000)}x${'}'.repeat(100_000)}`;
  refused(t, `services:\n  web:\n    image: "${deep}"\n`, /cannot be read/, 3);
});

test('a service whose image is not in the file is refused, with what to do', (t) => {
  refused(t, 'services:\n  web:\n    build: .\n', /service web has build but no image/, 3);
  refused(
    t,
    'services:\n  web:\n    extends: {file: base.yaml, service: x}\n',
    /service web extends another/,
    3,
  );
  refused(t, 'services:\n  a: {image: x}\n  web: {ports: []}\n', /service web names no image/, 3);
  refused(t, 'include: [other.yaml]\nservices: {a: {image: x}}\n', /includes other files/, 1);
});

test('what is no compose file is refused', (t) => {
  refused(t, 'name: x\n', /it has no services/, 1);
  refused(t, 'services: [a]\n', /not a map of maps/, 1);
  refused(t, 'services:\n  web: nginx\n', /not a map of maps/, 2);
  refused(t, 'services:\n  web:\n    image: 5\n', /the image of service web is not a word/, 3);
  refused(t, 'services:\n  web:\n    image: "${X:-}"\n', /the image of service web is not a word/, 3);
  refused(
    t,
    'services:\n  web:\n    image: a\n    platform: a/b/c/d\n',
    /has "a\/b\/c\/d" for a platform/,
    4,
  );
  refused(t, 'services:\n  web: !reset null\n', /a tag/, 2);
});
