// The completion script for bash (4 and later). Names from outside are compared, never expanded: `compgen -W` would
// run what stands between $( and ) in an alias of somebody's ssh config.
import type { CompletionCommand, WordKind } from './tree.js';

/** The whole script. */
export function bashCompletion(tree: readonly CompletionCommand[]): string {
  const commands = tree.filter((command) => command.path.length === 1).map((command) => command.path[0]);
  const nested = tree
    .filter((command) => command.path.length === 2)
    .map((command) => quote(command.path.join(' ')));
  return `# bash completion for airgap. Made by: airgap completion bash
_airgap_offer() {
  local word kept=""
  # What stands before the last : or = is a word of its own to bash.
  case "$COMP_WORDBREAKS" in *:*) case "$cur" in *[:=]*) kept="\${cur%"\${cur##*[:=]}"}" ;; esac ;; esac
  while IFS= read -r word; do
    # Readline inserts a word as it is: one that the shell would run or split is not offered.
    case "$word" in *[!A-Za-z0-9_.:/@,%+=~-]*) continue ;; esac
    [[ -n "$word" && "$word" == "$cur"* ]] && COMPREPLY+=("\${word#"$kept"}")
  done
}

_airgap_kind() {
  local typed
  case "$1" in
    host)
      # HOST,HOST: the hosts before the last comma stay.
      case "$cur" in *,*) typed="\${cur%,*}," ;; *) typed="" ;; esac
      _airgap_offer < <(airgap hosts --names 2>/dev/null | while IFS= read -r host; do
        # One that is typed already is no choice.
        case ",$typed" in *",$host,"*) continue ;; esac
        printf '%s%s\\n' "$typed" "$host"
      done)
      ;;
    image) _airgap_offer < <(airgap images --names 2>/dev/null) ;;
    file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    folder) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
    words:*) _airgap_offer < <(tr ' ' '\\n' <<< "\${1#words:}") ;;
  esac
}

_airgap() {
  local line="\${COMP_LINE:0:COMP_POINT}" cur path="" skip="" word args=0
  local -a before
  cur="\${line##*[[:space:]]}"
  line="\${line%"$cur"}"
  read -ra before <<< "$line"
  COMPREPLY=()
  for word in "\${before[@]:1}"; do
    if [[ -n "$skip" ]]; then skip=""; continue; fi
    case "$word" in
${optionCases(tree)}
      -*) continue ;;
    esac
    if [[ -z "$path" ]]; then path="$word"; continue; fi
    case "$path $word" in
      ${nested.join(' | ')}) path="$path $word" ;;
      *) args=$((args + 1)) ;;
    esac
  done
  if [[ -n "$skip" ]]; then _airgap_kind "$skip"; return; fi
  if [[ "$cur" == -* ]]; then
    case "$path" in
${tree.map(optionList).join('\n')}
    esac
    return
  fi
  case "$path" in
    "") _airgap_offer < <(printf '%s\\n' ${commands.join(' ')}) ;;
${tree
  .filter((command) => command.path.length > 0)
  .map((command) => argumentCase(command, tree))
  .join('\n')}
  esac
}

complete -F _airgap airgap
`;
}

function optionCases(tree: readonly CompletionCommand[]): string {
  const kinds = new Map<string, string>();
  for (const option of tree.flatMap((command) => command.options)) {
    if (option.value === undefined) continue;
    for (const name of [option.short, option.long])
      if (name !== undefined) kinds.set(name, kindWord(option.value));
  }
  return [...kinds].map(([name, kind]) => `      ${name}) skip=${quote(kind)}; continue ;;`).join('\n');
}

function optionList(command: CompletionCommand): string {
  const names = command.options.flatMap((option) => [option.long ?? option.short ?? '']).filter(Boolean);
  return `      ${quote(command.path.join(' '))}) _airgap_offer < <(printf '%s\\n' ${names.join(' ')}) ;;`;
}

function argumentCase(command: CompletionCommand, tree: readonly CompletionCommand[]): string {
  const children = tree
    .filter((other) => other.path.length === command.path.length + 1 && other.path[0] === command.path[0])
    .map((child) => child.path.at(-1));
  const kinds = command.args.map((kind, at) => {
    const place = at === command.args.length - 1 && at > 0 ? '*' : String(at);
    return `${place}) _airgap_kind ${quote(kindWord(kind))} ;;`;
  });
  const cases = children.length > 0 ? [`0) _airgap_kind ${quote(`words:${children.join(' ')}`)} ;;`] : kinds;
  const body = cases.length === 0 ? ':' : `case "$args" in ${cases.join(' ')} esac`;
  return `    ${quote(command.path.join(' '))}) ${body} ;;`;
}

const kindWord = (kind: WordKind): string =>
  typeof kind === 'string' ? kind : `words:${kind.words.join(' ')}`;
const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
