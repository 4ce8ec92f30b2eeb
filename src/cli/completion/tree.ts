// What completion scripts need of the command tree: names, options, and what kind of word each argument is.
import type { Argument, Command, Option } from 'commander';
import { languages } from '../../text/language.js';
import { createProgram } from '../program.js';

/** What a word may be completed with. */
export type WordKind = 'host' | 'image' | 'file' | 'folder' | 'none' | { readonly words: readonly string[] };

export interface CompletionOption {
  readonly short: string | undefined;
  readonly long: string | undefined;
  readonly description: string;
  /** Undefined for options without a value. */
  readonly value: WordKind | undefined;
}

export interface CompletionCommand {
  /** `send`, `spool prune`. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly options: readonly CompletionOption[];
  /** By place; the last one repeats if the command takes many. */
  readonly args: readonly WordKind[];
}

/** Every command, the root first with an empty path. Hidden options are left out. */
export function completionTree(): readonly CompletionCommand[] {
  const nothing = async (): Promise<number> => 0;
  const program = createProgram(
    {
      send: nothing,
      plan: nothing,
      export: nothing,
      import: nothing,
      push: nothing,
      mirrorConfig: nothing,
      images: nothing,
      inspect: nothing,
      doctor: nothing,
      clean: nothing,
      spool: nothing,
      prune: nothing,
      hosts: nothing,
      hostsAdd: nothing,
      hostsForget: nothing,
      receipts: nothing,
      show: nothing,
      verify: nothing,
      showBundle: nothing,
      passport: nothing,
      rollback: nothing,
      login: nothing,
      logout: nothing,
      demo: nothing,
      completion: nothing,
    },
    { write: () => undefined, columns: 80 },
    () => undefined,
  );
  return walk(program, []);
}

function walk(command: Command, path: readonly string[]): CompletionCommand[] {
  const own: CompletionCommand = {
    path,
    summary: command.summary(),
    options: command.createHelp().visibleOptions(command).map(describe),
    args: command.registeredArguments.map(argumentKind),
  };
  return [own, ...command.commands.flatMap((child) => walk(child, [...path, child.name()]))];
}

function describe(option: Option): CompletionOption {
  return {
    short: option.short,
    long: option.long,
    description: option.description,
    value: option.required ? optionKind(option) : undefined,
  };
}

// What stands between < and > in the option's own flags tells what it takes.
function optionKind(option: Option): WordKind {
  const placeholder = /<([^>]+)>/.exec(option.flags)?.[1] ?? '';
  const fixed: Readonly<Record<string, readonly string[]>> = {
    CLIENT: ['ssh2', 'openssh'],
    LANG: languages,
    HOW: ['auto', 'none', 'zstd', 'zstd:1', 'zstd:3', 'zstd:9', 'gzip'],
    ENGINE: ['docker', 'containerd', 'k3s', 'rke2', 'k3s-images', 'rke2-images'],
    'OS/ARCH': ['linux/amd64', 'linux/arm64', 'linux/arm/v7'],
  };
  const words = fixed[placeholder];
  if (words !== undefined) return { words };
  if (placeholder === 'FILE' || placeholder === 'KEY') return 'file';
  if (placeholder === 'DIR' || placeholder === 'FOLDER') return 'folder';
  return placeholder === 'JUMP' || placeholder === 'HOST' ? 'host' : 'none';
}

function argumentKind(argument: Argument): WordKind {
  switch (argument.name()) {
    case 'HOST':
      return 'host';
    case 'IMAGE':
      return 'image';
    case 'DEST':
      return 'folder';
    case 'BUNDLE':
      return 'file';
    case 'SHELL':
      return { words: ['bash', 'zsh', 'fish'] };
    default:
      return 'none';
  }
}
