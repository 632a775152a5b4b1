/**
 * This file has the partition: the part of a key that stands for a user, so that nobody is given an answer for another.
 */
import { identityOf } from '../../support/identity.js';

export interface Partition {
  /** The text is on one line. */
  readonly text: string;
  /**
   * If this is true, the text means something in this process only: it names an object that cannot be read, as a cookie
   * jar, by its identity.
   */
  readonly opaque: boolean;
}

export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/**
 * Makes the partition for an object that cannot be read: it is told apart from other objects, and no more is known of
 * it.
 */
export const identified = (name: string, value: object): Partition => ({
  text: `;${name}=${String(identityOf(value))}`,
  opaque: true,
});
