// How Chinese is set: what a sentence must not hold.

/** No blank between Chinese and Latin letters or digits; half-width punctuation; a blank beside full-width punctuation. */
export const unlikeChinese =
  /\p{Script=Han}[A-Za-z0-9]|[A-Za-z0-9]\p{Script=Han}|\p{Script=Han}[,;:!?()]|[\u3001\u3002\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f] | [\u3001\u3002\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f]/u;
