/** The record through all of its layers: what is written is read back, and nothing else is read as whole. */
import * as fc from 'fast-check';
import { createHash, createHmac, hkdfSync } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { bodyOf, codecWith, fieldsOf, KEY, LAYERS, OTHER_KEY } from './samples.js';
import type { RecordCodec } from '../../../lib/storage/record/codec.js';
import type { RecordOptions } from '../../../lib/storage/record/options.js';
import { explain, FORMAT, HEAD_BYTES, type Reading, VERSION_AT } from '../../../lib/storage/record/part.js';
import { checksum } from '../../../lib/storage/record/seals.js';

const FLAGS_AT = 3;
const LENGTH_AT = 4;
const COMPRESSED = 1;

/** It can be compressed, and is large enough to be compressed by default. */
const LARGE = new TextEncoder().encode('{"id":1,"name":"Ann"},'.repeat(1000));
/** Nothing makes it smaller. */
const NOISE = new Uint8Array(createHash('shake256', { outputLength: 5000 }).update('noise').digest());
/** So large that it is compressed in another thread. */
const HUGE = new TextEncoder().encode('{"id":1,"name":"Ann"},'.repeat(20_000));

const changed = (part: Uint8Array, at: number, byte: number): Uint8Array => {
  const copy = new Uint8Array(part);
  copy[at] = byte;
  return copy;
};

const turned = (part: Uint8Array, at: number, bit: number): Uint8Array =>
  changed(part, at, (part[at] ?? 0) ^ (1 << bit));

const expectRead = async (reading: Reading<Uint8Array> | Promise<Reading<Uint8Array>>, body: Uint8Array) => {
  const found = await reading;
  if (found.kind !== 'read') throw new Error(explain(found));
  expect(Buffer.compare(found.value, body)).toBe(0);
};

const problem = (text: string) => ({ kind: 'malformed', problem: expect.stringContaining(text) as string });

describe.each(LAYERS)('with %s', (_name, options) => {
  const codec = codecWith(options);

  test.each([
    ['nothing', new Uint8Array(0)],
    ['one byte', Uint8Array.of(0)],
    ['all values of a byte', Uint8Array.from({ length: 256 }, (_, index) => index)],
    ['what gets smaller by compression', LARGE],
    ['what does not', NOISE],
    ['what is large', HUGE],
    ['a view into something larger', LARGE.subarray(100, 9000)],
    ['a Buffer', Buffer.from(LARGE)],
  ])('a body is read back: %s', async (_what, body) => {
    const part = await codec.encodeBody(bodyOf(body));
    await expectRead(codec.readBody(part, fieldsOf()), body);
    await expectRead(codec.readBody(Buffer.from(part), fieldsOf()), body);
  });

  test('fields are read back', async () => {
    const fields = fieldsOf({ tags: ['a', '\ud800'], purgeAtMs: 5.5, head: `{"status":200,"x":"${'é'.repeat(5000)}"}` });
    expect(await codec.readFields(await codec.encodeFields(fields))).toEqual({ kind: 'read', value: fields });
  });

  test('what a Buffer was read from gives plain bytes, whose slice is a copy', async () => {
    const part = Buffer.from(await codec.encodeBody(bodyOf(LARGE)));
    const reading = await codec.readBody(part, fieldsOf());
    expect(reading.kind === 'read' && reading.value.constructor).toBe(Uint8Array);
  });

  test('every part begins with the magic and the version', async () => {
    for (const part of [await codec.encodeFields(fieldsOf()), await codec.encodeBody(bodyOf(LARGE))]) {
      expect([...part.subarray(0, FORMAT.byteLength)]).toEqual([0xac, 0xca, 2]);
    }
  });

  test('a body with any bit turned is not read', async () => {
    const body = LARGE.subarray(0, 300);
    const part = await codec.encodeBody(bodyOf(body));
    for (let at = 0; at < part.byteLength; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        expect((await codec.readBody(turned(part, at, bit), fieldsOf())).kind).not.toBe('read');
      }
    }
  });

  test('fields with any bit turned are not read', async () => {
    const part = await codec.encodeFields(fieldsOf());
    for (let at = 0; at < part.byteLength; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        expect((await codec.readFields(turned(part, at, bit))).kind).not.toBe('read');
      }
    }
  });

  test('a part that is cut short at any place, or goes on, is not read', async () => {
    const part = await codec.encodeBody(bodyOf(LARGE.subarray(0, 300)));
    for (let length = 0; length < part.byteLength; length += 1) {
      expect(await codec.readBody(part.subarray(0, length), fieldsOf())).toMatchObject({ kind: 'malformed' });
    }
    expect(await codec.readBody(new Uint8Array([...part, 0]), fieldsOf())).toMatchObject({ kind: 'malformed' });
  });

  test('parts of two records that were mixed in any way are not read', async () => {
    const one = await codec.encodeBody(bodyOf(LARGE.subarray(0, 100)));
    const other = await codec.encodeBody(bodyOf(NOISE.subarray(0, 100)));
    await fc.assert(
      fc.asyncProperty(fc.nat(one.byteLength), fc.nat(other.byteLength), async (from, to) => {
        const mixed = new Uint8Array([...one.subarray(0, from), ...other.subarray(to)]);
        const isOne = Buffer.compare(mixed, one) === 0 || Buffer.compare(mixed, other) === 0;
        if (!isOne) expect((await codec.readBody(mixed, fieldsOf())).kind).not.toBe('read');
      }),
    );
  });

  test.each([
    ['another key', { key: 'other' }],
    ['another variant', { variant: 'other' }],
    ['another revision', { revision: 'other' }],
    ['texts that only look the same together', { key: 'ke', variant: 'y' }],
    ['a text that no UTF-8 holds, in place of another one', { key: '\ud801' }],
  ])('a body is not read as one of %s', async (_what, other) => {
    for (const key of ['key', '\ud800']) {
      const part = await codec.encodeBody(bodyOf(LARGE, { key }));
      expect(await codec.readBody(part, fieldsOf(other))).toMatchObject({ kind: 'malformed' });
    }
  });

  test('fields are not read as a body, nor a body as fields', async () => {
    const fields = await codec.encodeFields(fieldsOf());
    const json = new TextEncoder().encode(JSON.stringify(fieldsOf({ purgeAtMs: 1 })));
    const body = await codec.encodeBody(bodyOf(json));
    expect(await codec.readBody(fields, fieldsOf())).toMatchObject({ kind: 'malformed' });
    expect(await codec.readFields(body)).toMatchObject({ kind: 'malformed' });
  });

  test('what was written in another namespace is not read', async () => {
    const other = codecWith({ ...options, namespace: 'other' });
    expect(await other.readFields(await codec.encodeFields(fieldsOf()))).toMatchObject({ kind: 'malformed' });
    const part = await codec.encodeBody(bodyOf(LARGE));
    expect(await other.readBody(part, fieldsOf())).toMatchObject({ kind: 'malformed' });
  });

  test('any bytes, bare and behind a right head, are only said to be wrong', async () => {
    const start = (await codec.encodeBody(bodyOf(LARGE))).subarray(0, LENGTH_AT);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        for (const part of [bytes, new Uint8Array([...start, ...bytes])]) {
          expect((await codec.readBody(part, fieldsOf())).kind).not.toBe('read');
          expect((await codec.readFields(part)).kind).not.toBe('read');
        }
      }),
    );
  });

  test.each([
    ['a later format', VERSION_AT, () => 3, '3.'],
    ['a former format', VERSION_AT, () => 1, '1.'],
    ['a layer that this version does not know', FLAGS_AT, (flags: number) => flags | 8, '2.'],
  ])('%s is told apart from damage, whatever follows', async (_what, at, change, format) => {
    const part = await codec.encodeFields(fieldsOf());
    const reading = await codec.readFields(changed(part, at, change(part[at] ?? 0)).subarray(0, HEAD_BYTES));
    expect(reading).toEqual({ kind: 'other-format', format: expect.stringContaining(format) as string });
    expect(reading.kind === 'read' ? '' : explain(reading)).toContain(`format ${format}`);
  });
});

describe('without compression', () => {
  const uncompressed = LAYERS.filter(([, { compress }]) => compress === undefined);

  test.each(uncompressed)('nothing is waited for with %s', (_layers, options) => {
    const codec = codecWith(options);
    const [fields, body] = [codec.encodeFields(fieldsOf()), codec.encodeBody(bodyOf(HUGE))];
    expect(fields).toBeInstanceOf(Uint8Array);
    expect(body).toBeInstanceOf(Uint8Array);
    expect(codec.readFields(fields as Uint8Array)).toMatchObject({ kind: 'read' });
    expect(codec.readBody(body as Uint8Array, fieldsOf())).toMatchObject({ kind: 'read' });
  });

  test('the body that is read is that of the record, and no copy', () => {
    const codec = codecWith();
    const part = codec.encodeBody(bodyOf(LARGE)) as Uint8Array;
    const reading = codec.readBody(part, fieldsOf()) as Reading<Uint8Array>;
    expect(reading.kind === 'read' && reading.value.buffer).toBe(part.buffer);
  });

  test('what is written is what it was: a record of this format that was written once is still read', () => {
    // The checksum is of another implementation.
    const content = Uint8Array.of(1, 2, 3);
    const written = Uint8Array.of(0xac, 0xca, 2, 0, 0, 0, 0, 3, 1, 2, 3, 0xf1, 0x93, 0x24, 0x9a);
    expect(codecWith().encodeBody(bodyOf(content))).toEqual(written);
  });

  test('so are fields that were written once', () => {
    // The checksum is of another implementation.
    const json =
      '{"key":"key","resource":"resource","variant":"","revision":"revision","tags":[],"createdAtMs":1704067200000,' +
      '"expiresAtMs":4102444800000,"purgeAtMs":null,"head":"{\\"status\\":200}"}';
    const written = [0xac, 0xca, 2, 0, 0, 0, 0, 0xb3, ...Buffer.from(json), 0x17, 0x12, 0x7f, 0x3a];
    expect([...(codecWith().encodeFields(fieldsOf()) as Uint8Array)]).toEqual(written);
  });
});

describe('what is wrong with a part is said', () => {
  const cut = async (options: RecordOptions, bytes: number): Promise<unknown> => {
    const codec = codecWith(options);
    const part = await codec.encodeBody(bodyOf(Uint8Array.of(1, 2, 3)));
    return codec.readBody(part.subarray(0, bytes), fieldsOf());
  };

  test.each<[string, RecordOptions, number, string]>([
    ['without a head', {}, HEAD_BYTES - 1, 'it is shorter than a head'],
    ['without a checksum', {}, HEAD_BYTES, 'it ends within its checksum'],
    ['with a part of its checksum', {}, HEAD_BYTES + 3, 'it ends within its checksum'],
    ['with something else for its checksum', {}, HEAD_BYTES + 4, 'its checksum is another'],
    ['with a part of its signature', { signingKeys: [KEY] }, HEAD_BYTES + 31, 'it ends within its signature'],
    ['with a part of its tag', { encryptionKeys: [KEY] }, HEAD_BYTES + 27, 'it ends within its tag'],
  ])('%s', async (_what, options, bytes, text) => {
    expect(await cut(options, bytes)).toEqual({ kind: 'malformed', problem: text });
  });

  test.each([0, 1])('with another byte %i', async (at) => {
    const codec = codecWith();
    const part = await codec.encodeBody(bodyOf(LARGE));
    const reading = await codec.readBody(changed(part, at, 0), fieldsOf());
    expect(reading).toEqual({ kind: 'malformed', problem: 'it does not begin as a record does' });
  });

  test('with a content of another length than it says', async () => {
    const binding = JSON.stringify(['body', 'axios-cache', 'key', '', 'revision']);
    const part = checksum.close({ flags: 0, length: 4 }, Uint8Array.of(1, 2, 3), binding);
    const reading = await codecWith().readBody(part, fieldsOf());
    expect(reading).toEqual({ kind: 'malformed', problem: 'it has another length' });
  });
});

test.each<[string, RecordOptions, boolean]>([
  ['nothing', {}, false],
  ['compression', { compress: true }, false],
  ['a signature', { signingKeys: [KEY] }, true],
  ['encryption', { encryptionKeys: [KEY] }, true],
])('with %s it has keys: %s', (_name, options, hasKeys) => {
  expect(codecWith(options).hasKeys).toBe(hasKeys);
});

describe('compression', () => {
  test('is waited for where there is more than 64 KiB, and only there', async () => {
    const codec = codecWith({ compress: true });
    const most = 64 * 1024;
    for (const [length, isWaitedFor] of [[most, false], [most + 1, true]] as const) {
      const encoded = codec.encodeBody(bodyOf(HUGE.subarray(0, length)));
      expect(encoded instanceof Promise).toBe(isWaitedFor);
      const read = codec.readBody(await encoded, fieldsOf());
      expect(read instanceof Promise).toBe(isWaitedFor);
      await read;
    }
  });

  const sizes = async (options: RecordOptions, body: Uint8Array): Promise<number> =>
    (await codecWith(options).encodeBody(bodyOf(body))).byteLength;

  test('begins at 4096 bytes, or where the option says', async () => {
    const [below, at] = [LARGE.subarray(0, 4095), LARGE.subarray(0, 4096)];
    expect(await sizes({ compress: true }, below)).toBeGreaterThan(4095);
    expect(await sizes({ compress: true }, at)).toBeLessThan(1000);
    expect(await sizes({ compress: { from: 100 } }, LARGE.subarray(0, 99))).toBeGreaterThan(99);
    expect(await sizes({ compress: { from: 100 } }, LARGE.subarray(0, 100))).toBeLessThan(100);
    expect(await sizes({ compress: false }, LARGE)).toBeGreaterThan(LARGE.byteLength);
  });

  test('is left out where it would make nothing smaller', async () => {
    expect(await sizes({ compress: true }, NOISE)).toBe(await sizes({}, NOISE));
  });

  test('is read with and without the option', async () => {
    const part = await codecWith({ compress: true }).encodeBody(bodyOf(LARGE));
    await expectRead(codecWith().readBody(part, fieldsOf()), LARGE);
    const plain = await codecWith().encodeBody(bodyOf(LARGE));
    await expectRead(codecWith({ compress: true }).readBody(plain, fieldsOf()), LARGE);
  });

  const BINDING = JSON.stringify(['body', 'axios-cache', 'key', '', 'revision']);
  /** A part whose seal is right, and whose content is compressed otherwise than it says. */
  const forged = (content: Uint8Array, length: number): Uint8Array =>
    checksum.close({ flags: COMPRESSED, length }, content, BINDING);

  test.each([
    ['above what is done at once', 100_000],
    ['of what is done at once', 1000],
    ['of nothing', 0],
  ])('a bomb makes no more than it says, with a length %s', async (_what, length) => {
    const bomb = deflateRawSync(new Uint8Array(50_000_000));
    const before = process.memoryUsage().arrayBuffers;
    expect(await codecWith().readBody(forged(bomb, length), fieldsOf())).toEqual(problem('longer than it says'));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5_000_000);
  });

  test('a bomb that says its size is not opened where nothing of that size is ever compressed', async () => {
    const part = forged(deflateRawSync(new Uint8Array(1000)), 0xffffffff);
    expect(await codecWith().readBody(part, fieldsOf())).toEqual(problem('larger than what is compressed'));
  });

  test.each([1000, 100_000])('what is shorter than the %i bytes that it says is damaged', async (length) => {
    const part = forged(deflateRawSync(HUGE.subarray(0, length - 1)), length);
    expect(await codecWith().readBody(part, fieldsOf())).toEqual(problem('shorter than it says'));
  });

  test('what is no deflate is damaged', async () => {
    for (const length of [100, 100_000]) {
      expect(await codecWith().readBody(forged(NOISE, length), fieldsOf())).toMatchObject({ kind: 'malformed' });
    }
  });
});

describe.each([
  ['signatures', 'signingKeys', 'none of the signingKeys'],
  ['encryption', 'encryptionKeys', 'none of the encryptionKeys'],
] as const)('%s', (_name, option, refusal) => {
  const [ours, theirs] = [codecWith({ [option]: [KEY] }), codecWith({ [option]: [OTHER_KEY] })];
  const written = async (codec: RecordCodec): Promise<Uint8Array> => codec.encodeBody(bodyOf(LARGE));

  test('by another key are not read, and the reason is said', async () => {
    expect(await theirs.readBody(await written(ours), fieldsOf())).toEqual(problem(refusal));
    expect(await theirs.readFields(await ours.encodeFields(fieldsOf()))).toEqual(problem(refusal));
  });

  test('are made by the first key, and read by every key', async () => {
    const rotated = codecWith({ [option]: [OTHER_KEY, KEY] });
    await expectRead(rotated.readBody(await written(ours), fieldsOf()), LARGE);
    await expectRead(theirs.readBody(await written(rotated), fieldsOf()), LARGE);
    expect(await ours.readBody(await written(rotated), fieldsOf())).toEqual(problem(refusal));
  });

  test('are asked for once keys are set: a record without them is a miss, and no damage', async () => {
    const plain = codecWith();
    expect(await ours.readBody(await written(plain), fieldsOf())).toEqual({ kind: 'other-format', format: '2.0' });
    expect(await plain.readBody(await written(ours), fieldsOf())).toMatchObject({ kind: 'other-format' });
  });

  test('are not got around by the flags: a record that drops them is a miss', async () => {
    const forged = checksum.close({ flags: 0, length: 3 }, Uint8Array.of(1, 2, 3), '');
    expect(await ours.readBody(forged, fieldsOf())).toMatchObject({ kind: 'other-format' });
    const claimed = changed(forged, FLAGS_AT, option === 'signingKeys' ? 2 : 4);
    expect(await ours.readBody(claimed, fieldsOf())).toMatchObject({ kind: 'malformed' });
  });
});

describe('signatures', () => {
  test('are HMAC-SHA-256 by a key that HKDF has derived', async () => {
    const part = Buffer.from(await codecWith({ signingKeys: [KEY] }).encodeBody(bodyOf(LARGE)));
    const key = hkdfSync('sha256', KEY, '', 'axios-client-cache signingKeys axios-cache', 32);
    const hmac = createHmac('sha256', new Uint8Array(key));
    hmac.update('["body","axios-cache","key","","revision"]').update(part.subarray(0, -32));
    expect(part.subarray(-32)).toEqual(hmac.digest());
  });
});

describe('encryption', () => {
  const codec = codecWith({ encryptionKeys: [KEY] });

  test('shows nothing of the fields and the body', async () => {
    const fields = fieldsOf({ key: 'secret key', tags: ['secret tag'], head: '"secret head"' });
    const body = await codec.encodeBody(bodyOf(Buffer.from('secret body'), fields));
    for (const part of [await codec.encodeFields(fields), body]) {
      expect(Buffer.from(part).toString('latin1')).not.toContain('secret');
    }
  });

  test('of the same entry is another each time', async () => {
    const [one, other] = [await codec.encodeBody(bodyOf(LARGE)), await codec.encodeBody(bodyOf(LARGE))];
    expect(one.byteLength).toBe(other.byteLength);
    const nonceOf = (part: Uint8Array): string => part.subarray(HEAD_BYTES, HEAD_BYTES + 12).join();
    expect(nonceOf(one)).not.toBe(nonceOf(other));
  });
});
