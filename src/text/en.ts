// English: every sentence a person reads. Facts in, sentence out; no logic beyond wording.
import { errors } from './en-errors.js';
import { words } from './en-words.js';

export const en = { errors, words };
