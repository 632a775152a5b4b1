/** The record: what is written is read back, and whatever other bytes are, reading only says so. */
import * as fc from 'fast-check';
import { sample } from '../../lib/storage/contract/rule.js';
import { decodeEntry, encodeEntry, encodeFields, readEntry, readFields } from '../../lib/storage/record.js';
import type { StoredEntry } from '../../lib/api/storage.js';

const HEAD_BYTES = 8;
const VERSION_AT = 2;
const FLAGS_AT = 3;
const LENGTH_AT = 4;

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.constant('\ud800'));
const anyTime = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(Infinity));
const anyEntry: fc.Arbitrary<StoredEntry> = fc.record({
  key: anyText,
  resource: anyText,
  variant: anyText,
  tags: fc.array(anyText, { maxLength: 4 }),
  createdAtMs: fc.integer(),
  expiresAtMs: anyTime,
  purgeAtMs: anyTime,
  head: anyText,
  body: fc.uint8Array({ maxLength: 300 }),
});

/** A record whose fields are this JSON. */
function recordOf(json: string, body: Uint8Array = new Uint8Array(0)): Uint8Array {
  const fields = new TextEncoder().encode(json);
  const record = new Uint8Array([...encodeEntry(sample()).subarray(0, HEAD_BYTES), ...fields, ...body]);
  new DataView(record.buffer).setUint32(LENGTH_AT, fields.byteLength);
  return record;
}

function changed(record: Uint8Array, at: number, byte: number): Uint8Array {
  const copy = new Uint8Array(record);
  copy[at] = byte;
  return copy;
}

const recordError = (message: string): Error =>
  expect.objectContaining({
    name: 'CacheError',
    code: 'ERR_CACHE_RECORD',
    message: expect.stringContaining(message) as string,
  }) as Error;

/** What a well-formed entry has, and no more. */
function expectWellFormed(entry: StoredEntry): void {
  const { key, resource, variant, tags, createdAtMs, expiresAtMs, purgeAtMs, head, body, ...others } = entry;
  for (const text of [key, resource, variant, head, ...tags]) expect(typeof text).toBe('string');
  expect(Number.isFinite(createdAtMs)).toBe(true);
  for (const time of [expiresAtMs, purgeAtMs]) expect(time === Infinity || Number.isFinite(time)).toBe(true);
  expect(ArrayBuffer.isView(body)).toBe(true);
  expect(others).toEqual({});
  expect(Object.getPrototypeOf(entry)).toBe(Object.prototype);
}

describe('what is written', () => {
  test('is read back, whatever texts, times and bytes it has', () => {
    fc.assert(
      fc.property(anyEntry, (entry) => {
        // JSON knows one zero.
        const { expiresAtMs, purgeAtMs } = entry;
        const written = { ...entry, expiresAtMs: expiresAtMs + 0, purgeAtMs: purgeAtMs + 0 };
        expect(decodeEntry(encodeEntry(entry))).toEqual(written);
      }),
    );
  });

  test('is read back without its body, too', () => {
    const { body: _body, ...fields } = sample({ tags: ['a'], expiresAtMs: Infinity });
    expect(readFields(encodeFields(fields))).toEqual({ kind: 'read', value: fields });
  });

  test('is read anew each time, whatever became of what was read before', () => {
    const record = encodeEntry(sample({ tags: ['a'], body: Uint8Array.of(1) }));
    const change = (): void => {
      const entry = decodeEntry(record);
      Object.assign(entry, { key: 'other', head: '', body: Uint8Array.of(2) });
      (entry.tags as string[]).push('b');
    };
    expect(change).toThrow(TypeError);
    expect(decodeEntry(record)).toEqual(sample({ tags: ['a'], body: Uint8Array.of(1) }));
    const fields = readFields(encodeFields(sample()));
    expect(() => Object.assign(fields.kind === 'read' ? fields.value : {}, { key: 'other' })).toThrow(TypeError);
  });

  test('holds the body as it is, after all else', () => {
    const body = Uint8Array.from({ length: 256 }, (_, index) => index);
    expect(encodeEntry(sample({ body })).slice(-256)).toEqual(body);
  });

  test('has the fields of the port only', () => {
    const entry = Object.assign(sample(), { more: 'than that' });
    expect(decodeEntry(encodeEntry(entry))).toEqual(sample());
  });

  test.each([
    ['createdAtMs', Infinity],
    ['createdAtMs', NaN],
    ['expiresAtMs', NaN],
    ['purgeAtMs', -Infinity],
    ['purgeAtMs', undefined],
    ['key', undefined],
    ['tags', 'tag'],
    ['tags', [1]],
    ['head', { status: 200 }],
  ])('is an entry: not with %s = %p', (name, value) => {
    const entry: StoredEntry = { ...sample(), [name]: value };
    expect(() => encodeEntry(entry)).toThrow(recordError(name));
  });
});

describe('what is no record', () => {
  /** Neither a hang nor an exception: data. */
  function expectHarmless(record: Uint8Array): void {
    const reading = readEntry(record);
    if (reading.kind === 'read') expectWellFormed(reading.value);
  }

  test('any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), expectHarmless));
  });

  test('any bytes behind a right head', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(250), (bytes, length) => {
        const record = new Uint8Array([...encodeEntry(sample()).subarray(0, LENGTH_AT), 0, 0, 0, length, ...bytes]);
        expectHarmless(record);
      }),
    );
  });

  test('any JSON behind a right head', () => {
    fc.assert(fc.property(fc.json(), (json) => { expectHarmless(recordOf(json)); }));
  });

  test('a record with any field of any type', () => {
    const names = fc.constantFrom(...Object.keys(sample()), '__proto__', 'constructor', 'toString');
    fc.assert(
      fc.property(names, fc.jsonValue(), (name, value) => {
        const { body: _body, ...fields } = sample();
        const pairs = Object.entries({ ...fields }).filter(([each]) => each !== name);
        // By hand: a literal cannot have __proto__ as a name like others.
        const members = [...pairs, [name, value]].map((pair) => pair.map((each) => JSON.stringify(each)).join(':'));
        expectHarmless(recordOf(`{${members.join()}}`));
      }),
    );
  });

  test('a record with one bit turned', () => {
    fc.assert(
      fc.property(anyEntry, fc.nat(), fc.nat(7), (entry, position, bit) => {
        const record = encodeEntry(entry);
        const at = position % record.byteLength;
        expectHarmless(changed(record, at, (record[at] ?? 0) ^ (1 << bit)));
      }),
    );
  });

  test('a record cut short within its fields, at each place', () => {
    const record = encodeEntry(sample({ body: new Uint8Array(0) }));
    const kinds = Array.from(record, (_, length) => readEntry(record.subarray(0, length)).kind);
    expect(new Set(kinds)).toEqual(new Set(['malformed']));
  });

  const start = encodeEntry(sample()).subarray(0, LENGTH_AT);
  const fields = JSON.stringify({ ...sample(), body: 0 });

  test.each([
    ['nothing', new Uint8Array(0), 'shorter than a head'],
    ['text', new TextEncoder().encode('{"status":200}'), 'does not begin'],
    ['4 GB of fields', new Uint8Array([...start, 255, 255, 255, 255]), 'ends within'],
    ['fields that are no UTF-8', changed(encodeEntry(sample()), HEAD_BYTES + 10, 0xff), 'no JSON'],
    ['fields behind a BOM', recordOf('\ufeff{}'), 'no JSON'],
    ['fields that are null', recordOf('null'), 'no object'],
    ['fields that are a list', recordOf('[]'), 'key is missing'],
    ['a time beyond numbers', recordOf(fields.replace('"createdAtMs":', '"createdAtMs":1e999,"x":')), 'createdAtMs'],
    ['fields under __proto__', recordOf(`{"__proto__":${fields}}`), 'key is missing'],
    ['a very deep list', recordOf('['.repeat(200_000) + ']'.repeat(200_000)), 'key is missing'],
  ])('%s is damaged', (_name, record, problem) => {
    expect(readEntry(record)).toEqual({ kind: 'malformed', problem: expect.stringContaining(problem) as string });
    expect(() => decodeEntry(record)).toThrow(recordError('damaged'));
  });

  test('what a body follows is not the fields alone', () => {
    expect(readFields(encodeEntry(sample()))).toMatchObject({ kind: 'malformed' });
  });

  test('a __proto__ in the fields gives the entry nothing', () => {
    const json = fields.replace('{', '{"__proto__":{"polluted":true},');
    const entry = decodeEntry(recordOf(json));
    expectWellFormed(entry);
    expect('polluted' in entry).toBe(false);
  });
});

describe('a record of another version is told apart from a damaged one', () => {
  test.each([
    ['a later format', VERSION_AT, 2, '2.0'],
    ['a former format', VERSION_AT, 0, '0.0'],
    ['a layer that this version does not know', FLAGS_AT, 1, '1.1'],
  ])('%s', (_name, at, byte, format) => {
    const record = changed(encodeEntry(sample()), at, byte);
    expect(readEntry(record)).toEqual({ kind: 'other-format', format });
    expect(() => decodeEntry(record)).toThrow(recordError(`format ${format}`));
  });

  test('whatever follows its head', () => {
    const record = changed(encodeEntry(sample()), VERSION_AT, 9).subarray(0, HEAD_BYTES);
    expect(readEntry(record).kind).toBe('other-format');
  });
});
