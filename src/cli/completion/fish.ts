// The completion script for fish (3 and later).
import type { CompletionCommand, CompletionOption, WordKind } from './tree.js';

/** The whole script. */
export function fishCompletion(tree: readonly CompletionCommand[]): string {
  const lines = tree.flatMap((command) => [
    ...command.options.map((option) => optionLine(command, option)),
    ...argumentLines(command),
    ...childLines(command, tree),
  ]);
  return `# fish completion for airgap. Made by: airgap completion fish
# Prints the command so far ("send", "spool prune") and how many arguments stand behind it.
function __airgap_place
    set -l path
    set -l count 0
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case ${valueOptions(tree).join(' ')}
                set skip 1
            case '-*'
            case '*'
                if test -z "$path"
                    set path $word
                else
                    switch "$path $word"
                        case ${tree
                          .filter((command) => command.path.length === 2)
                          .map((command) => quote(command.path.join(' ')))
                          .join(' ')}
                            set path "$path $word"
                        case '*'
                            set count (math $count + 1)
                    end
                end
        end
    end
    echo "$path|$count"
end

function __airgap_in
    set -l place (string split '|' (__airgap_place))
    test "$place[1]" = "$argv[1]"
end

function __airgap_at
    set -l place (string split '|' (__airgap_place))
    test "$place[1]" = "$argv[1]"; and test $place[2] -ge $argv[2]; and test $place[2] -le $argv[3]
end

# HOST,HOST: the hosts before the last comma stay, and are not offered again.
function __airgap_hosts
    set -l typed (string match -r '^.*,' -- (commandline -ct))
    for host in (airgap hosts --names 2>/dev/null)
        contains -- "$host" (string split , -- "$typed"); and continue
        printf '%s%s\\n' "$typed" "$host"
    end
end

complete -c airgap -f
${lines.join('\n')}
`;
}

function optionLine(command: CompletionCommand, option: CompletionOption): string {
  const names = [
    ...(option.short === undefined ? [] : [`-s ${option.short.slice(1)}`]),
    ...(option.long === undefined ? [] : [`-l ${option.long.slice(2)}`]),
  ];
  const value = option.value === undefined ? [] : valueWords(option.value);
  const condition = `-n ${quote(`__airgap_in ${quote(command.path.join(' '))}`)}`;
  return ['complete -c airgap', condition, ...names, ...value, `-d ${quote(option.description)}`].join(' ');
}

function valueWords(kind: WordKind): string[] {
  if (kind === 'file' || kind === 'folder') return ['-r', '-F'];
  return ['-x', ...offer(kind)];
}

function offer(kind: WordKind): string[] {
  if (typeof kind !== 'string') return [`-a ${quote(kind.words.join(' '))}`];
  if (kind === 'host') return [`-a ${quote('(__airgap_hosts)')}`];
  return kind === 'image' ? [`-a ${quote('(airgap images --names 2>/dev/null)')}`] : [];
}

function argumentLines(command: CompletionCommand): string[] {
  return command.args.flatMap((kind, at) => {
    const words = offer(kind);
    if (words.length === 0) return [];
    const most = at === command.args.length - 1 && at > 0 ? 999 : at;
    const condition = quote(`__airgap_at ${quote(command.path.join(' '))} ${at} ${most}`);
    return [`complete -c airgap -n ${condition} ${words.join(' ')}`];
  });
}

function childLines(command: CompletionCommand, tree: readonly CompletionCommand[]): string[] {
  return tree
    .filter(
      (child) =>
        child.path.length === command.path.length + 1 &&
        command.path.every((word, at) => child.path[at] === word),
    )
    .map((child) => {
      const condition = quote(`__airgap_at ${quote(command.path.join(' '))} 0 0`);
      return `complete -c airgap -n ${condition} -a ${child.path.at(-1)} -d ${quote(child.summary)}`;
    });
}

function valueOptions(tree: readonly CompletionCommand[]): string[] {
  const names = tree
    .flatMap((command) => command.options)
    .filter((option) => option.value !== undefined)
    .flatMap((option) => [option.short, option.long]);
  return [...new Set(names)].filter((name) => name !== undefined);
}

// In fish's single quotes only \ and ' are special.
const quote = (word: string): string => `'${word.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
