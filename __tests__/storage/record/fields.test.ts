/** The fields of an entry: what is written is read back, and whatever other bytes are, reading only says so. */
import * as fc from 'fast-check';
import { fieldsOf } from './samples.js';
import type { EntryFields } from '../../../lib/storage/entry-shape.js';
import { parseFields, writeFields } from '../../../lib/storage/record/fields.js';
import { explain } from '../../../lib/storage/record/part.js';

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.constant('\ud800'));
const anyTime = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(Infinity));
const anyFields: fc.Arbitrary<EntryFields> = fc.record({
  key: anyText,
  resource: anyText,
  variant: anyText,
  revision: anyText,
  tags: fc.array(anyText, { maxLength: 4 }),
  createdAtMs: fc.integer(),
  expiresAtMs: anyTime,
  purgeAtMs: anyTime,
  head: anyText,
});

/** What is read from bytes that ought to be fields. */
function parsed(bytes: Uint8Array): EntryFields {
  const reading = parseFields(bytes);
  if (reading.kind !== 'read') throw new Error(explain(reading));
  return reading.value;
}

const bytesOf = (json: string): Uint8Array => new TextEncoder().encode(json);

const recordError = (message: string): Error =>
  expect.objectContaining({
    name: 'CacheError',
    code: 'ERR_CACHE_RECORD',
    message: expect.stringContaining(message) as string,
  }) as Error;

/** What the fields of a well-formed entry are, and no more. */
function expectWellFormed(fields: EntryFields): void {
  const { key, resource, variant, revision, tags, createdAtMs, expiresAtMs, purgeAtMs, head, ...others } = fields;
  for (const text of [key, resource, variant, revision, head, ...tags]) expect(typeof text).toBe('string');
  expect(Number.isFinite(createdAtMs)).toBe(true);
  for (const time of [expiresAtMs, purgeAtMs]) expect(time === Infinity || Number.isFinite(time)).toBe(true);
  expect(others).toEqual({});
  expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
}

/** Neither a hang nor an exception: data. */
function expectHarmless(bytes: Uint8Array): void {
  const reading = parseFields(bytes);
  if (reading.kind === 'read') expectWellFormed(reading.value);
}

describe('what is written', () => {
  test('is read back, whatever texts and times it has', () => {
    fc.assert(
      fc.property(anyFields, (fields) => {
        // JSON knows one zero.
        const { expiresAtMs, purgeAtMs } = fields;
        const written = { ...fields, expiresAtMs: expiresAtMs + 0, purgeAtMs: purgeAtMs + 0 };
        expect(parsed(writeFields(fields))).toEqual(written);
      }),
    );
  });

  test('is read back where it never expires', () => {
    const fields = fieldsOf({ tags: ['a'], expiresAtMs: Infinity });
    expect(parseFields(writeFields(fields))).toEqual({ kind: 'read', value: fields });
  });

  test('is read anew each time, whatever became of what was read before', () => {
    const bytes = writeFields(fieldsOf({ tags: ['a'] }));
    expect(() => Object.assign(parsed(bytes), { key: 'other', head: '' })).toThrow(TypeError);
    expect(() => (parsed(bytes).tags as string[]).push('b')).toThrow(TypeError);
    expect(parsed(bytes)).toEqual(fieldsOf({ tags: ['a'] }));
  });

  test('has the fields of the port only', () => {
    const fields = Object.assign(fieldsOf(), { more: 'than that' });
    expect(parsed(writeFields(fields))).toEqual(fieldsOf());
  });

  test.each([
    ['createdAtMs', Infinity],
    ['createdAtMs', NaN],
    ['expiresAtMs', NaN],
    ['purgeAtMs', -Infinity],
    ['purgeAtMs', undefined],
    ['key', undefined],
    ['revision', undefined],
    ['tags', 'tag'],
    ['tags', [1]],
    ['head', { status: 200 }],
  ])('is an entry: not with %s = %p', (name, value) => {
    const fields: EntryFields = { ...fieldsOf(), [name]: value };
    expect(() => writeFields(fields)).toThrow(recordError(name));
  });
});

describe('what are no fields', () => {
  test('any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), expectHarmless));
  });

  test('any JSON', () => {
    fc.assert(fc.property(fc.json(), (json) => { expectHarmless(bytesOf(json)); }));
  });

  test('fields of which one has any type', () => {
    const names = fc.constantFrom(...Object.keys(fieldsOf()), '__proto__', 'constructor', 'toString');
    fc.assert(
      fc.property(names, fc.jsonValue(), (name, value) => {
        const pairs = Object.entries(fieldsOf()).filter(([each]) => each !== name);
        // By hand: a literal cannot have __proto__ as a name like others.
        const members = [...pairs, [name, value]].map((pair) => pair.map((each) => JSON.stringify(each)).join(':'));
        expectHarmless(bytesOf(`{${members.join()}}`));
      }),
    );
  });

  const fields = JSON.stringify({ ...fieldsOf(), purgeAtMs: null });

  test.each([
    ['bytes that are no UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'no JSON'],
    ['a text behind a BOM', bytesOf('\ufeff{}'), 'no JSON'],
    ['null', bytesOf(' null '), 'no object'],
    ['a list', bytesOf('[]'), 'key is missing'],
    ['an expiry beyond numbers', bytesOf(fields.replace('"expiresAtMs":', '"expiresAtMs":1e999,"x":')), 'expiresAtMs'],
    ['no expiry', bytesOf(fields.replace('"expiresAtMs":', '"x":')), 'expiresAtMs'],
    ['a time beyond numbers', bytesOf(fields.replace('"createdAtMs":', '"createdAtMs":1e999,"x":')), 'createdAtMs'],
    ['fields under __proto__', bytesOf(`{"__proto__":${fields}}`), 'key is missing'],
    ['a very deep list', bytesOf('['.repeat(200_000) + ']'.repeat(200_000)), 'key is missing'],
  ])('%s is damaged', (_name, bytes, problem) => {
    const reading = parseFields(bytes);
    expect(reading).toEqual({ kind: 'malformed', problem: expect.stringContaining(problem) as string });
    expect(reading.kind === 'read' ? '' : explain(reading)).toContain('damaged');
  });

  test('a __proto__ in the fields gives the entry nothing', () => {
    const read = parsed(bytesOf(fields.replace('{', '{"__proto__":{"polluted":true},')));
    expectWellFormed(read);
    expect('polluted' in read).toBe(false);
  });
});
