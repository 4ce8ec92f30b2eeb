// English: every sentence a person reads. Facts in, sentence out; no logic beyond wording.
import { demo } from './en-demo.js';
import { doctor } from './en-doctor.js';
import { errors } from './en-errors.js';
import { files } from './en-files.js';
import { screenHints } from './en-screen-hints.js';
import { sourceParts } from './en-source-problems.js';
import { words } from './en-words.js';

export const en = { demo, doctor, errors, files, parts: sourceParts, screenHints, words };
