/** Bodies as the bytes that are stored, and back. */
import { type Body, BODY_KINDS, copyOf, copyOfJson, decodeBody, encodeBody } from '../../lib/entries/body.js';

const BODIES: readonly [Body, readonly number[]][] = [
  [{ kind: 'bytes', bytes: Uint8Array.of(0, 255) }, [0, 255]],
  [{ kind: 'text', text: '\uFEFFë' }, [0xef, 0xbb, 0xbf, 0xc3, 0xab]],
  [{ kind: 'value', value: { a: ['\uFEFFb', null] } }, [...Buffer.from('{"a":["\uFEFFb",null]}')]],
  [{ kind: 'none' }, []],
];

test.each(BODIES)('%j is read as it was', (body, bytes) => {
  const encoded = encodeBody(body);
  expect([...encoded]).toEqual(bytes);
  expect(decodeBody(body.kind, encoded)).toEqual(body);
});

test('a value that is no JSON any more is a SyntaxError', () => {
  expect(() => decodeBody('value', Uint8Array.of(0x7b))).toThrow(SyntaxError);
});

test('stored heads name a kind by its position', () => {
  expect(BODY_KINDS).toEqual(['bytes', 'text', 'value', 'none']);
});

test('a copy has the bytes of the view alone, in a buffer of its own', () => {
  const whole = Uint8Array.of(1, 2, 3, 4);
  const copy = copyOf(new DataView(whole.buffer, 1, 2));
  whole.fill(0);
  expect([[...copy], copy.buffer.byteLength]).toEqual([[2, 3], 2]);
});

test('a copy of JSON data shares nothing with it, and a proxy of it can be copied', () => {
  const inner = { b: 1 };
  const copy = copyOfJson(new Proxy({ a: inner }, {})) as { a: typeof inner };
  inner.b = 2;
  expect(copy).toEqual({ a: { b: 1 } });
});
