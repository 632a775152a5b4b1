/** The names of bodies: each body that is stored has a revision, which no other body has in any process. */

let prefix: string | undefined;
let count = 0;

/** It makes a revision: what this process has drawn by lot once, and a number. */
export function newRevision(): string {
  // It is drawn with the first body, and not on loading, as a loaded program may be copied into many processes.
  prefix ??= drawn() + drawn();
  count += 1;
  return `${prefix}.${count.toString(36)}`;
}

/** It need not be secret, only rare: about 40 bits. */
const drawn = (): string => Math.random().toString(36).slice(2, 10);
