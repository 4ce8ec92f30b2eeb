// Expands what ssh_config(5) lets stand in values: ~, %h and its kin, ${NAME}.

export interface Tokens {
  /** Token letter → text, without `%`. */
  readonly letters: Readonly<Record<string, string>>;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The value with its tokens replaced, or undefined if it holds one that does not exist. */
export function expandTokens(value: string, { letters, env }: Tokens): string | undefined {
  let unknown = false;
  const text = value.replace(/%(.?)|\$\{([A-Za-z_]\w*)\}/g, (_all, letter?: string, name?: string) => {
    const found = letter === '%' ? '%' : letter !== undefined ? letters[letter] : env[name ?? ''];
    unknown ||= found === undefined;
    return found ?? '';
  });
  return unknown ? undefined : text;
}

/** The same for a path: a leading `~/` is the user's home first. `~name/` is not known here. */
export function expandPath(value: string, tokens: Tokens): string | undefined {
  if (value === '~') return tokens.home;
  if (value.startsWith('~/')) {
    const rest = expandTokens(value.slice(1), tokens);
    return rest === undefined ? undefined : `${tokens.home}${rest}`;
  }
  return value.startsWith('~') ? undefined : expandTokens(value, tokens);
}
