/** What `response.cache` shows where it is listed, serialised and written as text. */
import { infoOf } from '../../../lib/axios/respond/cache-info.js';
import type { Answer } from '../../../lib/engine/exchange/answer.js';
import type { Outcome } from '../../../lib/engine/exchange/outcome.js';

const OUTCOME: Outcome = {
  content: { kind: 'origin', answer: { status: 200 } as Answer, isShared: false },
  status: 'miss', reason: 'uri-miss', notStored: 'no-store', collapsed: false, entry: undefined, age: undefined,
};
const info = infoOf(OUTCOME, 'http://api.test/', 'key', 0);

test('its facts are members, and its text is none of them', () => {
  expect(Object.keys(info).sort()).toEqual([
    'age',
    'collapsed',
    'createdAt',
    'expiresAt',
    'expirySource',
    'key',
    'notStored',
    'reason',
    'status',
    'stored',
    'tags',
    'ttl',
    'upstream',
    'url',
  ]);
  expect(JSON.parse(JSON.stringify(info))).toEqual({
    status: 'miss', reason: 'uri-miss', stored: false, notStored: 'no-store', collapsed: false, key: 'key',
    url: 'http://api.test/', tags: [],
  });
  expect(structuredClone(info)).toEqual({ ...info });
  expect(String(info)).toContain('axios-client-cache; fwd=uri-miss; fwd-status=200');
});

test('its text is to be had through a proxy, too', () => {
  expect(String(new Proxy(info, {}))).toContain('axios-client-cache; fwd=uri-miss');
});
