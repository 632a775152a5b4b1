/** UTF-8 with the platform's classes and without them: both do the same, whatever the bytes are. */
import { TextDecoder as NodeDecoder, TextEncoder as NodeEncoder } from 'node:util';
import fc from 'fast-check';
import type * as Utf8 from '../../lib/support/utf8.js';

/** Loads the module for a scope that has neither class, and keeps that scope for each call. */
function withoutClasses<T>(use: (utf8: typeof Utf8) => T): T {
  const { TextEncoder: encoder, TextDecoder: decoder } = globalThis;
  try {
    Object.assign(globalThis, { TextEncoder: undefined, TextDecoder: undefined });
    let loaded: typeof Utf8 | undefined;
    jest.isolateModules(() => {
      loaded = jest.requireActual<typeof Utf8>('../../lib/support/utf8.js');
    });
    if (loaded === undefined) throw new Error('not loaded');
    return use(loaded);
  } finally {
    Object.assign(globalThis, { TextEncoder: encoder, TextDecoder: decoder });
  }
}

/** Any text, also one with halves of surrogate pairs, which are no Unicode. */
const text = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) });
/** Bytes of which many begin characters, or go on with them, so that cut and overlong ones are among them. */
const bytes = fc
  .array(
    fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0xed, 0xa0)),
  )
  .map((list) => Uint8Array.from(list));

const decoded = (decoder: { decode: (bytes: Uint8Array) => string }, from: Uint8Array): string => {
  try {
    return decoder.decode(from);
  } catch (error) {
    return (error as Error).name;
  }
};

test('texts are encoded as TextEncoder does', () => {
  withoutClasses(({ encoder }) => {
    const same = (value: string): void => {
      expect([...encoder.encode(value)]).toEqual([...new NodeEncoder().encode(value)]);
    };
    const others = ['', 'abc', 'ß', '€', '😀', '\ud83d', '\udc00x', '\ufeff', '\u07ff\u0800\uffff\u{10000}'];
    for (const each of others) same(each);
    fc.assert(fc.property(text, same));
  });
});

test.each(['decoder', 'markKeepingDecoder', 'strictDecoder'] as const)('%s reads bytes as TextDecoder does', (name) => {
  withoutClasses((utf8) => {
    const options = { ignoreBOM: name !== 'decoder', fatal: name === 'strictDecoder' };
    const native = new NodeDecoder('utf-8', options);
    const same = (value: Uint8Array): void => {
      expect([[...value], decoded(utf8[name], value)]).toEqual([[...value], decoded(native, value)]);
    };
    for (let first = 0x80; first <= 0xff; first += 1) {
      for (const rest of [[], [0x7f], [0x80], [0x90, 0x80], [0xa0, 0x80], [0xbf, 0xbf, 0xbf], [0x8f, 0xbf, 0x41]]) {
        same(Uint8Array.of(first, ...rest));
      }
    }
    same(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0xef, 0xbb, 0xbf));
    same(Uint8Array.of(0xef, 0xbf, 0xbd));
    fc.assert(fc.property(bytes, same), { numRuns: 1000 });
  });
});

test('a long text is read whole', () => {
  const long = '€uro '.repeat(20_000);
  withoutClasses(({ encoder, decoder }) => {
    expect(decoder.decode(encoder.encode(long))).toBe(long);
  });
});

test('classes that come after the first use are used from then on', () => {
  withoutClasses(({ encoder }) => {
    encoder.encode('a');
    const encode = jest.fn(() => Uint8Array.of(1));
    Object.assign(globalThis, { TextEncoder: class { readonly encode = encode; } });
    expect([...encoder.encode('a')]).toEqual([1]);
  });
});
