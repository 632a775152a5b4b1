/** What ends a command before it has done its work: one line for the user, and no stack. */
import { canonicalQuery, type QueryRules } from '../axios/request/query.js';
import { secretParams } from '../options/secrets.js';
import { createDigest } from '../support/digest.js';

/** Ends the program with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Gives the line that is shown for an error: its message without our own prefix, and without a password in a URL. */
export function lineOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  const text = `${error instanceof Error ? error.message : String(error)}${cause}`;
  return withoutPassword(text.replace(/^axios-client-cache: /, '').split('\n')[0] ?? '');
}

/** Takes user-info out of the URLs in a text. It ends with the last `@` before the host: a password may have one. */
export const withoutPassword = (text: string): string => text.replace(/(\w+:\/\/)[^/?#\s]*@/g, '$1***@');

/** These rules ignore no parameter, and make no key. */
const SHOWN: QueryRules = { ignoredParams: new Set(), redactedParams: secretParams([]), digest: createDigest('') };

/** Gives a URL as it may be shown: without user-info, and with `***` for the values of secret parameters. */
export function shownUrl(url: string): string {
  const [, target = '', query] = /^([^?#]*)(?:\?([^#]*))?/.exec(url) ?? [];
  return withoutPassword(target) + (query === undefined ? '' : `?${canonicalQuery(query, SHOWN).shown}`);
}

/** So long a storage may take for one step, in milliseconds. */
export const PATIENCE_MS = 15_000;

/** Waits for a storage, but not without bound: a server that is not there must not hang the program. */
export async function inTime<T>(step: T | Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const error = new UsageError(`the storage has not answered within ${PATIENCE_MS / 1000} seconds.`);
    timer = setTimeout(() => { reject(error); }, PATIENCE_MS);
  });
  try {
    return await Promise.race([step, late]);
  } finally {
    clearTimeout(timer);
  }
}
