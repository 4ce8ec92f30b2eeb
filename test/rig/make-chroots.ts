// Makes the rig's chroots ahead of the tests, all at once, and tells what they hold: node --import=tsx test/rig/make-chroots.ts
import { chrootVersions, ensureChroot } from './chroot.js';

const suites = ['trixie', 'forky'] as const;
await Promise.all(suites.map((suite) => ensureChroot(suite)));
for (const suite of suites) console.log(await chrootVersions(suite));
