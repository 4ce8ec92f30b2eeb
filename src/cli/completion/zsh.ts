// The completion script for zsh, by its own _arguments.
import type { CompletionCommand, CompletionOption, WordKind } from './tree.js';

/** The whole script; its first line makes it autoloadable from a folder of fpath. */
export function zshCompletion(tree: readonly CompletionCommand[]): string {
  const top = tree.filter((command) => command.path.length === 1);
  return `#compdef airgap
# zsh completion for airgap. Made by: airgap completion zsh
_airgap_hosts() {
  local -a names
  names=("\${(@f)$(airgap hosts --names 2>/dev/null)}")
  _sequence compadd - "$names[@]"
}

_airgap_images() {
  local -a names
  names=("\${(@f)$(airgap images --names 2>/dev/null)}")
  compadd -a names
}

_airgap() {
  local curcontext="$curcontext" state line
  local -a commands
  _arguments -C ${specs(tree.find((command) => command.path.length === 0))} '1:command:->command' '*::argument:->argument' && return
  case $state in
    command)
      commands=(
${top.map((command) => `        ${quote(`${command.path[0]}:${command.summary}`)}`).join('\n')}
      )
      _describe -t commands command commands
      ;;
    argument)
      case $line[1] in
${top.map((command) => commandCase(command, tree)).join('\n')}
      esac
      ;;
  esac
}

if [[ $funcstack[1] = _airgap ]]; then _airgap "$@"; else compdef _airgap airgap; fi
`;
}

function commandCase(command: CompletionCommand, tree: readonly CompletionCommand[]): string {
  const name = command.path[0] ?? '';
  const children = tree.filter((child) => child.path.length === 2 && child.path[0] === name);
  if (children.length === 0)
    return `        ${name}) _arguments ${specs(command)} ${argumentSpecs(command)} ;;`;
  const words = children.map((child) => child.path[1]).join(' ');
  const nested = children
    .map((child) => `${child.path[1]}) _arguments ${specs(child)} ${argumentSpecs(child)} ;;`)
    .join(' ');
  return `        ${name}) _arguments -C ${specs(command)} ${quote(`1:command:(${words})`)} '*::argument:->nested' && return
          case $line[1] in ${nested} esac ;;`;
}

function specs(command: CompletionCommand | undefined): string {
  return (command?.options ?? []).flatMap(optionSpecs).join(' ');
}

function optionSpecs(option: CompletionOption): string[] {
  const names = [option.short, option.long].filter((name) => name !== undefined);
  const explanation = `[${option.description.replace(/[[\]\\]/g, '\\$&')}]`;
  const value = option.value === undefined ? '' : `:value:${action(option.value)}`;
  // `*`: may be repeated; it does no harm to those that may not.
  return names.map((name) => quote(`*${name}${explanation}${value}`));
}

function argumentSpecs(command: CompletionCommand): string {
  return command.args
    .map((kind, at) => {
      const place = at === command.args.length - 1 && at > 0 ? '*' : String(at + 1);
      return quote(`${place}:argument:${action(kind)}`);
    })
    .join(' ');
}

function action(kind: WordKind): string {
  if (typeof kind !== 'string') return `(${kind.words.map((word) => word.replaceAll(':', '\\:')).join(' ')})`;
  const actions = {
    host: '_airgap_hosts',
    image: '_airgap_images',
    file: '_files',
    folder: '_files -/',
    none: '',
  };
  return actions[kind];
}

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
