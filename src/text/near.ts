// Names that a mistyped one may have meant.

/** At most three of `names`, the nearest first; only those that a slip or two of the hand turn into `wanted`. */
export function nearest(wanted: string, names: readonly string[]): string[] {
  const goal = plain(wanted);
  const scored = [...new Set(names)].flatMap((name) => {
    const candidate = plain(name);
    const limit = Math.max(2, Math.floor(goal.length / 4));
    const distance = containsWhole(candidate, goal) ? 1 : editDistance(goal, candidate, limit);
    return distance <= limit ? [{ name, distance }] : [];
  });
  return scored
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name);
}

/** As people write it: without docker's own registry. */
function plain(name: string): string {
  return name.toLowerCase().replace(/^docker\.io\/(?:library\/)?/, '');
}

/** `bus-info` for `plant/bus-info:v1`: a whole word of the path, or the same repository under another tag. */
function containsWhole(candidate: string, goal: string): boolean {
  const repository = goal.replace(/:[^:/]*$/, '');
  return repository.length > 2 && `/${candidate.replace(/:[^:/]*$/, '')}/`.includes(`/${repository}/`);
}

/** How many letters must be changed, added or left out; `limit + 1` for anything beyond. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const change = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(change, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? limit + 1;
}
