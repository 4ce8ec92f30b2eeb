// The sentences and hints of registries and logins, and what a run tells about them.
import type {
  ErrorCode,
  ErrorFacts,
  RegistryAt,
  RegistryPushProblem,
  RegistryReach,
  RegistryTrust,
} from '../errors.js';
import { shortDigest } from '../oci/digest.js';
import { loginCommand, programOf, registryOf } from './engine-commands.js';
import { count, formatBytes, formatDuration } from './format.js';
import type { ErrorText } from './text.js';

const reach: Readonly<Record<RegistryReach, string>> = {
  name: 'its name is not known here',
  refused: 'nothing listens there',
  'no-route': 'there is no way to it from here',
  timeout: 'it does not answer',
  proxy: 'the proxy does not let airgap through',
  'no-proxy': 'the proxy before it cannot be reached itself',
  forward: 'the host between does not forward connections',
  beyond: 'the host between does not reach it',
  other: 'the connection failed',
};

const trust: Readonly<Record<RegistryTrust, string>> = {
  untrusted: 'no authority known here has signed its certificate',
  dates: 'its certificate is not valid now',
  'host-name': 'its certificate is for another name',
  'plain-http': 'it answers without TLS',
  'plain-https': 'it wants TLS and was asked without',
  'client-certificate': 'it asks for a client certificate',
  handshake: 'TLS could not be agreed on',
};

const trustHint: Readonly<Record<RegistryTrust, (registry: string) => string>> = {
  untrusted: (registry) =>
    `Put the certificate of the authority that signed it into /etc/docker/certs.d/${registry}/ca.crt, or name its file in SSL_CERT_FILE`,
  dates: () => 'Check the clock of this machine (date); if it is right, have the certificate renewed',
  'host-name': () => 'Use the name that stands in the certificate, as the image name has it',
  'plain-http': (registry) =>
    `If that is meant, put "${registry}" into insecure-registries of /etc/docker/daemon.json: names and images then travel unprotected`,
  'plain-https': () => 'Write https:// in front of that mirror in daemon.json',
  'client-certificate': (registry) =>
    `Put it as client.cert and client.key into /etc/docker/certs.d/${registry}`,
  handshake: () => 'Check that this is a registry, and what lies between: a proxy, an old TLS version',
};

const push: Readonly<Record<RegistryPushProblem, string>> = {
  'read-only': 'it takes nothing at all now',
  format: 'it does not know images of this form',
  immutable: 'that name may not be set again there',
  'no-project': 'there is no such project or repository, and it makes none by itself',
  full: 'its room or quota is used up',
  'too-large': 'what lies before it takes no requests so large',
  digest: 'other bytes arrived than were sent',
  'blob-unknown': 'it lacks a blob that it said it has',
  moved: 'it tells of another image under that name',
  other: 'it gave a reason of its own',
};

const pushHint: Readonly<Record<RegistryPushProblem, string>> = {
  'read-only': 'Ask who runs the registry: it is a mirror, or is being cleaned up',
  format:
    'Ask who runs the registry for a newer version of it, or leave out what is attached (--with-referrers) where that is what it refuses',
  immutable: 'Push under another name: IMAGE=NAME:TAG; or ask who runs the registry to let that tag be set',
  'no-project':
    'Have it made first by who runs the registry, or push below one that is there: REGISTRY/PROJECT, as in Harbor',
  full: 'Make room there or have the quota raised, then run the same command again: what has arrived is kept',
  'too-large': 'Have the limit of the proxy before the registry raised (nginx: client_max_body_size)',
  digest:
    'Run the same command again; if it stays so, something in between changes bytes: push by another way (--through)',
  'blob-unknown':
    'Restart the registry, which forgets what it remembers wrongly, then run the same command again',
  moved: 'Someone else has set that name meanwhile: run the same command again',
  other: 'Its own log tells more',
};

const helped: Readonly<Record<ErrorFacts['CREDENTIAL_HELPER']['action'], string>> = {
  get: 'gave no login',
  store: 'did not keep the login',
  erase: 'did not forget the login',
};

const reachHint: Readonly<Partial<Record<RegistryReach, string>>> = {
  proxy: 'Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY, and the user and password in them',
  'no-proxy': 'Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY',
  forward:
    'Have AllowTcpForwarding set to yes in the sshd_config of that host, or push from a machine that reaches the registry',
  beyond:
    'Check name and port, that the registry runs there, and that the host between knows the name and has a way to it',
  refused: 'Check the port, and that the registry runs there',
};

interface Where {
  readonly registry: string;
  readonly at?: RegistryAt;
}

/** The subject of a sentence: whose failure it was. */
const who = ({ registry, at }: Where): string => {
  if (at === undefined) return registry;
  return at.kind === 'tokens'
    ? `${registry}’s token server ${at.place}`
    : `${registry} leads on to ${at.place}, which`;
};

const placeHint = ({ kind, place }: RegistryAt): string =>
  kind === 'tokens'
    ? `Check that this machine reaches ${place}; if it should not have to, ask who runs the registry: its token server is set wrongly`
    : `Check that this machine reaches ${place}; if it should not have to, ask who runs the registry: its external address, or the redirects to its storage, are set wrongly`;

/** What is trusted for a registry is trusted for where it sends us. */
const trustHintAt = (problem: RegistryTrust, registry: string, at: RegistryAt): string => {
  if (problem === 'untrusted')
    return `Put the certificate of the authority that signed it into /etc/docker/certs.d/${registry}/, beside those of the registry and as another .crt, or name its file in SSL_CERT_FILE`;
  if (problem === 'plain-http') return trustHint[problem](at.place.replace(/^https?:\/\//, ''));
  return problem === 'host-name' || problem === 'plain-https' ? placeHint(at) : trustHint[problem](registry);
};

const said = (detail: string): string => (detail === '' ? '' : `: ${detail}`);

export const registryErrors = {
  CACHE_FULL: {
    message: (f) =>
      `This machine has no room for blobs on their way in ${f.path}: ${formatBytes(f.neededBytes)} needed, ${formatBytes(f.freeBytes)} free`,
    hint: () => 'Free some room (airgap spool prune), or name a folder on another disk with $XDG_CACHE_HOME',
  },
  CACHE_DENIED: {
    message: (f) => `The folder for blobs on their way, ${f.path}, cannot be used: ${f.problem}`,
    hint: () => 'Make it writable for this user, or name another with $XDG_CACHE_HOME',
  },
  PULL_FAILED: {
    message: (f) => `${f.engine} on ${f.host} could not pull ${f.image}: ${f.detail}`,
    hint: (f) =>
      `Nothing was changed there. That host must reach ${registryOf(f.image)}, trust it and be let in: airgap mirror-config ${registryOf(f.image)} --for ${programOf(f.engine)} tells the settings${loginCommand(f.engine, registryOf(f.image), [', ', ' there logs in'])}`,
  },
  REGISTRY_UNREACHABLE: {
    message: (f) =>
      f.problem === 'beyond' && f.host !== undefined
        ? `${f.host} cannot reach ${f.at?.place ?? f.registry}${said(f.detail)}`
        : `${who(f)} cannot be reached, ${reach[f.problem]}${said(f.detail)}`,
    hint: (f) =>
      (f.at === undefined || f.problem !== 'refused' ? reachHint[f.problem] : undefined) ??
      (f.at === undefined ? undefined : placeHint(f.at)) ??
      'Check name, port and network; a machine without internet needs a mirror (docs/registries.md), or a bundle made where the registry is: airgap export',
  },
  REGISTRY_TLS: {
    message: (f) => `${who(f)} is not trusted, ${trust[f.problem]}${said(f.detail)}`,
    hint: (f) =>
      f.at === undefined ? trustHint[f.problem](f.registry) : trustHintAt(f.problem, f.registry, f.at),
  },
  REGISTRY_DENIED: {
    message: (f) => {
      const what = f.repository === '' ? f.registry : `${f.registry}/${f.repository}`;
      switch (f.problem) {
        case 'no-login':
          return f.action === 'push'
            ? `${f.registry} takes images from those only who are logged in, and there is no login to it${said(f.detail)}`
            : f.repository === ''
              ? `${what} wants to know who asks: there is no login to it${said(f.detail)}`
              : `${what} is not there for everybody, or not there at all${said(f.detail)}`;
        case 'wrong-login':
          return `${f.registry} does not accept that user and password${said(f.detail)}`;
        case 'expired':
          return `The login to ${f.registry} has expired${said(f.detail)}`;
        case 'forbidden':
          return f.action === 'push'
            ? `${f.registry} does not let this user push to ${f.repository}${said(f.detail)}`
            : `${f.registry} does not let this user have ${f.repository === '' ? 'that' : f.repository}${said(f.detail)}`;
        case 'unasked':
          return `${f.registry} refuses the request and does not say how to log in${said(f.detail)}`;
        case 'scheme':
          return `${f.registry} asks for a way of logging in that airgap does not know, ${(f.schemes ?? []).join(', ')}${said(f.detail)}`;
      }
    },
    hint: (f) => {
      switch (f.problem) {
        case 'no-login':
          return f.repository === '' || f.action === 'push'
            ? `Log in: airgap login ${f.registry}`
            : `Check the name; if it is private, log in: airgap login ${f.registry}`;
        case 'wrong-login':
          return `Check both, then log in again: airgap login ${f.registry}`;
        case 'expired':
          return `Log in again: airgap login ${f.registry}`;
        case 'forbidden':
          return f.action === 'push'
            ? `Log in as a user who may: airgap login ${f.registry}; or ask who runs the registry for the right to it`
            : 'Check the name, and ask who runs the registry for the right to it';
        case 'unasked':
          return 'Check that a registry is at that address and not a proxy that refuses; ask who runs it how to log in';
        case 'scheme':
          return 'Ask who runs the registry for a login with user and password, or with a token: it must ask for Basic or Bearer';
      }
    },
  },
  REGISTRY_LIMIT: {
    message: (f) =>
      `${who(f)} has had enough requests${f.seconds === undefined ? '' : `, and takes more in ${formatDuration(f.seconds * 1000)}`}`,
    hint: (f) =>
      `Wait${f.seconds === undefined ? '' : ' so long'} and run the same command again: what has arrived is kept${f.at?.kind === 'elsewhere' ? '' : `. A login raises the limit: airgap login ${f.registry}`}`,
  },
  REGISTRY_ANSWER: {
    message: (f) => `${who(f)} answered ${f.request} with something else than expected: ${f.detail}`,
    hint: (f) =>
      f.at === undefined
        ? 'Check that a registry is at that address and not a proxy’s or login page'
        : placeHint(f.at),
  },
  REGISTRY_FAILED: {
    message: (f) =>
      f.seconds === undefined
        ? `${who(f)} did not serve ${f.request}, asked several times: ${f.detail}`
        : `${who(f)} did not serve ${f.request}: ${f.detail}; it says to come again in ${formatDuration(f.seconds * 1000)}`,
    hint: () => 'Run the same command again later: what has arrived is kept. Its own log tells why',
  },
  REGISTRY_REDIRECT: {
    message: (f) => {
      switch (f.problem) {
        case 'scheme':
          return `${f.registry} sends airgap from TLS to ${f.to} without it`;
        case 'realm':
          return `${f.registry} wants the password sent without TLS, to ${f.to}`;
        case 'too-many':
          return `${f.registry} sends airgap on and on, last to ${f.to}`;
        case 'address':
          return `${f.registry} sends airgap to what is no web address: ${f.to}`;
      }
    },
    hint: (f) =>
      f.problem === 'too-many'
        ? 'Ask who runs the registry: its public address is set wrongly, or someone is in between'
        : 'Nothing was sent there. Ask who runs the registry: its public address is set wrongly, or someone is in between',
  },
  REGISTRY_PUSH: {
    message: (f) =>
      `${f.registry} did not take ${f.repository}@${shortDigest(f.digest)}, ${push[f.problem]}${said(f.detail)}`,
    hint: (f) =>
      f.problem === 'immutable' && f.bundle !== undefined
        ? 'Push the bundle below another path (--prefix PATH), or out of its folder that image alone (oci:FOLDER:NAME=OTHER); or ask who runs the registry to let that tag be set'
        : pushHint[f.problem],
  },
  PUSH_BASE_MISSING: {
    message: (f) =>
      `${f.registry} lacks ${count(f.layers.length, 'layer')} that bundle ${f.bundle} leaves out of ${f.image}: ${f.layers.map(shortDigest).join(', ')}`,
    hint: () =>
      'Push the bundle that it was made on top of first (airgap push BASE REGISTRY), or make one that holds all: airgap export DEST IMAGE…, without --base and --for',
  },
  REGISTRY_BLOCKED: {
    message: (f) => `${f.registry} is blocked in ${f.path}`,
    hint: () => 'Take the image from another registry, or ask who keeps that file',
  },
  REGISTRY_CONFIG: {
    message: (f) =>
      `${f.variable === undefined ? '' : `${f.variable}=`}${f.path} cannot be used: ${f.problem}`,
    hint: (f) =>
      f.variable === undefined
        ? 'Correct the file; docker and podman read the same one'
        : f.variable === 'SSL_CERT_FILE'
          ? 'Set SSL_CERT_FILE to a file of certificates (PEM), or unset it'
          : `Set ${f.variable} to http://HOST:PORT, or unset it`,
  },
  CREDENTIAL_HELPER: {
    message: (f) =>
      `${f.program} ${helped[f.action]}: ${f.problem}${(f.gone ?? []).map((place) => `; the one in ${place} is gone`).join('')}`,
    hint: (f) =>
      `${f.isMissing === true ? 'Install it' : 'See whether it works by itself'}, or take it out of credsStore and credHelpers in ${f.path}`,
  },
} satisfies { readonly [C in ErrorCode]?: ErrorText<C> };

/** What a run tells about registries while it goes on. */
export const registry = {
  mirror: (registry: string, endpoint: string) => `${registry} is read from its mirror ${endpoint}`,
  mirrorFailed: (endpoint: string, why: string) => `Mirror ${endpoint} passed over: ${why}`,
  insecure: (endpoint: string) =>
    `${endpoint} is read without proof of who answers, as daemon.json or registries.conf allow; digests are checked all the same`,
  lowLimit: (registry: string, remaining: number, limit: number | undefined) =>
    `${registry} takes ${remaining}${limit === undefined ? '' : ` of ${limit}`} more requests for now`,
  waiting: (registry: string, ms: number, why: string) =>
    `${registry}: ${why}; asking again in ${formatDuration(ms)}`,
  tooMany: 'too many requests',
  cut: 'the connection was cut',
  gone: 'nobody answers there now',
  silent: 'no byte came for a minute',
  tooManyAttached: (n: number) => `more than ${n} attached to one image, or pages without end`,
  lostUpload: 'it lost the upload again and again',
};
