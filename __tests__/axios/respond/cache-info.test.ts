/** What `response.cache` shows where it is listed, serialised and written as text. */
import { createCacheInfo, type InfoParts } from '../../../lib/axios/respond/cache-info.js';

const PARTS: InfoParts = {
  status: 'miss', reason: 'uri-miss', notStored: 'no-store', collapsed: false, key: 'key', url: 'http://api.test/',
  entry: undefined, age: undefined, forwardStatus: 200, now: 0,
};
const TEXT = 'axios-client-cache; fwd=uri-miss; fwd-status=200';

test('its facts are members, and its text is none of them', () => {
  const info = createCacheInfo(PARTS);
  expect(Object.keys(info)).toEqual([
    'status', 'reason', 'stored', 'notStored', 'collapsed', 'key', 'url', 'createdAt', 'expiresAt', 'expirySource',
    'age', 'ttl', 'tags',
  ]);
  expect(JSON.parse(JSON.stringify(info))).toEqual({
    status: 'miss', reason: 'uri-miss', stored: false, notStored: 'no-store', collapsed: false, key: 'key',
    url: 'http://api.test/', tags: [],
  });
  expect(structuredClone(info)).toEqual({ ...info });
  expect(String(info)).toContain(TEXT);
});

test('its text is to be had through a proxy, too', () => {
  const info = new Proxy(createCacheInfo(PARTS), {});
  expect(String(info)).toContain('axios-client-cache; fwd=uri-miss');
});
