// Repository files of package managers: .repo (yum, dnf, zypper), .list and .sources (apt). What is wrong with one, where it
// goes, and how it is pointed at a mirror and at a key that travels along.
// @see yum.conf(5), sources.list(5)

export type RepoForm = 'repo' | 'list' | 'sources';

/** What is wrong, and in which line; 0 where it is none in particular. Words of text.files.repoProblems. */
export interface RepoProblem {
  readonly line: number;
  readonly problem: 'form' | 'no-section' | 'no-url' | 'no-field' | 'empty' | 'not-text';
  readonly detail: string;
}

/** By its extension; undefined for any other. */
export function repoForm(name: string): RepoForm | undefined {
  const form = /\.(repo|list|sources)$/.exec(name)?.[1];
  return form === 'repo' || form === 'list' || form === 'sources' ? form : undefined;
}

/** The folder for it on a system of that family; undefined where nothing would read it. */
export function repoFolder(form: RepoForm, family: string): string | undefined {
  if (form !== 'repo') return family === 'debian' ? '/etc/apt/sources.list.d' : undefined;
  if (family === 'suse') return '/etc/zypp/repos.d';
  return family === 'rhel' ? '/etc/yum.repos.d' : undefined;
}

/** Every folder that such a file could go to, for a question that is asked before the family is known. */
export function repoFolders(form: RepoForm): readonly string[] {
  return form === 'repo' ? ['/etc/yum.repos.d', '/etc/zypp/repos.d'] : ['/etc/apt/sources.list.d'];
}

/** Where a key for it goes. */
export function keyFolder(form: RepoForm): string {
  return form === 'repo' ? '/etc/pki/rpm-gpg' : '/etc/apt/keyrings';
}

/** Where this key goes, and under which name: apt tells text from bytes by it. */
export function keyTarget(form: RepoForm, name: string, content: Uint8Array): string {
  const wanted = isArmored(content) ? '.asc' : '.gpg';
  const isNamed = form === 'repo' || name.endsWith(wanted);
  return `${keyFolder(form)}/${isNamed ? name : `${name.replace(/\.(?:asc|gpg)$/, '')}${wanted}`}`;
}

/** Why this is no public key of OpenPGP; undefined where it is one. */
export function keyProblem(content: Uint8Array): 'private' | 'no-key' | undefined {
  const [first = 0] = content;
  if (isArmored(content)) return undefined;
  if (/-----BEGIN [A-Z ]*PRIVATE KEY/.test(Buffer.from(content).toString('latin1'))) return 'private';
  // The tag of the first packet: 5 is a secret key, 6 a public one. @see RFC 9580, 4.2
  const tag = first < 0x80 ? 0 : first < 0xc0 ? (first & 0x3c) >> 2 : first & 0x3f;
  if (tag === 5) return 'private';
  return tag === 6 ? undefined : 'no-key';
}

function isArmored(content: Uint8Array): boolean {
  const text = Buffer.from(content).toString('latin1');
  return text.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----') && !text.includes('PRIVATE KEY');
}

/** The first thing that its reader would not take; undefined if it is fine. */
export function lintRepo(form: RepoForm, text: string): RepoProblem | undefined {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const odd = lines.findIndex((line) => /[^\P{Cc}\t]/u.test(line));
  if (odd >= 0) return { line: odd + 1, problem: 'not-text', detail: '' };
  switch (form) {
    case 'repo':
      return lintIni(lines);
    case 'list':
      return lintList(lines);
    case 'sources':
      return lintDeb822(lines);
  }
}

export interface RepoChange {
  /** Replaces scheme and host of every URL; paths stay: `https://mirror.lan/docker-ce`. */
  readonly baseurl?: string;
  /** The key's path on the host. */
  readonly keyPath?: string;
}

/** The same file, pointed at a mirror and a key. Comments, order and everything else stay. */
export function pointRepo(form: RepoForm, text: string, { baseurl, keyPath }: RepoChange): string {
  const moved = (line: string): string =>
    baseurl === undefined ? line : line.replace(/\bhttps?:\/\/[^/\s]+/g, baseurl.replace(/\/+$/, ''));
  const lines = text.split('\n');
  switch (form) {
    case 'repo':
      return repoWithKey(
        lines
          .map((line) => {
            // A list of mirrors in the internet would win over the mirror that is there.
            if (baseurl !== undefined && /^(?:mirrorlist|metalink)\s*=/.test(line)) return `#${line}`;
            return /^\s*[#;]/.test(line) ? line : moved(line);
          })
          .join('\n'),
        keyPath,
      );
    case 'list':
      return lines
        .map((line) => {
          const match = /^(\s*deb(?:-src)?)\s+(?:\[([^\]]*)\]\s+)?(.*)$/.exec(moved(line));
          if (match === null || keyPath === undefined) return /^\s*#/.test(line) ? line : moved(line);
          const [, type = '', options = '', rest = ''] = match;
          const kept = options.split(/\s+/).filter((word) => word !== '' && !word.startsWith('signed-by='));
          return `${type} [${[...kept, `signed-by=${keyPath}`].join(' ')}] ${rest}`;
        })
        .join('\n');
    case 'sources':
      return sourcesWithKey(
        lines.map((line) => (line.startsWith('#') ? line : moved(line))).join('\n'),
        keyPath,
      );
  }
}

/** Each section names the key, whether it named one before or not. */
function repoWithKey(text: string, keyPath: string | undefined): string {
  if (keyPath === undefined) return text;
  const named = `gpgkey=file://${keyPath}`;
  // A value goes on in lines that are indented.
  const before = /^gpgkey[ \t]*=[^\n]*(?:\n[ \t]+\S[^\n]*)*/im;
  return text
    .split(/\n(?=\[)/)
    .map((section) => {
      if (!/^\[(?!main\])/.test(section)) return section;
      if (before.test(section)) return section.replace(before, () => named);
      return section.replace(/\n*$/, (end) => `\n${named}${end}`);
    })
    .join('\n');
}

function sourcesWithKey(text: string, keyPath: string | undefined): string {
  if (keyPath === undefined) return text;
  return text
    .split(/\n(?=\s*\n)/)
    .map((stanza) => {
      if (!/^URIs:/im.test(stanza)) return stanza;
      const without = stanza.replace(/^Signed-By:[^\n]*(?:\n[ \t][^\n]*)*\n?/im, '');
      return `${without.replace(/\n*$/, '')}\nSigned-By: ${keyPath}\n`;
    })
    .join('\n');
}

function lintIni(lines: readonly string[]): RepoProblem | undefined {
  const sections: { name: string; line: number; keys: Set<string> }[] = [];
  for (const [at, line] of lines.entries()) {
    if (/^\s*(?:[#;].*)?$/.test(line)) continue;
    const name = /^\[([^\][]+)\]\s*$/.exec(line)?.[1];
    const key = /^([A-Za-z0-9_.-]+)\s*=/.exec(line)?.[1];
    const section = sections.at(-1);
    if (name !== undefined) sections.push({ name, line: at + 1, keys: new Set() });
    else if (section === undefined) return { line: at + 1, problem: 'no-section', detail: line.slice(0, 80) };
    else if (key !== undefined) section.keys.add(key.toLowerCase());
    else if (!/^\s+\S/.test(line)) return { line: at + 1, problem: 'form', detail: line.slice(0, 80) };
  }
  if (sections.length === 0) return { line: 0, problem: 'empty', detail: '' };
  const urls = ['baseurl', 'mirrorlist', 'metalink'];
  const bare = sections.find(({ name, keys }) => name !== 'main' && !urls.some((key) => keys.has(key)));
  return bare === undefined ? undefined : { line: bare.line, problem: 'no-url', detail: bare.name };
}

function lintList(lines: readonly string[]): RepoProblem | undefined {
  let found = 0;
  for (const [at, line] of lines.entries()) {
    if (/^\s*(?:#.*)?$/.test(line)) continue;
    if (!/^\s*deb(?:-src)?\s+(?:\[[^\]]*\]\s+)?[a-z+-]+:\S+\s+\S+/.test(line))
      return { line: at + 1, problem: 'form', detail: line.slice(0, 80) };
    found += 1;
  }
  return found === 0 ? { line: 0, problem: 'empty', detail: '' } : undefined;
}

function lintDeb822(lines: readonly string[]): RepoProblem | undefined {
  let fields = new Set<string>();
  let start = 0;
  let stanzas = 0;
  for (const [at, line] of [...lines, ''].entries()) {
    if (line.trim() === '') {
      const missing = ['types', 'uris', 'suites'].find((field) => fields.size > 0 && !fields.has(field));
      if (missing !== undefined) return { line: start, problem: 'no-field', detail: missing };
      stanzas += fields.size > 0 ? 1 : 0;
      fields = new Set();
      continue;
    }
    if (line.startsWith('#')) continue;
    const field = /^([A-Za-z][A-Za-z0-9-]*):/.exec(line)?.[1];
    if (field === undefined && !(/^[ \t]+\S/.test(line) && fields.size > 0))
      return { line: at + 1, problem: 'form', detail: line.slice(0, 80) };
    if (fields.size === 0) start = at + 1;
    if (field !== undefined) fields.add(field.toLowerCase());
  }
  return stanzas === 0 ? { line: 0, problem: 'empty', detail: '' } : undefined;
}
