/**
 * This file tells which entries can be found in another storage, and brings their keys into the form which that one
 * has. It stands apart, as pages that copy nothing do not load it.
 */
import { digestOfKey, isDigest, textOfResource } from './addresses.js';
import type { EntryHead } from './head.js';
import { isUserTag } from './tags.js';
import type { RenewedEntry } from '../api/storage.js';
import { hashAddress } from '../support/digest.js';

/** These stand in a key in the place of the user where a request has no credentials, or the user has no name. */
const ANYBODY = ['credentials', 'everybody'];

/**
 * It is true where neither the key nor what Vary names was made with the secret of a storage, so that the entry is
 * found by whoever asks the same, in any storage. Where that cannot be told it is false.
 */
export function isForAnybody(key: string, { url, vary }: Pick<EntryHead, 'url' | 'vary'>): boolean {
  // A value of Vary is a digest that was made with the secret, and null where the request had no such field.
  if (url.includes('***') || vary.some(([, value]) => value !== null)) return false;
  const isHashed = isDigest(key);
  const [user, ...others] = isHashed ? key.split('.').slice(1) : key.split('\n').slice(2);
  return others.length === 0 && ANYBODY.some((name) => (isHashed ? hashAddress(name) : name) === user);
}

/** It is true for the text of a key that names an object of this process, such as a jar of cookies, by a number. */
export const isOfThisProcess = (key: string): boolean => /;[^;=]+=\d+\.\d/.test(key.split('\n')[2] ?? '');

/** It returns the entry with digests in the place of texts, as sessions on other storages would have made them. */
export function digested<E extends RenewedEntry>(entry: E): E {
  const [method = '', url = '', ...lines] = entry.key.split('\n');
  return {
    ...entry,
    key: digestOfKey(`${method}\n${url}`, lines),
    resource: hashAddress(entry.resource),
    tags: entry.tags.map((tag) => readdressed(tag, hashAddress)),
  };
}

/** It returns an entry that is for anybody with texts in the place of digests; undefined where they cannot be told. */
export function undigested<E extends RenewedEntry>(entry: E, { method, url }: EntryHead): E | undefined {
  const [start, user] = entry.key.split('.');
  const lines = [`${method}\n${url}`, ANYBODY.find((name) => hashAddress(name) === user) ?? ''];
  const resource = textOfResource(url);
  const isKnown = hashAddress(lines[0] ?? '') === start && hashAddress(resource) === entry.resource;
  return isKnown && entry.tags.every(isUserTag) ? { ...entry, key: lines.join('\n'), resource } : undefined;
}

/** It returns one of the cache's own tags with what `address` makes of the text in it, and others as they are. */
function readdressed(stored: string, address: (text: string) => string): string {
  if (isUserTag(stored)) return stored;
  const at = stored.indexOf(' ') + 1;
  return stored.slice(0, at) + address(stored.slice(at));
}
