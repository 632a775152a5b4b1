/** What `filter`, `tags` and `cache.get` are given. */
import { type StoredParts, toStoredResponse } from '../../lib/entries/stored-response.js';

const parts = (change: Partial<StoredParts> = {}): StoredParts => ({
  url: 'https://a.test/users',
  method: 'GET',
  status: 200,
  statusText: 'OK',
  headers: { 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'] },
  body: new TextEncoder().encode('{"name":"Zoë"}'),
  tags: ['users'],
  createdAtMs: 1000,
  expiresAtMs: 61_000,
  ...change,
});

test('says what was stored', () => {
  expect(toStoredResponse(parts())).toMatchObject({
    url: 'https://a.test/users',
    method: 'GET',
    status: 200,
    statusText: 'OK',
    headers: { 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'] },
    tags: ['users'],
    createdAt: new Date(1000),
    expiresAt: new Date(61_000),
  });
});

test('what it was made of beyond that is not to be seen', () => {
  const secret = { ...parts(), vary: [['authorization', 'Bearer x']] };
  expect(JSON.stringify(toStoredResponse(secret))).not.toContain('Bearer');
});

test('what never expires has no date', () => {
  expect(toStoredResponse(parts({ expiresAtMs: Infinity })).expiresAt).toBeNull();
});

test('the body as text is UTF-8, and as JSON what it says', () => {
  const response = toStoredResponse(parts());
  expect(response.text()).toBe('{"name":"Zoë"}');
  expect(response.json<{ name: string }>().name).toBe('Zoë');
});

test('a byte order mark is no part of the text, but one of the bytes', () => {
  const body = new Uint8Array([0xef, 0xbb, 0xbf, 0x35]);
  const response = toStoredResponse(parts({ body }));
  expect([response.text(), response.json(), response.bytes]).toEqual(['5', 5, body]);
});

test('bytes that are no UTF-8 are replaced, not refused', () => {
  expect(toStoredResponse(parts({ body: new Uint8Array([0xff]) })).text()).toBe('\uFFFD');
});

test('a body that is no JSON is a SyntaxError, each time it is asked', () => {
  const response = toStoredResponse(parts({ body: new Uint8Array(0) }));
  expect(() => response.json()).toThrow(SyntaxError);
  expect(() => response.json()).toThrow(SyntaxError);
});

test('bytes are one copy: the same on each read, and changing them changes nothing stored', () => {
  const body = new Uint8Array([0x31, 0x32]);
  const response = toStoredResponse(parts({ body }));
  expect(response.bytes).toBe(response.bytes);
  response.bytes.fill(0);
  expect(body).toEqual(new Uint8Array([0x31, 0x32]));
  expect(response.text()).toBe('12');
});

test('a view of a larger buffer gives its own part', () => {
  const body = new TextEncoder().encode('abcdef').subarray(2, 4);
  const response = toStoredResponse(parts({ body }));
  expect(response.text()).toBe('cd');
  expect(response.bytes.buffer.byteLength).toBe(2);
});
