// Which language a person reads: said with --lang, or else by the environment.

export const languages = ['en', 'zh'] as const;

/** A language that there is a catalogue of. */
export type Language = (typeof languages)[number];

/** Whether there is a catalogue of it. */
export function isLanguage(word: string): word is Language {
  return languages.some((language) => language === word);
}

/**
 * --lang, AIRGAP_LANG, then what POSIX says of messages: LC_ALL, LC_MESSAGES, LANG. The first that is not empty decides;
 * what is no language there is English. An unknown --lang is for the command line to refuse, so it decides nothing.
 */
export function chosenLanguage(argv: readonly string[], env: NodeJS.ProcessEnv): Language {
  const asked = askedLanguage(argv);
  if (asked !== undefined && isLanguage(asked)) return asked;
  const named = [env.AIRGAP_LANG, env.LC_ALL, env.LC_MESSAGES, env.LANG].find((value) => value);
  // import.sh asks the same of the environment.
  return named?.startsWith('zh') === true ? 'zh' : 'en';
}

/** The languages that a word which is none may have meant. */
export function nearLanguages(word: string): readonly Language[] {
  const plain = word.toLowerCase();
  if (/^(?:zh|cn|chi|中|汉|简)/.test(plain)) return ['zh'];
  if (/^en/.test(plain)) return ['en'];
  // Names this short: one slip of two letters, and nothing beyond.
  return plain.length === 2
    ? languages.filter((language) => [...language].some((letter, at) => plain[at] === letter))
    : [];
}

/** The line without a valid --lang before its command: `airgap --lang zh` is `airgap`. */
export function withoutLanguage(argv: readonly string[]): readonly string[] {
  const [first = '', second = '', ...rest] = argv;
  if (first === '--lang' && isLanguage(second)) return withoutLanguage(rest);
  if (first.startsWith('--lang=') && isLanguage(first.slice(7))) return withoutLanguage(argv.slice(1));
  return argv;
}

/** The value of the last --lang; of words behind `--` none is an option. */
function askedLanguage(argv: readonly string[]): string | undefined {
  const end = argv.indexOf('--');
  const options = end < 0 ? argv : argv.slice(0, end);
  return options
    .flatMap((word, at) => {
      if (word === '--lang') return options[at + 1] ?? [];
      return word.startsWith('--lang=') ? word.slice(7) : [];
    })
    .at(-1);
}
