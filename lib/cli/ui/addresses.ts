/** Names of entries for the page, which say nothing of them: the keys of a storage in memory hold credentials. */
import { randomBytes } from 'node:crypto';
import { hashAddress } from '../../support/digest.js';
import { BoundedMap } from '../../support/bounded-map.js';
import type { Address } from '../listing.js';

/** So many are known at once; a page that has older ones reads its list anew. */
const MOST = 20_000;

export class Addresses {
  readonly #known = new BoundedMap<string, Address>(MOST);
  /** It keeps the names of one run from those of another. */
  readonly #salt = randomBytes(16).toString('hex');

  nameOf({ key, resource, variant, revision, tags }: Address): string {
    const name = hashAddress(JSON.stringify([this.#salt, key, variant, revision]));
    if (this.#known.get(name) === undefined) this.#known.set(name, { key, resource, variant, revision, tags });
    return name;
  }

  find(name: unknown): Address | undefined {
    return this.#known.get(String(name));
  }
}
