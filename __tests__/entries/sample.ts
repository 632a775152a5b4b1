/** A head and an address with everything that an entry may have. */
import type { EntryIdentity } from '../../lib/entries/entry.js';
import type { EntryHead } from '../../lib/entries/head.js';
import type { HeaderFields } from '../../lib/rfc9111/model.js';

export const RECEIVED = Date.UTC(2030, 0, 1);
export const fields = (given: HeaderFields): HeaderFields => Object.assign(Object.create(null), given) as HeaderFields;

export const HEAD: EntryHead = {
  url: 'http://api.test/thing',
  method: 'GET',
  status: 200,
  statusText: 'OK',
  headers: fields({ 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'], etag: '"1"' }),
  headerCase: { etag: 'ETag' },
  requestTime: RECEIVED - 50,
  responseTime: RECEIVED,
  vary: [['accept', 'text/plain'], ['x-absent', null]],
  lifetime: { seconds: 60, source: 'session', basis: 'receipt' },
  headersHonoured: true,
  bodyKind: 'text',
  finalUrl: 'http://api.test/final',
  heedsValidateStatus: false,
};
export const ADDRESS: EntryIdentity = {
  key: 'key',
  resource: 'resource',
  variant: 'variant',
  tags: ['tag'],
  keepStale: 100,
  mayBeStale: true,
};
