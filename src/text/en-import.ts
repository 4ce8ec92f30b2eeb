// Words of `airgap import`.

/** Of imports. */
export const importWords = {
  nothing: (name: string) => `There is nothing in ${name} that was asked for`,
  packagesHint:
    'Give --install-packages: the bundle holds packages, and they are installed only where that is asked for',
  packages: (sets: readonly string[]) =>
    `The bundle holds packages, too (${sets.join(', ')}); they stay in it unless --install-packages is given`,
  insert: (missing: readonly number[], copies: string) =>
    `${missing.length === 1 ? 'Volume' : 'Volumes'} ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing. Those here are copied to ${copies}; answer yes, and insert the next drive when it asks again. Go on?`,
  keeping: (number: number, copies: string) => `Volume ${number} is copied to ${copies}`,
  noReturns: (folder: string, detail: string) => `No receipt was left in ${folder}: ${detail}`,
  noPassport: (host: string, detail: string) =>
    `No passport of ${host} was left beside the bundle: ${detail}`,
  returns: (folder: string) => `The receipt to take home lies in ${folder}`,
  printed: 'The drive cannot be written; this is the receipt to take home:',
  title: (name: string) => `Import of ${name}`,
};
