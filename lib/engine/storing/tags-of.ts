/** The tags that an entry gets beside the user's own: what invalidations find it by. */
import type { CacheRequest } from '../exchange/request.js';
import { pathOf } from '../reading/no-vary-search.js';
import type { EntryHead } from '../../entries/head.js';
import { groupTag, searchTag } from '../../entries/tags.js';
import { groupsOf } from '../../rfc9111/decide-invalidation.js';
import { searchVarianceOf } from '../../rfc9111/search-variance.js';

/** What stands for a text where it must not show. */
type Address = (text: string) => string;

/** Both of the following: most answers have neither. */
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

/** Of the origin that answered (RFC 9875 section 2.1): it is not for another one to group what this one gave. */
export function groupTags(head: EntryHead, request: CacheRequest, address: Address): string[] {
  const groups = groupsOf(head.headers);
  if (groups.length === 0) return [];
  const origin = request.originOf(head.finalUrl ?? head.url);
  return groups.map((group) => groupTag(origin, group, address));
}

/** By which an unsafe request finds what answers its own query too, whoever stored it for another one. */
function searchTags(head: EntryHead, { keyUrl }: CacheRequest, fromAskedUrl: boolean, address: Address): string[] {
  if (!fromAskedUrl || keyUrl === undefined || searchVarianceOf(head.headers) === undefined) return [];
  return [searchTag(pathOf(head.url), address)];
}
