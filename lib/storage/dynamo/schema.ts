/**
 * What is where in the table. Its keys are a partition `p` and a sort key `s`, both texts of digests; `x` is the TTL.
 *
 * | `p`                        | `s`                              | what                                         |
 * | -------------------------- | -------------------------------- | -------------------------------------------- |
 * | `<namespace>`              | `n`                              | its token, and counts of what was deleted    |
 * | `<namespace>`              | `m#<name>`                       | a value of `meta`                            |
 * | `<namespace>#r#<resource>` | `t`                              | its token, and marks of deleted keys         |
 * | `<namespace>#r#<resource>` | `v#<key>#<variant>`              | an entry; a small body is in it              |
 * | `<namespace>#c#<resource>` | `<key>#<variant>#<revision>#<n>` | a part of a large body                       |
 * | `<namespace>#t#<tag>`      | `t`                              | its token                                    |
 * | `<namespace>#t#<tag>`      | `i#<resource>#<key>#<variant>`   | where an entry with the tag is to be found   |
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { hashAddress } from '../../support/digest.js';

export const PARTITION = 'p';
export const SORT = 's';
/** In epoch seconds. DynamoDB removes what it says within some days. */
export const TTL = 'x';

export type Item = Readonly<Record<string, AttributeValue>>;
export interface ItemKey {
  readonly p: string;
  readonly s: string;
}

export const ENTRY_PREFIX = 'v#';
export const INDEX_PREFIX = 'i#';

/** Which variant of which key; digests. */
export interface EntryAddress {
  readonly resource: string;
  readonly key: string;
  readonly variant: string;
}

export class Schema {
  readonly #namespace: string;

  constructor(namespace: string) {
    this.#namespace = hashAddress(namespace);
  }

  /** How the partitions of all entries, tokens and marks begin. */
  get prefix(): string {
    return `${this.#namespace}#`;
  }

  namespace(): ItemKey {
    return { p: this.#namespace, s: 'n' };
  }

  meta(name: string): ItemKey {
    return { p: this.#namespace, s: `m#${hashAddress(name)}` };
  }

  resourceToken(resource: string): ItemKey {
    return { p: `${this.#namespace}#r#${hashAddress(resource)}`, s: 't' };
  }

  tagToken(tag: string): ItemKey {
    return { p: `${this.#namespace}#t#${hashAddress(tag)}`, s: 't' };
  }

  entry({ resource, key, variant }: EntryAddress): ItemKey {
    return { p: `${this.#namespace}#r#${resource}`, s: `${ENTRY_PREFIX}${key}#${variant}` };
  }

  index(tag: string, { resource, key, variant }: EntryAddress): ItemKey {
    return { p: this.tagToken(tag).p, s: `${INDEX_PREFIX}${resource}#${key}#${variant}` };
  }

  /** The inverse of `index`. */
  indexedEntry({ s }: ItemKey): ItemKey {
    const [, resource = '', key = '', variant = ''] = s.split('#');
    return this.entry({ resource, key, variant });
  }

  /** @param entry where the head of the body is. */
  chunk(entry: ItemKey, revision: string, number: number): ItemKey {
    const p = entry.p.replace('#r#', '#c#');
    return { p, s: `${entry.s.slice(ENTRY_PREFIX.length)}#${revision}#${number}` };
  }
}

export const addressOf = (key: string, resource: string, variant: string): EntryAddress => ({
  resource: hashAddress(resource),
  key: hashAddress(key),
  variant: hashAddress(variant),
});

export const keyItem = ({ p, s }: ItemKey): Record<string, AttributeValue> => ({
  [PARTITION]: { S: p },
  [SORT]: { S: s },
});

export const keyOfItem = (item: Item): ItemKey => ({ p: textOf(item[PARTITION]) ?? '', s: textOf(item[SORT]) ?? '' });

export const textOf = (value: AttributeValue | undefined): string | undefined => value?.S;

/** Numbers travel as texts. */
export function numberOf(value: AttributeValue | undefined): number | undefined {
  const number = value?.N === undefined ? NaN : Number(value.N);
  return Number.isFinite(number) ? number : undefined;
}

export const bytesOf = (value: AttributeValue | undefined): Uint8Array | undefined => value?.B;

/** DynamoDB takes no number beyond this one, `Infinity` included. */
const MOST = 9.9e125;

export const numeric = (number: number): AttributeValue =>
  ({ N: String(Math.min(Math.max(number, -MOST), MOST)) });
