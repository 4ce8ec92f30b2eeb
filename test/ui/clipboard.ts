// Copying out of the screen: through tmux by its own hand, through GNU screen in pieces that it takes.
import test from 'ava';
import { copyText } from '../../ui/terminal/clipboard.js';
import { needing } from '../helpers/needs.js';
import { withTmux } from '../helpers/tmux.js';

const osc52 = (text: string): string => `\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`;

async function copied(text: string, env: NodeJS.ProcessEnv): Promise<{ to: string; bytes: string }> {
  let bytes = '';
  const to = await copyText(text, { env, raw: (more) => (bytes += more) });
  return { to, bytes };
}

test('a terminal gets the text as it takes it, and as whatever may lie between hands it on', async (t) => {
  t.deepEqual(await copied('airgap send 主机', { TERM: 'xterm-256color' }), {
    to: 'terminal',
    bytes: osc52('airgap send 主机'),
  });
  const { bytes } = await copied('x', { TERM: 'tmux-256color' });
  t.is(bytes, `${osc52('x')}\u001bPtmux;\u001b${osc52('x')}\u001b\\`);
});

test('cut-by-screen: GNU screen gets pieces that it takes whole', async (t) => {
  const text = 'airgap send web1 nginx:1.27 '.repeat(100);
  const { to, bytes } = await copied(text, { STY: '1.pts-0.host', TERM: 'screen' });
  t.is(to, 'screen');
  const pieces = bytes.split('\u001b\\').slice(0, -1);
  for (const piece of pieces) t.true(piece.startsWith('\u001bP') && piece.length < 256);
  t.is(pieces.map((piece) => piece.slice(2)).join(''), osc52(text));
});

test('without its program, text goes through tmux by a sequence', async (t) => {
  const { to, bytes } = await copied('x', { TMUX: '/tmp/none,1,0', PATH: '/nonexistent' });
  t.is(to, 'terminal');
  t.is(bytes, `\u001bPtmux;\u001b${osc52('x')}\u001b\\`);
});

needing('tmux', 'linux').serial('clipboard-in-tmux: what c copies can be pasted in tmux', async (t) => {
  t.timeout(300_000);
  await withTmux({ scene: 'works', args: [] }, async (terminal) => {
    await terminal.until(/> \[ \] nginx:1\.27/);
    await terminal.keys('Space', '2');
    await terminal.until(/web1 \(10\.0\.0\.7\) +docker 28/);
    await terminal.keys('Space', '4');
    await terminal.until(/Enter starts/);
    await terminal.keys('c');
    await terminal.until(/handed to tmux/);
    t.is(await terminal.buffer(), 'airgap send web1 nginx:1.27');
  });
});
