// Patterns of ssh_config and known_hosts: `*`, `?`, lists, negation. Word by word, without regular expressions.
// @see ssh_config(5) PATTERNS

/** Does any pattern match, and no negated one? Letter case does not count, as host names have none. */
export function matchesPatternList(patterns: readonly string[], subject: string): boolean {
  const text = subject.toLowerCase();
  let matched = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!');
    if (!matchesPattern((negated ? pattern.slice(1) : pattern).toLowerCase(), text)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

/** The words of a directive's value as the parser gives it: one text, or several with what parts them. */
export function wordsOf(value: string | readonly { readonly val: string }[]): readonly string[] {
  return typeof value === 'string' ? [value] : value.map(({ val }) => val);
}

/** Greedy with one step back, so a hostile pattern costs at most pattern × text steps. */
function matchesPattern(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p;
      resume = t;
      p += 1;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p += 1;
      t += 1;
    } else if (star !== -1) {
      p = star + 1;
      resume += 1;
      t = resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}
