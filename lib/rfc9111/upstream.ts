/**
 * This file reads what an answer says of the caches that it has passed: by Cache-Status (RFC 9211), by the fields that
 * some of them had before, and by Age.
 */
import { fieldValue, listMembers, splitList } from './fields.js';
import type { CacheStatus, HeaderFields, Seconds } from './model.js';

export interface Upstream {
  /** What the cache did that `by` names. */
  readonly status: CacheStatus;
  /** True where any cache on the way had the answer. */
  readonly hit: boolean;
  /** The cache nearest to us that had it; where none had it, the last that is named. */
  readonly by: string | undefined;
  /** The Age, in seconds. */
  readonly age: Seconds | undefined;
}

/** One cache on the way. */
interface Said {
  readonly status: CacheStatus;
  readonly by: string | undefined;
}

/** The result is undefined where no cache says anything that can be read. */
export function upstreamOf(headers: HeaderFields): Upstream | undefined {
  // It is asked on each hit, and most answers have none of them.
  if (FIELDS.every((name) => headers[name] === undefined)) return undefined;
  const age = ageIn(headers);
  // What comes later is nearer to us: the caches of a list are in the order in which the answer has passed them.
  const all = [
    ...elements(headers, 'x-cache').flatMap(inXCache),
    ...elements(headers, 'cache-status').flatMap(inCacheStatus),
    ...elements(headers, 'cf-cache-status').flatMap(inCloudflare),
  ];
  const nearest = all.filter(({ status }) => HAD_IT.has(status)).at(-1) ?? all.at(-1);
  if (nearest !== undefined) {
    return Object.freeze({ status: nearest.status, hit: HAD_IT.has(nearest.status), by: nearest.by, age });
  }
  // Only a cache gives an Age (RFC 9111 section 5.1), and some give that of 0 with what they have just fetched.
  if (age === undefined) return undefined;
  return Object.freeze({ status: age > 0 ? 'hit' : 'miss', hit: age > 0, by: undefined, age });
}

const FIELDS = ['age', 'x-cache', 'cache-status', 'cf-cache-status'] as const;
const HAD_IT: ReadonlySet<CacheStatus> = new Set(['hit', 'stale', 'revalidated']);

function ageIn(headers: HeaderFields): Seconds | undefined {
  const age = fieldValue(headers, 'age')?.trim();
  return age !== undefined && /^\d{1,10}$/.test(age) ? Number(age) : undefined;
}

const elements = (headers: HeaderFields, name: string): readonly string[] =>
  listMembers(fieldValue(headers, name) ?? '');

/** The name of a cache is a token or a string (RFC 9651 section 3.1). */
const NAME = /^(?:"(?:[^"\\]|\\.)*"|[a-z*][\w!#$%&'*+\-.^`|~:/]*)$/i;

/** https://www.rfc-editor.org/rfc/rfc9211#section-2 */
function inCacheStatus(member: string): readonly Said[] {
  const [first = '', ...parameters] = splitList(member, ';');
  if (!NAME.test(first)) return [];
  const by = first.replaceAll(/^"|"$|\\(?=["\\])/g, '');
  const given = new Map(parameters.map((each) => pairOf(each)));
  if (given.has('hit')) return [{ status: Number(given.get('ttl')) < 0 ? 'stale' : 'hit', by }];
  const forward = given.get('fwd');
  if (forward === 'bypass' || forward === 'method') return [{ status: 'bypass', by }];
  return [{ status: forward === 'stale' && given.get('fwd-status') === '304' ? 'revalidated' : 'miss', by }];
}

function pairOf(parameter: string): [name: string, value: string] {
  const [name = '', value = ''] = parameter.split('=', 2);
  return [name, value];
}

/** https://developers.cloudflare.com/cache/concepts/cache-responses/ */
const CLOUDFLARE: ReadonlyMap<string, CacheStatus> = new Map([
  ['HIT', 'hit'],
  ['STALE', 'stale'],
  ['UPDATING', 'stale'],
  ['REVALIDATED', 'revalidated'],
  ['MISS', 'miss'],
  ['EXPIRED', 'miss'],
  ['BYPASS', 'bypass'],
  ['DYNAMIC', 'bypass'],
]);

function inCloudflare(word: string): readonly Said[] {
  const status = CLOUDFLARE.get(word.toUpperCase());
  return status === undefined ? [] : [{ status, by: 'Cloudflare' }];
}

/** No standard says what the field holds. These are the words of CloudFront, Fastly, Akamai, Varnish and Squid. */
const X_CACHE = /^(?:tcp_)?(?:mem_|ims_|negative_)?(refresh_?hit|hit|miss|expired|stale|pass|bypass)\w*(?: from (\S+))?/i;
const X_CACHE_WORDS: Readonly<Record<string, CacheStatus>> = {
  refreshhit: 'revalidated',
  hit: 'hit',
  stale: 'stale',
  pass: 'bypass',
  bypass: 'bypass',
};

function inXCache(element: string): readonly Said[] {
  const [, word, by] = X_CACHE.exec(element) ?? [];
  if (word === undefined) return [];
  return [{ status: X_CACHE_WORDS[word.toLowerCase().replace('_', '')] ?? 'miss', by }];
}
