/** The record: what is written is read back, and whatever other bytes are, reading only says so. */
import * as fc from 'fast-check';
import { sample, withoutBody } from '../../lib/storage/contract/rule.js';
import type { EntryFields } from '../../lib/storage/entry-shape.js';
import { encodeFields, explain, readFields } from '../../lib/storage/record.js';

const HEAD_BYTES = 8;
const VERSION_AT = 2;
const FLAGS_AT = 3;
const LENGTH_AT = 4;

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.constant('\ud800'));
const anyTime = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(Infinity));
const anyFields: fc.Arbitrary<EntryFields> = fc.record({
  key: anyText,
  resource: anyText,
  variant: anyText,
  tags: fc.array(anyText, { maxLength: 4 }),
  createdAtMs: fc.integer(),
  expiresAtMs: anyTime,
  purgeAtMs: anyTime,
  head: anyText,
});

const fieldsOf = (changes: Partial<EntryFields> = {}): EntryFields => withoutBody(sample(changes));
const RECORD = encodeFields(fieldsOf());

/** What is read from a record that ought to be one. */
function decoded(record: Uint8Array): EntryFields {
  const reading = readFields(record);
  if (reading.kind !== 'read') throw new Error(explain(reading));
  return reading.value;
}

/** A record whose fields are this JSON. */
function recordOf(json: string): Uint8Array {
  const fields = new TextEncoder().encode(json);
  const record = new Uint8Array([...RECORD.subarray(0, HEAD_BYTES), ...fields]);
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

/** What the fields of a well-formed entry are, and no more. */
function expectWellFormed(fields: EntryFields): void {
  const { key, resource, variant, tags, createdAtMs, expiresAtMs, purgeAtMs, head, ...others } = fields;
  for (const text of [key, resource, variant, head, ...tags]) expect(typeof text).toBe('string');
  expect(Number.isFinite(createdAtMs)).toBe(true);
  for (const time of [expiresAtMs, purgeAtMs]) expect(time === Infinity || Number.isFinite(time)).toBe(true);
  expect(others).toEqual({});
  expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
}

describe('what is written', () => {
  test('is read back, whatever texts and times it has', () => {
    fc.assert(
      fc.property(anyFields, (fields) => {
        // JSON knows one zero.
        const { expiresAtMs, purgeAtMs } = fields;
        const written = { ...fields, expiresAtMs: expiresAtMs + 0, purgeAtMs: purgeAtMs + 0 };
        expect(decoded(encodeFields(fields))).toEqual(written);
      }),
    );
  });

  test('is read back where it never expires', () => {
    const fields = fieldsOf({ tags: ['a'], expiresAtMs: Infinity });
    expect(readFields(encodeFields(fields))).toEqual({ kind: 'read', value: fields });
  });

  test('is read anew each time, whatever became of what was read before', () => {
    const record = encodeFields(fieldsOf({ tags: ['a'] }));
    expect(() => Object.assign(decoded(record), { key: 'other', head: '' })).toThrow(TypeError);
    expect(() => (decoded(record).tags as string[]).push('b')).toThrow(TypeError);
    expect(decoded(record)).toEqual(fieldsOf({ tags: ['a'] }));
  });

  test('has the fields of the port only', () => {
    const fields = Object.assign(fieldsOf(), { more: 'than that' });
    expect(decoded(encodeFields(fields))).toEqual(fieldsOf());
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
    const fields: EntryFields = { ...fieldsOf(), [name]: value };
    expect(() => encodeFields(fields)).toThrow(recordError(name));
  });
});

describe('what is no record', () => {
  /** Neither a hang nor an exception: data. */
  function expectHarmless(record: Uint8Array): void {
    const reading = readFields(record);
    if (reading.kind === 'read') expectWellFormed(reading.value);
  }

  test('any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), expectHarmless));
  });

  test('any bytes behind a right head', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(250), (bytes, length) => {
        const record = new Uint8Array([...RECORD.subarray(0, LENGTH_AT), 0, 0, 0, length, ...bytes]);
        expectHarmless(record);
      }),
    );
  });

  test('any JSON behind a right head', () => {
    fc.assert(fc.property(fc.json(), (json) => { expectHarmless(recordOf(json)); }));
  });

  test('a record with any field of any type', () => {
    const names = fc.constantFrom(...Object.keys(fieldsOf()), '__proto__', 'constructor', 'toString');
    fc.assert(
      fc.property(names, fc.jsonValue(), (name, value) => {
        const pairs = Object.entries(fieldsOf()).filter(([each]) => each !== name);
        // By hand: a literal cannot have __proto__ as a name like others.
        const members = [...pairs, [name, value]].map((pair) => pair.map((each) => JSON.stringify(each)).join(':'));
        expectHarmless(recordOf(`{${members.join()}}`));
      }),
    );
  });

  test('a record with one bit turned', () => {
    fc.assert(
      fc.property(anyFields, fc.nat(), fc.nat(7), (fields, position, bit) => {
        const record = encodeFields(fields);
        const at = position % record.byteLength;
        expectHarmless(changed(record, at, (record[at] ?? 0) ^ (1 << bit)));
      }),
    );
  });

  test('a record cut short within its fields, at each place', () => {
    const kinds = Array.from(RECORD, (_, length) => readFields(RECORD.subarray(0, length)).kind);
    expect(new Set(kinds)).toEqual(new Set(['malformed']));
  });

  const start = RECORD.subarray(0, LENGTH_AT);
  const fields = JSON.stringify({ ...fieldsOf(), purgeAtMs: null });

  test.each([
    ['nothing', new Uint8Array(0), 'shorter than a head'],
    ['text', new TextEncoder().encode('{"status":200}'), 'does not begin'],
    ['4 GB of fields', new Uint8Array([...start, 255, 255, 255, 255]), 'ends within'],
    ['fields that are no UTF-8', changed(RECORD, HEAD_BYTES + 10, 0xff), 'no JSON'],
    ['fields behind a BOM', recordOf('\ufeff{}'), 'no JSON'],
    ['fields that are null', recordOf('null'), 'no object'],
    ['fields that are a list', recordOf('[]'), 'key is missing'],
    ['an expiry beyond numbers', recordOf(fields.replace('"expiresAtMs":', '"expiresAtMs":1e999,"x":')), 'expiresAtMs'],
    ['no expiry', recordOf(fields.replace('"expiresAtMs":', '"x":')), 'expiresAtMs'],
    ['a time beyond numbers', recordOf(fields.replace('"createdAtMs":', '"createdAtMs":1e999,"x":')), 'createdAtMs'],
    ['fields under __proto__', recordOf(`{"__proto__":${fields}}`), 'key is missing'],
    ['a very deep list', recordOf('['.repeat(200_000) + ']'.repeat(200_000)), 'key is missing'],
  ])('%s is damaged', (_name, record, problem) => {
    const reading = readFields(record);
    expect(reading).toEqual({ kind: 'malformed', problem: expect.stringContaining(problem) as string });
    expect(reading.kind === 'read' ? '' : explain(reading)).toContain('damaged');
  });

  test('what something follows is not the fields alone', () => {
    expect(readFields(new Uint8Array([...RECORD, 0]))).toMatchObject({ kind: 'malformed' });
  });

  test('a __proto__ in the fields gives the entry nothing', () => {
    const json = fields.replace('{', '{"__proto__":{"polluted":true},');
    const read = decoded(recordOf(json));
    expectWellFormed(read);
    expect('polluted' in read).toBe(false);
  });
});

describe('a record of another version is told apart from a damaged one', () => {
  test.each([
    ['a later format', VERSION_AT, 2, '2.0'],
    ['a former format', VERSION_AT, 0, '0.0'],
    ['a layer that this version does not know', FLAGS_AT, 1, '1.1'],
  ])('%s', (_name, at, byte, format) => {
    const reading = readFields(changed(RECORD, at, byte));
    expect(reading).toEqual({ kind: 'other-format', format });
    expect(reading.kind === 'read' ? '' : explain(reading)).toContain(`format ${format}`);
  });

  test('whatever follows its head', () => {
    const record = changed(RECORD, VERSION_AT, 9).subarray(0, HEAD_BYTES);
    expect(readFields(record).kind).toBe('other-format');
  });
});
