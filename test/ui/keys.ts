// The registry of keys: one meaning a key and screen, and names for whatever a terminal sends.
import test from 'ava';
import type { Key } from 'ink';
import { actionOf, bindings, bindingsOn, keyLabel, keyName, type ScreenName } from '../../ui/keys.js';

const screens: readonly ScreenName[] = [
  'images',
  'inspect',
  'targets',
  'extras',
  'plan',
  'run',
  'history',
  'proof',
];
const noKey = {} as Key;

for (const screen of screens) {
  test(`no key means two things on the ${screen} screen`, (t) => {
    const keys = bindingsOn(screen).flatMap((binding) => binding.keys);
    t.deepEqual(
      keys.filter((key, at) => keys.indexOf(key) !== at),
      [],
    );
  });
}

test('what works everywhere cannot be taken by a screen, and every screen can be left', (t) => {
  for (const screen of screens) {
    t.is(actionOf('q', screen), 'app.quit');
    t.is(actionOf('?', screen), 'app.help');
    t.is(actionOf('ctrl+c', screen), 'app.stop');
    t.is(actionOf('esc', screen), 'app.back');
  }
});

test('keys have one name, whatever the terminal sent', (t) => {
  t.is(keyName('', { ...noKey, upArrow: true }), 'up');
  t.is(keyName('', { ...noKey, return: true }), 'enter');
  t.is(keyName('', { ...noKey, tab: true, shift: true }), 'shift+tab');
  t.is(keyName(' ', noKey), 'space');
  t.is(keyName('c', { ...noKey, ctrl: true }), 'ctrl+c');
  t.is(keyName('G', noKey), 'G');
});

test('arrows have a name in ASCII, too', (t) => {
  t.is(keyLabel('up'), '↑');
  for (const { keys } of bindings) for (const key of keys) t.regex(keyLabel(key, true), /^[\x21-\x7e]+$/);
});

test('r tries again on every screen that shows errors: hints say so', (t) => {
  for (const screen of ['images', 'targets', 'plan', 'run'] as const)
    t.regex(actionOf('r', screen) ?? '', /again|probe|retry/, screen);
});
