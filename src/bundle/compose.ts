// The images that a compose file names. Nothing of the environment goes in: a file means the same on every machine, or is refused.
// @see https://github.com/compose-spec/compose-spec/blob/main/spec.md
import { isAirgapError } from '../errors.js';
import { type Platform, parsePlatform } from '../oci/platform.js';
import { text } from '../text/text.js';
import { readYaml } from './spec.js';
import { parseYaml, specError, type YamlFile } from './yaml-file.js';

export interface ComposeImage {
  readonly service: string;
  /** As a docker engine would be asked for it. */
  readonly image: string;
  readonly platform?: Platform;
}

// A default may hold another variable with a default of its own.
const maxNesting = 8;

/** Every image of every service, also of those that only a profile starts. @throws {AirgapError} SPEC_INVALID */
export async function readCompose(file: string): Promise<ComposeImage[]> {
  return composeImages(parseYaml(await readYaml(file), file, { merge: true }));
}

/** The same of a file that has been parsed. */
export function composeImages(yaml: YamlFile): ComposeImage[] {
  const say = text().words.spec.compose;
  const fail = (keys: readonly PropertyKey[], problem: string): Error =>
    specError(yaml.path, yaml.lineOf(keys), problem);
  const top = yaml.value;
  if (!isRecord(top)) throw fail([], say.noServices);
  if (top.include !== undefined) throw fail(['include'], say.include);
  if (top.services === undefined) throw fail([], say.noServices);
  if (!isRecord(top.services)) throw fail(['services'], say.services);
  const images: ComposeImage[] = [];
  for (const [service, body] of Object.entries(top.services)) {
    const keys = ['services', service];
    if (!isRecord(body)) throw fail(keys, say.services);
    if (body.image === undefined) {
      // A service that extends another may have its image from there: what that is, is decided elsewhere.
      if (body.extends !== undefined) throw fail([...keys, 'extends'], say.extends(service));
      throw fail(
        body.build === undefined ? keys : [...keys, 'build'],
        body.build === undefined ? say.noImage(service) : say.build(service),
      );
    }
    const word = (key: 'image' | 'platform'): string => {
      const written = body[key];
      if (typeof written !== 'string') throw fail([...keys, key], say.notText(service, key));
      const value = substitute(written, (problem, name) =>
        fail([...keys, key], problem === 'unset' ? say.variable(service, name) : say.badVariable(service)),
      );
      if (value.trim() === '') throw fail([...keys, key], say.notText(service, key));
      return value.trim();
    };
    const platform = body.platform === undefined ? undefined : word('platform');
    images.push({
      service,
      image: word('image'),
      ...(platform === undefined
        ? {}
        : { platform: platformOf(platform, fail, [...keys, 'platform'], service) }),
    });
  }
  return images;
}

function platformOf(
  written: string,
  fail: (keys: readonly PropertyKey[], problem: string) => Error,
  keys: readonly PropertyKey[],
  service: string,
): Platform {
  try {
    return parsePlatform(written);
  } catch (error) {
    if (!isAirgapError(error)) throw error;
    throw fail(keys, text().words.spec.compose.platform(service, written));
  }
}

type Refuse = (problem: 'unset' | 'form', name: string) => Error;

/**
 * Puts defaults in: `${X:-1}` and `${X-1}` are their defaults, `${X:+1}` and `${X+1}` are empty, since no variable is set;
 * `$$` is a dollar. Any other variable is refused.
 */
function substitute(written: string, refuse: Refuse, depth = 0): string {
  if (depth > maxNesting) throw refuse('form', '');
  let result = '';
  let rest = written;
  for (;;) {
    const dollar = rest.indexOf('$');
    if (dollar < 0) return result + rest;
    result += rest.slice(0, dollar);
    rest = rest.slice(dollar + 1);
    if (rest.startsWith('$')) {
      result += '$';
      rest = rest.slice(1);
      continue;
    }
    const bare = /^[A-Za-z_]\w*/.exec(rest)?.[0];
    if (bare !== undefined) throw refuse('unset', bare);
    const end = closingBrace(rest);
    const [, name = '', operator = '', word = ''] =
      /^\{([A-Za-z_]\w*)(:?[-+?])?([\s\S]*)$/.exec(end === undefined ? '' : rest.slice(0, end)) ?? [];
    if (end === undefined || name === '' || (operator === '' && word !== '')) throw refuse('form', '');
    if (operator.endsWith('-')) result += substitute(word, refuse, depth + 1);
    else if (!operator.endsWith('+')) throw refuse('unset', name);
    rest = rest.slice(end + 1);
  }
}

/** Where the brace that opens `text` is closed. */
function closingBrace(text: string): number | undefined {
  if (!text.startsWith('{')) return undefined;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1;
    if (text[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  return undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
