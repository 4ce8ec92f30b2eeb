// Sets options of the form: what is on or off at once, a value when it has been typed.
import type { Parts } from './parts.js';
import { offeredOptions, optionHere } from './state/options.js';

export interface Options {
  /** Learns what there is. */
  open(): void;
  /** Enter and Space: switches the option at the cursor, or asks for its value. */
  choose(): void;
  /** Takes back the option at the cursor; of several values the last. */
  clear(): void;
}

export function createOptions({ doors, state, dispatch }: Parts): Options {
  return {
    open: () =>
      // The command line's modules would stand before the first frame.
      void doors.core
        .then(() => doors.knownOptions())
        .then((options) => dispatch({ type: 'known.options', options: offeredOptions(options) })),
    choose() {
      const option = optionHere(state());
      if (option === undefined) return;
      const { flag, takes, repeats } = option;
      const values = state().options.get(flag);
      if (takes !== undefined)
        dispatch({
          type: 'field',
          field: { purpose: 'option', value: repeats ? '' : (values?.[0] ?? ''), option },
        });
      else dispatch({ type: 'option', flag, values: values === undefined ? [] : undefined });
    },
    clear() {
      const option = optionHere(state());
      if (option === undefined) return;
      const left = (state().options.get(option.flag) ?? []).slice(0, -1);
      dispatch({ type: 'option', flag: option.flag, values: left.length === 0 ? undefined : left });
    },
  };
}
