/** What stands in a key for somebody's credentials. */
import { identityOf } from '../../support/identity.js';

export interface Partition {
  /** On one line. */
  readonly text: string;
  /** Something that cannot be read, as a cookie jar, is told apart by identity: true in this process only. */
  readonly opaque: boolean;
}

export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** What cannot be read is at least not taken for another. */
export const identified = (name: string, value: object): Partition => ({
  text: `;${name}=${String(identityOf(value))}`,
  opaque: true,
});
