/** What the head of a stored answer keeps when the server says that the answer still holds. */
import { withFreshenedHead } from '../../../lib/engine/storing/freshen.js';
import type { EntryHead } from '../../../lib/entries/head.js';
import type { StoredHead } from '../../../lib/rfc9111/model.js';

const former: EntryHead = {
  url: 'http://api.test/users',
  method: 'GET',
  status: 200,
  statusText: 'OK',
  headers: { etag: '"1"' },
  requestTime: 1_000,
  responseTime: 2_000,
  vary: [['accept', 'text/plain']],
  lifetime: { seconds: 60, source: 'session', basis: 'receipt' },
  headersHonoured: true,
  redirectsTo: undefined,
  bodyKind: 'bytes',
  headerCase: { etag: 'ETag' },
  finalUrl: 'http://api.test/users/',
  heedsValidateStatus: true,
  request: { headers: { 'x-own': 'Ada' }, body: undefined },
};

test('a renewal changes what the server may say anew, and keeps the rest, a recorded request too', () => {
  const own = ['bodyKind', 'headerCase', 'finalUrl', 'heedsValidateStatus', 'request'];
  const said = Object.fromEntries(Object.entries(former).filter(([name]) => !own.includes(name)));
  const renewed = withFreshenedHead({ ...(said as unknown as StoredHead), responseTime: 9_000 }, former);
  expect(renewed).toEqual({ ...former, responseTime: 9_000 });
});
