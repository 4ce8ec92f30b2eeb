// A token server as Docker Hub and Harbor have one: `GET ?service&scope` with a basic login, `POST` with a refresh token. Its
// tokens are signed as docker-registry wants them. @see distribution's "Token Authentication Implementation" and OAuth2 pages
import { createPrivateKey, sign, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { http } from '../../src/registry/node-http.js';
import { siteLogin } from './registry.js';
import type { Issued } from './registry-certificates.js';

export interface TokenServer {
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  readonly refreshToken: string;
  /** Every token it has made. */
  readonly made: string[];
  readonly asked: { readonly method: string; readonly url: string; readonly body: string }[];
  /** How long a token lives from now on, as told and as meant. */
  setLife(seconds: number, toldSeconds?: number): void;
  /** The refresh token is no longer good. */
  revoke(): void;
  close(): Promise<void>;
}

/** Opens one on loopback; repositories that begin with `open/` are for everybody. */
export async function openTokenServer(issued: Issued): Promise<TokenServer> {
  const service = 'site registry';
  const issuer = 'site tokens';
  const refreshToken = 'r3fresh-token-of-the-site-9Zk';
  const key = createPrivateKey(readFileSync(issued.key));
  const chain = [new X509Certificate(readFileSync(issued.certificate)).raw.toString('base64')];
  const made: string[] = [];
  const asked: { method: string; url: string; body: string }[] = [];
  let life = 300;
  let told = 300;
  let isGood = true;

  const makeToken = (user: string, scopes: readonly string[]): string => {
    const now = Math.floor(Date.now() / 1000);
    const access = scopes.flatMap((scope) => {
      const [type = '', name = '', actions = ''] = scope.split(':');
      const isAllowed = user !== '' || name.startsWith('open/');
      return isAllowed ? [{ type, name, actions: actions.split(',') }] : [];
    });
    const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
    const header = encode({ typ: 'JWT', alg: 'ES256', x5c: chain });
    // The registry allows a minute of leeway around both ends.
    const times = { iat: now - 61, nbf: now - 61, exp: now + life };
    const claims = encode({
      iss: issuer,
      sub: user,
      aud: service,
      ...times,
      jti: String(made.length),
      access,
    });
    const bytes = Buffer.from(`${header}.${claims}`);
    const signature = sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
    const token = `${header}.${claims}.${signature}`;
    made.push(token);
    return token;
  };

  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const url = new URL(request.url ?? '', 'http://token');
    asked.push({ method: request.method ?? '', url: request.url ?? '', body });
    const say = (status: number, document: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document));
    };
    if (request.method === 'POST') {
      const form = new URLSearchParams(body);
      const isRight =
        isGood && form.get('grant_type') === 'refresh_token' && form.get('refresh_token') === refreshToken;
      // A careless server: it repeats what it was given.
      if (!isRight)
        return say(400, { error: 'invalid_grant', error_description: `bad ${form.get('refresh_token')}` });
      const scopes = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
      return say(200, { access_token: makeToken(siteLogin.user, scopes), expires_in: told });
    }
    const given = request.headers.authorization;
    const right = `Basic ${Buffer.from(`${siteLogin.user}:${siteLogin.password}`).toString('base64')}`;
    if (given !== undefined && given !== right) return say(401, { details: `no such login: ${given}` });
    const user = given === undefined ? '' : siteLogin.user;
    const token = makeToken(user, url.searchParams.getAll('scope'));
    const wantsRefresh = user !== '' && url.searchParams.get('offline_token') === 'true';
    say(200, { token, expires_in: told, ...(wantsRefresh ? { refresh_token: refreshToken } : {}) });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    realm: `http://127.0.0.1:${port}/token`,
    service,
    issuer,
    refreshToken,
    made,
    asked,
    setLife(seconds, toldSeconds = seconds) {
      life = seconds;
      told = toldSeconds;
    },
    revoke() {
      isGood = false;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
