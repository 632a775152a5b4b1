/**
 * This file knows the two forms in which a storage has keys. A storage that never leaves the process may have them as
 * texts, which are lines: method, URL, the user, and what else matters. Every other storage has a digest of each part.
 */
import { hashAddress } from '../support/digest.js';

export type AddressForm = 'texts' | 'digests';

/** Under this name of `meta` a storage that never leaves the process says which form its keys have. */
export const FORM_NAME = 'addresses';

const DIGESTS = /^[\w-]{43}(?:\.[\w-]{43})*$/;

/** It is true for a key that is made of digests. No text of a key is, as it has line breaks. */
export const isDigest = (key: string): boolean => DIGESTS.test(key);

/** It makes the digests of a key, whose method and URL are one part, and each further line is another. */
export const digestOfKey = (start: string, lines: readonly string[]): string =>
  [start, ...lines].map(hashAddress).join('.');

/** It makes the text that all requests of one URL have in common, whoever sends them. */
export const textOfResource = (keyUrl: string): string => `resource\n${keyUrl}`;
