/**
 * How documents are called. Every `_id` begins with a digest of the namespace and with what kind of document it is, so
 * that no name shows a URL, and that a namespace is a range of the index.
 */
import { hashAddress } from '../../support/digest.js';

/** As many characters of a digest as no two namespaces of one collection share. */
const NAMESPACE_LENGTH = 22;

export class Names {
  readonly #namespace: string;
  /** The document with the token of the namespace, and with what else there is once in it. */
  readonly state: string;

  constructor(namespace: string) {
    this.#namespace = hashAddress(namespace).slice(0, NAMESPACE_LENGTH);
    this.state = `${this.#namespace}:n`;
  }

  /** All variants of a key have it in common. */
  key = (key: string): string => `${this.#namespace}:e:${hashAddress(key)}`;
  entry = (key: string, variant: string): string => `${this.key(key)}:${variant === '' ? '' : hashAddress(variant)}`;
  resource = (resource: string): string => `${this.#namespace}:r:${hashAddress(resource)}`;
  tag = (tag: string): string => `${this.#namespace}:t:${hashAddress(tag)}`;
  /** @param content names one body that is kept in pieces. */
  pieces = (content: string): string => `${this.#namespace}:b:${content}`;

  /** Conditions on an `_id` or a `k`, by the order of texts. */
  entriesAfter = (id = `${this.#namespace}:e:`): object => ({ $gt: id, $lt: `${this.#namespace}:e;` });
  everything = (): object => ({ $gte: `${this.#namespace}:`, $lt: `${this.#namespace};` });
}

/** Where the digest of the name stands in a name: the mark of a key is found by that of the key's own. */
export const digestIn = (name: string): string => name.slice(name.lastIndexOf(':') + 1);
