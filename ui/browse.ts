// Looks through folders for something to choose: Enter opens a folder, Space chooses what is at the cursor.
import path from 'node:path';
import type { Parts } from './parts.js';
import { chosenWords, shownEntries } from './state/extras.js';

export interface Browse {
  /** Shows the folder that was shown last, else the one where airgap was started. */
  open(): void;
  /** Enter. */
  enter(): void;
  /** Space. */
  choose(): void;
}

export function createBrowse({ doors, state, dispatch }: Parts, complain: (error: unknown) => void): Browse {
  let last = '.';
  const show = (folder: string): void => {
    dispatch({ type: 'browse', path: folder });
    const asked = state().browser;
    doors.core
      .then((core) => core.listFolder(folder))
      .then((listing) => {
        // Whoever has left in the meantime is not brought back.
        if (state().browser?.path !== asked?.path) return;
        last = listing.path;
        dispatch({ type: 'browsed', listing });
      })
      .catch((error: unknown) => {
        complain(error);
        dispatch({ type: 'browse', path: undefined });
      });
  };
  const here = ():
    | { readonly whole: string; readonly kind: 'folder' | 'file'; readonly name: string }
    | undefined => {
    const { browser } = state();
    const entries = shownEntries(state());
    const entry = entries[Math.max(0, Math.min(entries.length - 1, browser?.rows.cursor ?? 0))];
    if (entry === undefined || browser?.listing === undefined) return undefined;
    return { whole: path.join(browser.listing.path, entry.name), kind: entry.kind, name: entry.name };
  };
  const choose = (): void => {
    const chosen = here();
    if (chosen === undefined || chosen.name === '..') return;
    const words = chosenWords(chosen.whole, chosen.kind);
    if (words === undefined)
      dispatch({ type: 'field', field: { purpose: 'extra-place', value: '/', source: chosen.whole } });
    else dispatch({ type: 'extra.add', words, from: 'typed' });
    dispatch({ type: 'browse', path: undefined });
  };

  return {
    open: () => show(last),
    enter() {
      const entry = here();
      if (entry?.kind === 'folder') show(entry.whole);
      else choose();
    },
    choose,
  };
}
