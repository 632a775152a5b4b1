/**
 * This file makes the tags that the cache itself gives to an entry, beside the user's own: invalidations find the entry
 * by them.
 */
import type { CacheRequest } from '../exchange/request.js';
import { pathOf } from '../reading/no-vary-search.js';
import type { EntryHead } from '../../entries/head.js';
import { groupTag, searchTag } from '../../entries/tags.js';
import { groupsOf } from '../../rfc9111/decide-invalidation.js';
import { searchVarianceOf } from '../../rfc9111/search-variance.js';

/** It returns what is stored in place of a text that must not show, such as a digest. */
type Address = (text: string) => string;

/** It returns the tags of both kinds, for cache groups and for No-Vary-Search. Most answers have neither. */
export function tagsOf(
  head: EntryHead,
  request: CacheRequest,
  fromAskedUrl: boolean,
  address: Address,
): readonly string[] {
  const { headers } = head;
  if (headers['cache-groups'] === undefined && headers['no-vary-search'] === undefined) return NO_TAGS;
  return [...groupTags(head, request, address), ...searchTags(head, request, fromAskedUrl, address)];
}

const NO_TAGS: readonly string[] = [];

/**
 * It returns the tags for the answer's cache groups (RFC 9875 section 2.1). They belong to the origin that answered: no
 * other origin may group its answers.
 */
export function groupTags(head: EntryHead, request: CacheRequest, address: Address): string[] {
  const groups = groupsOf(head.headers);
  if (groups.length === 0) return [];
  const origin = request.originOf(head.finalUrl ?? head.url);
  return groups.map((group) => groupTag(origin, group, address));
}

/**
 * It returns the tag by which an unsafe request finds an entry that may answer several queries of its path
 * (No-Vary-Search), whichever query it was stored for.
 */
function searchTags(head: EntryHead, { keyUrl }: CacheRequest, fromAskedUrl: boolean, address: Address): string[] {
  if (!fromAskedUrl || keyUrl === undefined || searchVarianceOf(head.headers) === undefined) return [];
  return [searchTag(pathOf(head.url), address)];
}
