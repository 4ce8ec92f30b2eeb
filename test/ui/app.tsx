// The screen as people use it, with the test double as its core: keys in, pictures out.
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { render } from 'ink-testing-library';
import { knownOptions } from '../../src/cli/known-options.js';
import { parseCommand } from '../../src/cli/parse-command.js';
import { AirgapError } from '../../src/errors.js';
import type { Core } from '../../src/runs/api.js';
import { App, type Opened } from '../../ui/app.js';
import type { Doors } from '../../ui/doors.js';
import { createFakeCore, type Scene } from '../helpers/fake-core.js';
import { sampleImage } from '../helpers/samples.js';

interface Shown {
  /** Types these one after another; each is one key or one paste. */
  type(...keys: string[]): Promise<void>;
  until(pattern: RegExp): Promise<string>;
  readonly saved: Map<string, string>;
  readonly copied: string[];
  /** What was said at the end of runs. */
  readonly rung: string[];
  readonly core: Core;
}

const enter = '\r';
const esc = '\u001b';
const tab = '\t';

async function withScreen(scene: Scene, use: (shown: Shown) => Promise<void>): Promise<void> {
  const saved = new Map<string, string>();
  const copied: string[] = [];
  const rung: string[] = [];
  const core = createFakeCore(scene);
  const doors: Doors = {
    core: Promise.resolve(core),
    parse: parseCommand,
    knownOptions: async () => knownOptions(),
    save: async (file, content, how) => {
      if (how === 'new' && saved.has(file)) return false;
      saved.set(file, content);
      return true;
    },
    copy: async (text) => {
      copied.push(text);
      return 'terminal';
    },
    ring: (message) => rung.push(message),
    now: Date.now,
  };
  let opened: Opened | undefined;
  const keep = (now: Opened): void => {
    opened = now;
  };
  const screen = render(<App doors={doors} color={false} ascii={false} onOpen={keep} />);
  const frame = (): string => screen.lastFrame() ?? '';
  try {
    await use({
      saved,
      copied,
      rung,
      core,
      async type(...keys) {
        for (const key of keys) {
          screen.stdin.write(key);
          // Ink tells a lone Esc from the beginning of a longer key by waiting.
          await sleep(key === esc ? 120 : 30);
        }
      },
      async until(pattern) {
        for (let tries = 0; tries < 600 && !pattern.test(frame()); tries += 1) await sleep(50);
        if (!pattern.test(frame())) throw new Error(`never shown: ${pattern}\n${frame()}`);
        return frame();
      },
    });
  } finally {
    screen.unmount();
    // What still runs would keep the process of the tests.
    await opened?.controller.close();
  }
}

test.serial('a first transfer: choose, choose where, read the plan, start, read the proof', async (t) => {
  await withScreen('works', async ({ type, until, rung }) => {
    await until(/> \[ \] nginx:1\.27/);
    await type(' ');
    await until(/1 image · ~98\.0 MB · next: targets \(Tab\)/);
    await type(tab);
    await until(/web1 \(10\.0\.0\.7\) +docker 28\.0\.1/);
    await type(' ', '4');
    const plan = await until(/Nothing has been sent\. Enter starts/);
    t.regex(plan, /Plan for web1/);
    await type(enter);
    await until(/To web1 +done[\s\S]*web1: done in 12 s/);
    t.deepEqual(rung, ['web1 done']);
    await type('6', enter);
    const proof = await until(/\[6 Proof\]/);
    t.regex(proof, /nginx:1\.27/);
  });
});

test.serial(
  'looked-at-nothing: who looks again keeps the rows, and is told that it was looked',
  async (t) => {
    await withScreen('works', async ({ type, until }) => {
      await until(/> \[ \] nginx:1\.27/);
      await type('r');
      t.regex(await until(/\d images are there now/), /nginx:1\.27/);
    });
  },
);

test.serial('what is copied and saved is what would run', async (t) => {
  await withScreen('works', async ({ type, until, copied, saved }) => {
    await until(/nginx:1\.27/);
    await type('a', tab);
    await until(/web1/);
    await type(' ', '4');
    await until(/Enter starts/);
    await type('o', '/', 'limit', enter, enter, '20Mbit', enter);
    await until(/\[x\] --limit <RATE> +20Mbit/);
    await type(esc, esc);
    await until(/Enter starts/);
    await type('c');
    await until(/handed to the terminal/);
    t.deepEqual(copied, ['airgap send web1 nginx:1.27 app:2 --limit 20Mbit']);
    await type('w', enter);
    // Whole, and what such a file has no word for.
    const file = resolve('bundle.yaml');
    await until(new RegExp(`Saved as ${file}[\\s\\S]*stays for the command line: --limit\\s+20Mbit`));
    t.regex(saved.get(file) ?? '', /targets:\n {2}- "web1"/);
    await type('w', '\u007f'.repeat('bundle.yaml'.length), enter);
    await until(/Nothing was saved: a file needs a name/);
    await type(esc);
    await type('o', '/', 'compress', enter, enter, 'auto:9', enter);
    await until(/auto:9[\s\S]*\[USAGE\]/);
  });
});

test.serial('a plan that is refused does not start', async (t) => {
  await withScreen('refused', async ({ type, until }) => {
    await until(/nginx:1\.27/);
    await type(' ', tab);
    await until(/web1/);
    await type(' ', '4');
    await until(/This cannot start as it is/);
    await type(enter, '5');
    t.regex(await until(/\[5 Run\]/), /Nothing runs/);
  });
});

test.serial(
  'a host key is asked in place; anything but yes stops, and the hint says what to do',
  async (t) => {
    await withScreen('asks-host-key', async ({ type, until }) => {
      await until(/nginx:1\.27/);
      await type(' ', tab);
      await until(/web1/);
      await type(' ', '4');
      const asked = await until(/Is that its key\?[\s\S]*_$/m);
      t.regex(asked, /SHA256:of-web1/);
      await type('no', enter);
      await until(/\[HOST_KEY_UNKNOWN\]/);
      await type('r');
      await until(/Is that its key\?[\s\S]*_$/m);
      await type('yes', enter);
      await until(/Enter starts/);
    });
  },
);

test.serial('what runs is paused, goes on, and is stopped only after a question that names it', async (t) => {
  await withScreen('hangs', async ({ type, until }) => {
    await until(/nginx:1\.27/);
    await type(' ', tab);
    await until(/web1/);
    await type(' ', '4');
    await until(/Enter starts/);
    await type(enter);
    await until(/To web1 +running[\s\S]*sending/);
    await type('p');
    await until(/To web1 +paused/);
    await type('p');
    await until(/To web1 +running/);
    await type('1');
    await until(/\[1 Images\].*sending/);
    await type('5', 'x');
    await until(/Stop web1\?/);
    await type('n');
    t.regex(await until(/p pause/), /running/);
    await type('x', 'y');
    await until(/To web1 +stopped[\s\S]*r sends the rest/);
  });
});

test.serial(
  'the target at the cursor is tried again, and what others have done stays to be read',
  async (t) => {
    await withScreen('one-fails', async ({ type, until }) => {
      await until(/nginx:1\.27/);
      await type(' ', tab);
      await until(/db\$\(touch pwned\)/);
      await type(' ', ' ', '4');
      await until(/Enter starts/);
      await type(enter);
      await until(/> To web1 +done[\s\S]*To db\$\(touch pwned\) +failed[\s\S]*web1: done in 12 s/);
      await type('r');
      await until(/nothing here that this could be done with/);
      await type('j');
      await until(/\[SSH_LOST\][\s\S]*hint: \S[\s\S]*r tries this one again, R all that is left/);
      await type('r');
      const again = await until(/> To db\$\(touch pwned\) +done/);
      t.regex(again, /To web1 +done/);
      t.regex(again, /lost/, 'the log of the first try');
    });
  },
);

test.serial('filter, sort, kinds of sources, inspect, help', async (t) => {
  await withScreen('works', async ({ type, until }) => {
    await until(/nginx:1\.27/);
    await type('/', 'app');
    t.notRegex(await until(/Filter: app_/), /nginx/);
    await type(enter, esc);
    await until(/nginx:1\.27/);
    await type('s');
    await until(/by size/);
    await type('t');
    await until(/\[Containers 3\][\s\S]*shop \(shop:1\)/);
    await type('t');
    await until(/compose\.yaml +2 images, not here: mission:1, missing:1/);
    await type('t', 't', enter);
    await until(/\[1 Image\][\s\S]*DIFFID/);
    await type(esc);
    await until(/\[1 Images\]/);
    await type('?');
    await until(/Keys {2}Any key closes this/);
    await type('x');
    await until(/nginx:1\.27/);
  });
});

test.serial(
  'a layer is chosen and read, its biggest files are shown, and its settings are a key away',
  async (t) => {
    await withScreen('works', async ({ type, until }) => {
      await until(/nginx:1\.27/);
      await type(enter);
      await until(/> +1 {2}111111111111[\s\S]*Enter reads the layer/);
      await type('j', enter);
      const read = await until(/Layer 222222222222: 3 files, 3\.0 MB/);
      t.regex(read, /> +2 {2}222222222222[\s\S]*900 kB {2}usr\/lib\/big\.so/);
      await type('k');
      t.notRegex(await until(/> +1 {2}1111/), /big\.so/);
      await type('v');
      await until(/Entrypoint +\["\/docker-entrypoint\.sh"\]/);
      await type(esc);
      await until(/> +1 {2}1111/);
    });
  },
);

test.serial('what is being read of a layer is shown, Esc ends it and a second Esc leaves', async (t) => {
  await withScreen('hangs', async ({ type, until }) => {
    await until(/nginx:1\.27/);
    await type(enter);
    await until(/Enter reads the layer/);
    await type(enter);
    await until(/Esc stops it[\s\S]*900 kB {2}usr\/lib\/big\.so/);
    await type(esc);
    t.regex(await until(/stopped before the end/), /big\.so/);
    await type(esc);
    await until(/\[1 Images\]/);
  });
});

test.serial('a passport that lies on a drive is switched on for its bundle', async (t) => {
  await withScreen('works', async ({ type, until, copied }) => {
    await until(/nginx:1\.27/);
    await type(' ', tab);
    await until(/ {3}passport of edge1 +holds 3 images/);
    await type('G', 'k', ' ', ' ');
    await until(/\[x\] \/media\/usb[\s\S]*\[x\] {3}passport of edge1/);
    await type('4', 'c');
    await until(/handed to the terminal/);
    t.deepEqual(copied, ['airgap export /media/usb nginx:1.27 --for /media/usb/edge1.json']);
  });
});

test.serial('a host that is none is refused with the words of the command line, and not kept', async (t) => {
  await withScreen('works', async ({ type, until }) => {
    await until(/nginx:1\.27/);
    await type(tab, '+', 'a b', enter);
    t.notRegex(await until(/\[HOST_INVALID\]/), /\] a b/);
  });
});

test.serial(
  'files are found in folders, their place and mode are asked, and all of it is in the command',
  async (t) => {
    await withScreen('works', async ({ type, until, copied }) => {
      await until(/nginx:1\.27/);
      await type(' ', tab);
      await until(/web1/);
      await type(' ', '3');
      await until(/cker\/docker-ce\.repo +repo folder of the host +airgap’s own/);
      await type('o');
      await until(/\/srv {2}Enter opens[\s\S]*conf\//);
      await type('j', 'j', enter);
      await until(/\/srv\/locked" cannot be written or read: denied/);
      await type('o');
      await until(/conf\//);
      await type('j', enter);
      await until(/\/srv\/conf[\s\S]*app\.env +120 B/);
      await type('/', 'env', enter, 'j', ' ');
      await until(/Where it goes, \/TARGET/);
      await type('opt/app.env', enter);
      await until(/\[x\] \/srv\/conf\/app\.env +\/opt\/app\.env/);
      await type('G', 'm', '640', enter);
      await until(/\/opt\/app\.env +640/);
      await type('+', 'debug=true', enter);
      await until(/\[x\] debug=true +\/etc\/docker\/daemon\.json/);
      await type('o');
      await until(/app\.env/);
      await type(enter);
      await until(/rpms\//);
      await type('G', ' ');
      await until(/\[x\] \/srv\/rpms +repository in a bundle/);
      await type('4');
      await until(/Enter starts/);
      await type('G');
      await until(/Packages travel in bundles only, not to web1/);
      await type('c');
      await until(/handed to the terminal/);
      t.deepEqual(copied, [
        'airgap send web1 nginx:1.27 --file /srv/conf/app.env:/opt/app.env:640 --daemon-key debug=true',
      ]);
    });
  },
);

test.serial('a place that the command line would refuse is refused on the screen', async (t) => {
  await withScreen('works', async ({ type, until }) => {
    await until(/nginx:1\.27/);
    await type('3', '+', 'a.env', enter);
    await until(/Where it goes/);
    await type('opt/../x', enter);
    t.notRegex(await until(/\[USAGE\]/), /\[x\]/);
  });
});

test.serial('everything that runs here is chosen with one key, and let go with the same', async (t) => {
  await withScreen('works', async ({ type, until, copied }) => {
    await until(/Containers 3/);
    await type('R');
    const chosen = await until(/\[Containers 3\][\s\S]*2 containers ·/);
    t.regex(chosen, /\[x\] shop[\s\S]*\[ \] old[\s\S]*\[x\] db/);
    await type(tab);
    await until(/web1/);
    await type(' ', '4', 'c');
    await until(/handed to the terminal/);
    t.deepEqual(copied, ['airgap send web1 container:shop container:db']);
    await type('1', 'R');
    await until(/\[ \] shop/);
  });
});

test.serial('a plan tells the time by the limit, and cuts bundles into volumes', async (t) => {
  await withScreen('works', async ({ type, until, copied }) => {
    await until(/nginx:1\.27/);
    await type(' ', tab);
    await until(/web1/);
    await type(' ', 'G', 'k', ' ', '4');
    await until(/The time is not known yet[\s\S]*of 3\d/);
    await type('o', '/', 'limit', enter, enter, '1MB', enter, esc, esc);
    await until(/about 46 s at the limit/);
    await type('o', '/', 'split', enter, enter, 'much', enter);
    await until(/much_[\s\S]*--split cannot be "much".*\[USAGE\]/);
    await type('\u0015', '4GB', enter, esc, esc);
    await until(/Nothing has been sent/);
    await type('G');
    await until(/Options: --limit 1MB {2}--split 4GB/);
    await type('c');
    t.regex(await until(/handed to the terminal/), /Enter start/);
    t.deepEqual(copied, [
      'airgap send web1 nginx:1.27 --limit 1MB\nairgap export /media/usb nginx:1.27 --split 4GB',
    ]);
  });
});

test.serial('what cannot be planned for is told, and left out after a question that names it', async (t) => {
  await withScreen('plan-fails', async ({ type, until }) => {
    await until(/nginx:1\.27/);
    await type(' ', tab);
    await until(/db\$\(touch pwned\)/);
    await type(' ', ' ', '4');
    const plan = await until(/Enter starts all but db\$\(touch pwned\)/);
    t.regex(plan, /No plan for db\$\(touch pwned\): .*\[SSH_LOST\][\s\S]*Plan for web1/);
    await type(enter);
    await until(/Without db\$\(touch pwned\): .*Start the others\?/);
    await type('n');
    t.notRegex(await until(/Enter starts all but/), /\[5 Run\]/);
    await type(enter, 'y');
    t.notRegex(await until(/To web1 +done/), /To db/);
  });
  await withScreen('refused', async ({ type, until }) => {
    await until(/nginx:1\.27/);
    await type(' ', tab);
    await until(/\/media\/usb/);
    await type('G', 'k', ' ', '4');
    await until(/too little room.*\[DRIVE_FULL\][\s\S]*hint: Make room/);
    await until(/This cannot start as it is/);
    await type(enter, '5');
    await until(/Nothing runs/);
  });
});

test.serial('a place that another bundle has is told in the plan with the key that settles it', async (t) => {
  await withScreen('taken', async ({ type, until, copied }) => {
    await until(/nginx:1\.27/);
    await type(' ', tab);
    await until(/\/media\/usb/);
    await type('G', 'k', ' ', '4');
    await until(/holds another bundle \[BUNDLE_EXISTS\][\s\S]*hint: \S/);
    await type(enter, 'o', '/', 'replace', enter, ' ');
    await until(/> \[x\] --replace/);
    await type(esc, esc);
    await until(/Nothing has been sent\. Enter starts/);
    await type('c');
    await until(/handed to the terminal/);
    t.deepEqual(copied, ['airgap export /media/usb nginx:1.27 --replace']);
  });
});

test.serial('a bundle of a drive is imported here and on a host, another is named by its path', async (t) => {
  await withScreen('works', async ({ type, until, copied }) => {
    await until(/nginx:1\.27/);
    await type('t', 't', 't');
    await until(/\[Bundles 1\][\s\S]*\/media\/usb\/site +640 MB +site: 3 images, 2 files/);
    await type('+', '/srv/nowhere', enter);
    await until(/\[BUNDLE_INVALID\]/);
    await type('\u0015', '/srv/site', enter);
    await until(/> \[x\] \/srv\/site/);
    await type('2');
    await until(/this machine +docker 28/);
    await type(' ', 'j', ' ', '4');
    await until(/Enter starts/);
    await type('c');
    await until(/handed to the terminal/);
    t.deepEqual(copied, ['airgap import /srv/site --to web1\nairgap import /srv/site']);
    await type('o', '/', 'install', enter, ' ', esc, esc);
    await until(/Enter starts/);
    await type(enter);
    await until(/> site to web1 +done[\s\S]*site to this machine +done/);
    await until(/arrived and was proved/);
  });
});

test.serial('the options are those of the command line for what would run, and no others', async (t) => {
  await withScreen('works', async ({ type, until }) => {
    await until(/nginx:1\.27/);
    await type(' ', tab);
    await until(/web1/);
    await type(' ', '4', 'o');
    const send = await until(/--compress <HOW>[\s\S]*airgap export, send/);
    t.notRegex(send, /--replace|--split|--install-packages/);
    await type('/', '--change', enter, enter, 'USER app', enter, enter, 'CMD ["a b"]', enter);
    await until(/\[x\] --change <INSTRUCTION> +USER app, CMD \["a b"\]/);
    await type('d');
    t.notRegex(await until(/--change <INSTRUCTION> +USER app/), /CMD/);
    await type('d');
    await until(/\[ \] --change <INSTRUCTION>/);
  });
});

test.serial('what was added goes again, what was found stays and says why', async (t) => {
  await withScreen('works', async ({ type, until }) => {
    await until(/nginx:1\.27/);
    await type('3');
    await until(/airgap’s own/);
    await type('d');
    await until(/found here and stays in the list/);
    await type('+', 'debug=true', enter);
    await until(/> \[x\] debug=true/);
    await type('d');
    t.notRegex(await until(/> \[ \] \S+docker-ce\.repo/), /debug/);
  });
});

test.serial(
  'a run is repeated with its files, and what cannot be is told; an import is not sent again',
  async (t) => {
    await withScreen('works', async ({ type, until, copied }) => {
      await until(/nginx:1\.27/);
      await type('6');
      await until(/edge1 +site: nginx:1\.27, app:2[\s\S]*web1 +nginx:1\.27, app:2, \/opt/);
      // While rows came, the cursor stayed on the one that was there first.
      await type('g', 'r');
      await until(/came out of the bundle site/);
      await type('/', 'app.env', enter);
      t.notRegex(await until(/web1/), /edge1/);
      await type(enter);
      await until(/loaded and proved: its ID there is the digest of the config that was sent/);
      await type(esc, 'r');
      await until(/does not tell where these came from: \/etc\/docker\/daemon\.json/);
      await type('c');
      await until(/handed to the terminal/);
      t.deepEqual(copied, ['airgap send web1 nginx:1.27 app:2 --file /srv/app.env:/opt/app.env:0640']);
    });
  },
);

test.serial('targets that were added are kept, changed and forgotten after a question', async (t) => {
  await withScreen('works', async ({ type, until, saved }) => {
    await until(/nginx:1\.27/);
    await type(tab);
    await until(/web1/);
    await type('+', '/mnt/stick', enter);
    await until(/\[x\] \/mnt\/stick/);
    await type('G', 'e', '2', enter);
    await until(/\[x\] \/mnt\/stick2/);
    await type('G', 'd');
    await until(/Forget \/mnt\/stick2\?/);
    await type('y');
    t.notRegex(await until(/> \[ \] {3}passport of edge1/), /stick/);
    t.is(saved.size, 0);
  });
});

test.serial(
  'stopped-at-once: a run that is stopped before it has begun stops, and the screen can be left',
  async (t) => {
    await withScreen('hangs', async ({ type, until }) => {
      await until(/nginx:1\.27/);
      await type(' ', tab);
      await until(/web1/);
      await type(' ', '4');
      await until(/Enter starts/);
      // As a slow line delivers them: all at once.
      await Promise.all([type(enter), type('x'), type('y')]);
      t.regex(await until(/stopped[\s\S]*r sends the rest/), /To web1/);
    });
  },
);

test.serial('saved-over: a file that is there is written over after a question that names it', async (t) => {
  await withScreen('works', async ({ type, until, saved }) => {
    const file = resolve('bundle.yaml');
    saved.set(file, 'precious');
    await until(/nginx:1\.27/);
    await type(' ', tab);
    await until(/web1/);
    await type(' ', '4');
    await until(/Enter starts/);
    await type('w', enter);
    await until(/bundle\.yaml is there\. Write over it\? \[y\/N\] _/);
    await type('n');
    await until(/Enter starts/);
    t.is(saved.get(file), 'precious');
    await type('w', enter);
    await until(/Write over it\? \[y\/N\] _/);
    await type('y');
    await until(/Saved as .*bundle\.yaml/);
    t.not(saved.get(file), 'precious');
  });
});

test.serial('a second run does not push a paused one out of sight', async (t) => {
  await withScreen('hangs', async ({ type, until }) => {
    await until(/nginx:1\.27/);
    await type(' ', tab);
    await until(/web1/);
    await type(' ', '4');
    await until(/Enter starts/);
    await type(enter);
    await until(/To web1 +running/);
    await type('p');
    await until(/To web1 +paused/);
    await type('4');
    await until(/Enter starts/);
    await type(enter);
    await until(/An earlier run is not over/);
    await type('5');
    t.regex(await until(/\[5 Run\]/), /paused/);
    // What the sentence says to press does so.
    await type('x');
    await until(/To web1 +stopped/);
    await type('4');
    await until(/Enter starts/);
    await type(enter);
    await until(/To web1 +running/);
  });
});

test.serial('lost-line: what was refused stays with the reason, and is edited as in a shell', async (t) => {
  await withScreen('works', async ({ type, until }) => {
    await until(/nginx:1\.27/);
    await type(tab, '+', 'a b', enter);
    await until(/: a b_\n.*"a b" is not a host \[HOST_INVALID\]\n.*hint: Write \[user@\]host/);
    // Back over the blank, and the name put right in its middle.
    await type('\u001b[D', '\u007f', enter);
    await until(/\[x\] ab /);
    await type('+', 'one two', '\u0017', '\u0001', 'me@', '\u0005', '9');
    await until(/: me@one 9_/);
    await type('\u0015', '镜像主', '\u001b[D', '\u001b[D', '\u001b[3~');
    await until(/: 镜主$/m);
    await type(esc);
    t.notRegex(await until(/\[x\] ab /), /镜主/);
  });
});

test.serial('joined-paste: of several lines the first is taken, and that is said', async (t) => {
  await withScreen('works', async ({ type, until }) => {
    await until(/nginx:1\.27/);
    await type(tab, '+', '\u001b[200~web7\rweb8\r\u001b[201~');
    t.regex(await until(/Only the first of 2 pasted lines was taken/), /: web7_/);
    await type('\u0015', '\u001b[200~\u0003we\u0000b9\r\u001b[201~');
    t.regex(await until(/cannot be seen in it was left out/), /: web9_/);
    await type('\u0015');
    t.notRegex(await until(/: _/), /left out/);
  });
});

test.serial(
  'answered-blind: keys that were on their way when a question came do not answer it',
  async (t) => {
    await withScreen('asks-host-key', async ({ type, until }) => {
      await until(/nginx:1\.27/);
      await type(' ', tab);
      await until(/web1/);
      await type(' ', '4');
      await until(/Is that its key\?/);
      await Promise.all([type('y'), type('e'), type('s'), type(enter)]);
      t.regex(await until(/Is that its key\?[\s\S]*_$/m), /to stop: _$/m);
      await type('yes', enter);
      await until(/Enter starts/);
    });
  },
);

test.serial(
  'lasting-typo: a host that was typed is remembered once it has answered, and not before',
  async (t) => {
    await withScreen('asks-host-key', async ({ type, until, core }) => {
      await until(/nginx:1\.27/);
      await type(tab, '+', 'web9', enter);
      await until(/Is that its key\?[\s\S]*_$/m);
      await type('no', enter);
      await until(/> \[x\] web9[\s\S]*\[HOST_KEY_UNKNOWN\]/);
      t.deepEqual(await core.targets(), []);
      await type('r');
      await until(/Is that its key\?[\s\S]*_$/m);
      await type('yes', enter);
      await until(/> \[x\] web9 +docker/);
      t.deepEqual(await core.targets(), [{ kind: 'host', name: 'web9' }]);
    });
  },
);

test.serial('a registry: logged in to in place, wrongly first, then planned and pushed to', async (t) => {
  await withScreen('works', async ({ type, until, core }) => {
    await until(/> \[ \] nginx:1\.27/);
    await type(' ', tab);
    await until(/web1/);
    await type('+', 'closed.lan/site', enter);
    await until(/User at closed\.lan: _/);
    await type('me', enter);
    await until(/Password .*: _/);
    await type('wrong');
    t.notRegex(await until(/\*{5}_/), /wrong/);
    await type(enter);
    await until(/does not accept that user and password[\s\S]*REGISTRY_DENIED/);
    t.deepEqual(await core.targets(), []);
    await type('r');
    await until(/User at closed\.lan: _/);
    await type('me', enter);
    await until(/Password .*: _/);
    await type('secret', enter);
    await until(/closed\.lan\/site +a registry, reached/);
    t.deepEqual(await core.targets(), [{ kind: 'registry', name: 'closed.lan/site' }]);
    await type('4');
    t.regex(await until(/Nothing has been sent\. Enter starts/), /Push to closed\.lan\/site/);
    await type(enter);
    await until(/Push to closed\.lan\/site +done[\s\S]*closed\.lan\/site: done in/);
    // Esc at the question leaves why it was asked.
    await type('2', 'L');
    await until(/User at closed\.lan: _/);
    await type(esc);
    await until(/closed\.lan\/site +a registry, reached[\s\S]*Space choose/);
    await type('O');
    await until(/Forget the login to closed\.lan\/site\? \[y\/N\]/);
    await type('y');
    await until(
      /The login to closed\.lan is gone from [\s\S]*REGISTRY_DENIED|REGISTRY_DENIED[\s\S]*login to closed\.lan is gone/,
    );
  });
});

test.serial('an image is added by its name; one that cannot be opened stays to be corrected', async (t) => {
  await withScreen('works', async ({ type, until, core }) => {
    await until(/> \[ \] nginx:1\.27/);
    core.inspect = async (source) => {
      if (source.endsWith('oops')) throw new AirgapError('SOURCE_GONE', { source, detail: '' });
      return { image: sampleImage(), layers: [] };
    };
    await type('+', 'docker://registry.lan/app:oops', enter);
    await until(/app:oops_[\s\S]*\[SOURCE_GONE\]/);
    await type('\u007f'.repeat(4), '2', enter);
    t.regex(await until(/> \[x\] docker:\/\/registry\.lan\/app:2/), /linux\/amd64/);
  });
});
