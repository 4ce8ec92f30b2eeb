// What a 401 asks for. @see RFC 9110 section 11.6.1; distribution's "Token Authentication Specification"

/** `Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull"` */
export interface Challenge {
  /** Lower case. */
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

// Real ones have some 200 characters.
const maxHeaderLength = 8192;
const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const parameter = new RegExp(`^[\\s,]*(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${token}))`);
const scheme = new RegExp(`^[\\s,]*(${token})(?=\\s|,|$)`);

/** Every challenge of a WWW-Authenticate header, in its order; none where it is not one. */
export function parseChallenges(header: string | undefined): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  let rest = (header ?? '').slice(0, maxHeaderLength);
  for (;;) {
    const pair = parameter.exec(rest);
    const last = challenges.at(-1);
    if (pair !== null && last !== undefined) {
      const [whole, name = '', quoted, plain = ''] = pair;
      last.parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain);
      rest = rest.slice(whole.length);
      continue;
    }
    const word = pair === null ? scheme.exec(rest) : null;
    if (word === null) return challenges;
    challenges.push({ scheme: (word[1] ?? '').toLowerCase(), parameters: new Map() });
    rest = rest.slice(word[0].length);
  }
}
