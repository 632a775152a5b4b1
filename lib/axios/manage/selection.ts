/** This file finds out which entries a filter means: one of the option `invalidates`, or one of `instance.cache`. */
import type { InternalAxiosRequestConfig } from 'axios';
import type { UrlConfig } from '../request/build-url.js';
import { locatorOf } from '../request/locate.js';
import { namedPartition } from '../request/partition.js';
import type { Target } from '../request/target.js';
import type { NamedResource, Selection } from '../../engine/invalidation/invalidation.js';
import { pathOf } from '../../engine/reading/no-vary-search.js';
import { decodeHead, urlsOfHead } from '../../entries/head.js';
import { conditionsOf } from '../../manager/conditions.js';
import type { ParsedFilter } from '../../options/filters.js';
import type { CacheSession } from '../../session.js';
import type { Digest } from '../../support/digest.js';

type Test = Selection['isMeant'];
/** A relative URL is resolved by these options of axios. */
type Base = Pick<InternalAxiosRequestConfig, 'baseURL' | 'allowAbsoluteUrls' | 'socketPath'>;

/** Returns what `filter` selects; it is `undefined` where its URL is not one of http or https. */
export async function selectionOf(
  filter: ParsedFilter,
  base: Base,
  session: CacheSession,
): Promise<Selection | undefined> {
  const { url, partition, tag, unreadable = false } = filter;
  const tests: Test[] = [
    (entry) => (decodeHead(entry.head) === undefined) === unreadable,
    ...conditionsOf(filter, session.options.now(), (key) => session.displayKey(key)),
  ];
  let target: NamedResource | undefined;
  if (url !== undefined || partition !== undefined) {
    const digest = await session.digest();
    if (digest === undefined) return undefined;
    if (partition !== undefined) tests.push(isOfUser(partition, session, digest));
    target = url === undefined ? undefined : resourceOf(url, base, session, digest);
    if (target !== undefined) tests.push(isOfTarget(target));
    else if (url !== undefined) return undefined;
  }
  const isAlone = Object.values(filter).filter((condition) => condition !== undefined).length === 1;
  const only = target ?? (tag === undefined ? undefined : { tag });
  return { isMeant: (entry) => tests.every((test) => test(entry)), only: isAlone ? only : undefined };
}

function resourceOf(url: string, base: Base, session: CacheSession, digest: Digest): NamedResource | undefined {
  const target = targetOf(url, base, session, digest);
  return target === undefined ? undefined : { resource: session.address(target.resource), url: target.normalUrl.url };
}

/** Finds where a URL leads that axios would resolve by `base`. */
export function targetOf(url: string, base: Base, session: CacheSession, digest: Digest): Target | undefined {
  const { baseURL, allowAbsoluteUrls, socketPath = null } = base;
  const named: UrlConfig & { socketPath: string | null } = { url, socketPath };
  if (baseURL !== undefined) named.baseURL = baseURL;
  if (allowAbsoluteUrls !== undefined) named.allowAbsoluteUrls = allowAbsoluteUrls;
  return locatorOf(session, digest).targets.of(named);
}

function isOfTarget({ resource, url }: NamedResource): Test {
  const isPath = pathOf(url) === url;
  const isOfPath = (head: string): boolean => urlsOfHead(head).some((each) => pathOf(each) === url);
  return (entry) => entry.resource === resource || (isPath && isOfPath(entry.head));
}

/** A redirect may have taken the credentials off a request of the user. */
function isOfUser(name: string, session: CacheSession, digest: Digest): Test {
  const user = namedPartition(name, digest);
  return ({ key }) => session.isOfUser(key, user.known) || session.isOfUser(key, user.unknown);
}
