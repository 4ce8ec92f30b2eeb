// What login and logout say, and their help.
import { podmanLogout } from './engine-commands.js';

/** As in login-file.ts. */
interface Part {
  readonly key: string;
  readonly path: string;
  readonly isPodmans: boolean;
}

const takeAway = ({ key, path, isPodmans }: Part): string =>
  isPodmans ? `${podmanLogout(path, key)} takes it away` : `take its entry out of ${path}`;

export const login = {
  user: (registry: string) => `User at ${registry}`,
  password: 'Password',
  stdinAlone: '--password-stdin needs -u USER: stdin is the password alone',
  colon: (user: string) => `A user name has no colon: ${user.split(':')[0]}:…`,
  noPassword: 'What came on stdin is no password: it is one line, and not empty',
  done: (registry: string, user: string, isProved: boolean) =>
    isProved
      ? `${registry} knows ${user}`
      : `${registry} asked nobody who it is, so whether ${user} and the password are right was not proved`,
  keptByHelper: (program: string) => `Kept by ${program}`,
  keptInFile: (path: string, isToken: boolean) =>
    `Kept in ${path}, ${isToken ? 'as a token in place of the password' : 'only encoded (base64)'}: whoever reads that file has it. A credential helper keeps it better (credsStore)`,
  older: (part: Part) =>
    `For repositories below ${part.key} the older login in ${part.path} stays in use; ${takeAway(part)}`,
  dockersOlder: (registry: string, path: string) =>
    `docker still has an older login in ${path}: docker login ${registry} replaces it`,
  insecure: (registry: string) =>
    `${registry} is insecure by daemon.json or registries.conf: the password goes to whoever answers by that name, perhaps unencrypted`,
  forgotten: (registry: string, from: string) => `The login to ${registry} is gone from ${from}`,
  notThere: (registry: string, onlyIn: string | undefined) =>
    onlyIn === undefined
      ? `There was no login to ${registry}`
      : `There was no login to ${registry} in ${onlyIn}; no other file was looked at, as $REGISTRY_AUTH_FILE names that one`,
  left: (part: Part) => `Still there: the login to ${part.key} in ${part.path}; ${takeAway(part)}`,
};

export const loginHelp = {
  login: {
    summary:
      'Log in to a registry, for docker:// images; podman finds the login, too, and docker what is kept in its own file',
    more: 'The password is asked for, or comes on stdin; it is tried at the registry before it is kept: in the first of podman’s files and docker’s that has a login for it already, else in ~/.docker/config.json, by a credential helper where that file sets one (credsStore, credHelpers). Where $REGISTRY_AUTH_FILE is set, it goes there.',
    examples: [
      'airgap login registry.lan:5000',
      'airgap login docker.io -u me',
      'airgap login registry.lan -u robot --password-stdin < token.txt',
    ],
  },
  logout: {
    summary: 'Forget the login to a registry',
    examples: ['airgap logout registry.lan:5000'],
  },
};
