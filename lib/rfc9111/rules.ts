/** This file says of each reason which rule stands behind it, and what it means in words. */
import type { CacheReason, NotStoredReason } from './model.js';

const RFC_9111 = (section: string): string => `RFC 9111 section ${section}`;
const FETCH = 'the Fetch standard, request cache modes';
const OPTION = (name: string): string => `the option ${name}`;

/** These are the rule, and the words that go on after a colon. */
export const REASONS: Readonly<Record<CacheReason, readonly [rule: string, because: string]>> = {
  fresh: [RFC_9111('4.2'), 'it is fresh'],
  'not-modified': [RFC_9111('4.3.4'), 'the server says that it still holds'],
  'stale-while-revalidate': ['RFC 5861 section 3', 'it may be used while it is refreshed in the background'],
  'stale-if-error': ['RFC 5861 section 4', 'it may stand in for a server that fails'],
  'soft-timeout': [OPTION('softTimeout'), 'the server takes its time'],
  'max-stale': [RFC_9111('5.2.1.2'), 'the request takes stale answers (max-stale)'],
  'force-cache': [FETCH, "the mode 'force-cache' takes whatever is stored"],
  'only-if-cached': [RFC_9111('5.2.1.7'), 'the server may not be asked (only-if-cached)'],
  'uri-miss': [RFC_9111('4'), 'nothing that is stored is the answer to it'],
  'vary-miss': [RFC_9111('4.1'), 'what is stored was given for other values of the fields that Vary names'],
  expired: [RFC_9111('4.2.4'), 'the lifetime of the stored answer is over'],
  'must-revalidate': [RFC_9111('5.2.2.2'), 'the lifetime is over, and the server forbids stale use (must-revalidate)'],
  'no-cache': [RFC_9111('5.2.2.4'), 'the stored answer is to be validated on each use (no-cache)'],
  reload: [FETCH, "the mode 'reload' takes nothing that is stored"],
  'max-age': [RFC_9111('5.2.1.1'), 'the stored answer is older than the request allows (max-age)'],
  'min-fresh': [RFC_9111('5.2.1.3'), 'the stored answer is not fresh for as long as the request demands (min-fresh)'],
  partial: [RFC_9111('3.4'), 'only a part of the answer is stored'],
  filtered: [OPTION('filter'), 'the filter does not let the stored answer be used'],
  unreadable: [RFC_9111('4'), 'what is stored cannot be read'],
  'storage-error': [RFC_9111('4'), 'the storage cannot be read'],
  'condition-failed': [RFC_9111('4.3.2'), 'the condition of the request is for the server to judge'],
  off: [OPTION('expireAfter'), 'the cache is switched off for it'],
  disabled: [OPTION('partition'), 'the cache stays out of it'],
  method: [OPTION('allowedMethods'), 'its method is not cached'],
  'no-store': [RFC_9111('5.2.1.5'), 'the request forbids storing (no-store)'],
  'stream-body': [RFC_9111('2'), 'its body cannot be read without using it up, so that it has no key'],
  uninstalled: ['cache.uninstall()', 'the cache is taken off this instance'],
  closed: ['cache.close()', 'the cache is closed'],
};

/** These words go on after "not stored:". */
export const UNSTORED: Readonly<Partial<Record<NotStoredReason, string>>> = {
  bypass: 'the cache has no part in the request',
  failed: 'the server is not asked',
  'read-only': 'the option readOnly is set',
  'storage-error': 'the storage fails',
};
