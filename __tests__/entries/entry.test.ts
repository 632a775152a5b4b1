/** Entries: what is written, read again, and refused. */
import { parseEntry, describeEntry, type EntryAddress, makeEntry } from '../../lib/entries/entry.js';
import { type EntryHead, urlOfHead } from '../../lib/entries/head.js';
import type { HeaderFields } from '../../lib/rfc9111/model.js';
import type { StoredEntry } from '../../lib/api/storage.js';

const RECEIVED = Date.UTC(2030, 0, 1);
const fields = (given: HeaderFields): HeaderFields => Object.assign(Object.create(null), given) as HeaderFields;

const HEAD: EntryHead = {
  url: 'http://api.test/thing',
  method: 'GET',
  status: 200,
  statusText: 'OK',
  headers: fields({ 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'], etag: '"1"' }),
  headerCase: { etag: 'ETag' },
  requestTime: RECEIVED - 50,
  responseTime: RECEIVED,
  vary: [['accept', 'text/plain'], ['x-absent', null]],
  lifetime: { seconds: 60, source: 'session', basis: 'receipt' },
  headersHonoured: true,
  bodyKind: 'text',
  finalUrl: 'http://api.test/final',
};
const ADDRESS: EntryAddress = { key: 'key', resource: 'resource', variant: 'variant', tags: ['tag'], keepStale: 100 };
const BODY = new TextEncoder().encode('one');

const encoded = (head: Partial<EntryHead> = {}, address: Partial<EntryAddress> = {}): StoredEntry =>
  makeEntry({ ...HEAD, ...head }, BODY, { ...ADDRESS, ...address }).raw;
/** As a storage that leaves memory gives it back. */
const restored = (raw: StoredEntry, changes: Partial<StoredEntry> = {}): StoredEntry => ({ ...structuredClone(raw), ...changes });

describe('written and read again', () => {
  test.each<[string, Partial<EntryHead>]>([
    ['everything', {}],
    ['a lifetime without end', { lifetime: { seconds: Infinity, source: 'default', basis: 'receipt' } }],
    ['no final URL', { finalUrl: undefined }],
    ['names that objects have of their own', { headers: fields({ constructor: 'c', ['__proto__']: 'p' }) }],
    ['a body of bytes', { bodyKind: 'bytes' }],
  ])('%s', (_name, change) => {
    const { entry, raw } = makeEntry({ ...HEAD, ...change }, BODY, ADDRESS);
    const { raw: readRaw, ...read } = parseEntry(restored(raw)) ?? {};
    const { raw: writtenRaw, ...written } = entry;
    expect(read).toEqual(written);
    expect(readRaw).toEqual(writtenRaw);
  });

  test('the facts that decisions ask for are at hand', () => {
    const headers = fields({ etag: '"1"', age: '7', date: new Date(RECEIVED - 9000).toUTCString(), 'cache-control': 'max-age=5' });
    expect(parseEntry(encoded({ headers, bodyKind: 'bytes' }))).toMatchObject({
      etag: '"1"',
      ageValue: 7,
      dateValue: RECEIVED - 9000,
      directives: { maxAge: 5 },
      bodyBytes: 3,
    });
  });

  test('only bytes can be cut into parts', () => {
    expect(parseEntry(encoded({ bodyKind: 'text' }))?.bodyBytes).toBeUndefined();
  });

  test('directives of headers that were ignored mean nothing', () => {
    const headers = fields({ 'cache-control': 'no-cache' });
    expect(parseEntry(encoded({ headers, headersHonoured: false }))?.directives).toEqual({});
  });

  test('the same record is read once', () => {
    const raw = encoded();
    expect(parseEntry(raw)).toBe(parseEntry(raw));
  });

  test('equal heads with bodies of their own', () => {
    const [one, other] = ['one', 'other'].map((text) =>
      parseEntry(restored(encoded({ bodyKind: 'bytes' }), { body: new TextEncoder().encode(text), variant: text })),
    );
    expect([one?.bodyBytes, one?.raw.variant]).toEqual([3, 'one']);
    expect([other?.bodyBytes, other?.raw.variant]).toEqual([5, 'other']);
  });

  test('as the user sees it', () => {
    const entry = parseEntry(encoded());
    const seen = entry === undefined ? undefined : describeEntry(entry);
    expect(seen).toMatchObject({ url: 'http://api.test/thing', method: 'GET', status: 200, statusText: 'OK', tags: ['tag'] });
    expect(seen?.text()).toBe('one');
  });
});

describe('times', () => {
  const never = { seconds: Infinity, source: 'default', basis: 'receipt' } as const;
  const age = (headers: HeaderFields): Partial<EntryHead> => ({
    headers: fields(headers),
    lifetime: { seconds: 60, source: 'response', basis: 'age' },
  });
  test.each<[string, Partial<EntryHead>, number, number]>([
    ['counted from receipt', {}, 60, 160],
    ['without end', { lifetime: never }, Infinity, Infinity],
    ['compared with the age: the exchange’s own time', age({}), 59.95, 159.95],
    ['compared with the age: that of Age too', age({ age: '10' }), 49.95, 149.95],
    ['expired on arrival', age({ age: '100' }), -40.05, 59.95],
    ['kept for stale-while-revalidate', { headers: fields({ 'cache-control': 'stale-while-revalidate=500' }) }, 60, 560],
    ['kept for stale-if-error', { headers: fields({ 'cache-control': 'stale-if-error=600' }) }, 60, 660],
    ['kept as long as the user says', { headers: fields({ 'cache-control': 'stale-if-error=6' }) }, 60, 160],
  ])('%s', (_rule, head, expires, purged) => {
    const { createdAtMs, expiresAtMs, purgeAtMs } = encoded(head);
    expect([createdAtMs, expiresAtMs, purgeAtMs]).toEqual([RECEIVED, RECEIVED + expires * 1000, RECEIVED + purged * 1000]);
  });

  test('the purge time is rounded up to a whole millisecond', () => {
    expect(encoded({}, { keepStale: 0.0001 }).purgeAtMs).toBe(RECEIVED + 60_001);
  });
});

describe('refused', () => {
  const changed = (name: string, value: unknown): string => JSON.stringify({ ...(JSON.parse(encoded().head) as object), [name]: value });
  test.each<[string, string]>([
    ['no JSON', '{"url":'],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['a text', '"head"'],
    ['an empty object', '{}'],
    ...(['url', 'method', 'statusText'] as const).map((name): [string, string] => [`${name} that is no text`, changed(name, 7)]),
    ...(['status', 'requestTime', 'responseTime'] as const).map((name): [string, string] => [
      `${name} that is no number`,
      changed(name, '200'),
    ]),
    ['a number beyond all numbers', changed('status', 1).replace('"status":1', '"status":1e999')],
    ['headers that are a list', changed('headers', [])],
    ['a header that is an object', changed('headers', { etag: {} })],
    ['a header list with a number', changed('headers', { etag: ['"1"', 1] })],
    ['a header name spelt as a number', changed('headerCase', { etag: 1 })],
    ['vary that is no list', changed('vary', 'accept')],
    ['vary without pairs', changed('vary', ['accept'])],
    ['vary with a number', changed('vary', [['accept', 1]])],
    ['no lifetime', changed('lifetime', undefined)],
    ['a lifetime without seconds', changed('lifetime', { source: 'session', basis: 'age' })],
    ['a lifetime from nowhere', changed('lifetime', { seconds: 1, source: 'nowhere', basis: 'age' })],
    ['a lifetime on no basis', changed('lifetime', { seconds: 1, source: 'session', basis: 'hope' })],
    ['headersHonoured that is no boolean', changed('headersHonoured', 'yes')],
    ['a body of no kind', changed('bodyKind', 'stream')],
    ['a final URL that is none', changed('finalUrl', 7)],
  ])('%s', (_fault, head) => {
    expect(parseEntry(restored(encoded(), { head }))).toBeUndefined();
    expect(urlOfHead(head)).toBeUndefined();
  });

  test('a value that is no JSON any more', () => {
    expect(parseEntry(restored(encoded({ bodyKind: 'value' })))).toBeUndefined();
    expect(parseEntry(restored(encoded({ bodyKind: 'value' }), { body: new TextEncoder().encode('[1]') }))).toBeDefined();
  });
});

test('the URL of a listed entry', () => {
  expect(urlOfHead(encoded().head)).toBe('http://api.test/thing');
});
