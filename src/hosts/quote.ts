// Turns an argv into the one string that sshd hands to the user's login shell as `SHELL -c STRING`.

// Linux refuses a single argument of 128 KiB (MAX_ARG_STRLEN), and the whole string is one argument of the login shell.
const commandLimitBytes = 120 * 1024;
const plainWord = /^[A-Za-z0-9_./-]+$/;

/**
 * The string that runs exactly this argv under sh, bash, dash, busybox ash, zsh, csh, tcsh and fish: `exec`, then each
 * word plain or in single quotes. `'`, `\` and `!` stand outside the quotes behind a backslash, because fish reads
 * `\` inside them and csh expands `!` even there.
 * @throws {TypeError} for an empty argv, a NUL or a newline (csh cannot quote one), or more than a shell takes: bugs of the caller
 */
export function quoteArgv(argv: readonly string[]): string {
  if (argv.length === 0 || argv[0] === '') throw new TypeError('argv is empty');
  const command = `exec ${argv.map(quoteWord).join(' ')}`;
  if (Buffer.byteLength(command) > commandLimitBytes) throw new TypeError('argv is too long for one command');
  return command;
}

function quoteWord(word: string): string {
  if (/[\0\n]/.test(word)) throw new TypeError('argv words may not hold NUL or newline');
  if (plainWord.test(word)) return word;
  if (word === '') return "''";
  return word
    .split(/([\\'!])/)
    .filter((piece) => piece !== '')
    .map((piece) => (/^[\\'!]$/.test(piece) ? `\\${piece}` : `'${piece}'`))
    .join('');
}
