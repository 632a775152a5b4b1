/** Entries: what is written, read again, and refused. */
import {
  allowsStale, describeEntry, entryHeldAs, type EntryIdentity, makeEntry, parseEntry, withLifetime,
} from '../../lib/entries/entry.js';
import { type EntryHead, encodeHead, urlOfHead, urlsOfHead } from '../../lib/entries/head.js';
import type { HeaderFields } from '../../lib/rfc9111/model.js';
import type { StoredEntry } from '../../lib/api/storage.js';
import { MemoryStorage } from '../../lib/storage/memory/memory.js';
import { storedUnder } from '../support/entry.js';
import { ADDRESS, fields, HEAD, RECEIVED } from './sample.js';

const BODY = new TextEncoder().encode('one');

const encoded = (head: Partial<EntryHead> = {}, address: Partial<EntryIdentity> = {}): StoredEntry =>
  makeEntry({ ...HEAD, ...head }, BODY, { ...ADDRESS, ...address }).raw;
/** As a storage that leaves memory gives it back. */
const restored = (raw: StoredEntry, changes: Partial<StoredEntry> = {}): StoredEntry => ({
  ...structuredClone(raw),
  ...changes,
});

describe('written and read again', () => {
  test.each<[string, Partial<EntryHead>]>([
    ['everything', {}],
    ['a lifetime without end', { lifetime: { seconds: Infinity, source: 'default', basis: 'receipt' } }],
    ['no final URL', { finalUrl: undefined }],
    ['nothing rare', { finalUrl: undefined, vary: [], headerCase: {} }],
    ['a redirect', { redirectsTo: 'http://api.test/next' }],
    ['headers as they were spelt', { headers: fields({ 'x-a': '1', 'x-b': '2' }), headerCase: { 'x-a': 'X-A' } }],
    ['spellings of headers that are not there', { headerCase: { etag: 'ETag', 'x-gone': 'X-Gone' } }],
    ['a spelling that is another name', { headerCase: { etag: 'E-Tag' } }],
    ['names that objects have of their own', { headers: fields({ constructor: 'c', ['__proto__']: 'p' }) }],
    ['a body of bytes', { bodyKind: 'bytes' }],
    ['headers that were ignored', { headersHonoured: false }],
    ['a status that the caller judges', { heedsValidateStatus: true }],
    ['the request, where the session records', { request: { headers: { accept: 'text/plain' }, body: 'asked' } }],
    ['a request without a body', { request: { headers: {}, body: undefined } }],
    ...(['response', 'request', 'url', 'session', 'default'] as const).map(
      (source): [string, Partial<EntryHead>] => [
        `a lifetime of the ${source}`,
        { lifetime: { seconds: 7, source, basis: 'age' } },
      ],
    ),
  ])('%s', (_name, change) => {
    const { entry, raw } = makeEntry({ ...HEAD, ...change }, BODY, ADDRESS);
    const { raw: readRaw, ...read } = parseEntry(restored(raw)) ?? {};
    const { raw: writtenRaw, ...written } = entry;
    expect(read).toEqual(written);
    expect(readRaw).toEqual(writtenRaw);
  });

  test('in few characters: names once as they were spelt, sources and kinds as positions, no rare member', () => {
    const { vary, finalUrl, headers } = HEAD;
    const common = [3, HEAD.url, 'GET', 200, 'OK'];
    const times = [RECEIVED, 50];
    const spelt = ['content-type', headers['content-type'], 'set-cookie', ['a=1', 'b=2'], 'ETag', '"1"'];
    expect(JSON.parse(encodeHead(HEAD))).toEqual(
      [...common, spelt, ...times, 60, 3, 1, 1, 1, { vary, finalUrl, anyStatus: true }],
    );
    const plain: EntryHead = {
      ...HEAD,
      headers: {},
      headerCase: { 'x-gone': 'X-Gone' },
      vary: [],
      finalUrl: undefined,
      heedsValidateStatus: true,
      headersHonoured: false,
      lifetime: { seconds: Infinity, source: 'response', basis: 'age' },
      bodyKind: 'bytes',
    };
    expect(JSON.parse(encodeHead(plain))).toEqual(
      [...common, [], ...times, null, 0, 0, 0, 0, { headerCase: { 'x-gone': 'X-Gone' } }],
    );
    expect(encodeHead({ ...plain, headerCase: {} })).toMatch(/,\{\}\]$/);
  });

  test('the facts that decisions ask for are at hand', () => {
    const headers = fields({
      etag: '"1"',
      age: '7',
      date: new Date(RECEIVED - 9000).toUTCString(),
      'cache-control': 'max-age=5',
    });
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

  test('directives of headers that were ignored are kept for those who honour them', () => {
    const headers = fields({ 'cache-control': 'no-cache' });
    expect(parseEntry(encoded({ headers, headersHonoured: false }))?.directives.noCache).toBe(true);
  });

  test('what a storage in memory holds is read once', async () => {
    const storage = new MemoryStorage();
    await storage.set(encoded());
    const readAgain = async () => parseEntry((await storedUnder(storage, 'key'))[0] as StoredEntry);
    const first = await readAgain();
    expect(first).toMatchObject({ url: 'http://api.test/thing' });
    expect(await readAgain()).toBe(first);
  });

  test('another record with the same head is read as the entry is, and once', () => {
    const { entry } = makeEntry({ ...HEAD, bodyKind: 'bytes' }, BODY, ADDRESS);
    const kept: unknown[] = [];
    const keepDerived = (...all: unknown[]): unknown => kept.push(all);
    const raw: StoredEntry = { ...encoded({ bodyKind: 'bytes' }), variant: 'other', keepDerived };
    const held = entryHeldAs(raw, { ...entry, answerHeaders: 'made for the other' });
    expect(held).toEqual({ ...entry, raw });
    expect(held.raw).toBe(raw);
    // About the text itself, which has two bytes for each character, and what it says once more.
    expect(kept).toEqual([['head', held, 1000 + 2 * raw.head.length]]);
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
    [
      'kept for stale-while-revalidate',
      { headers: fields({ 'cache-control': 'stale-while-revalidate=500' }) },
      60,
      560,
    ],
    ['kept for stale-if-error', { headers: fields({ 'cache-control': 'stale-if-error=600' }) }, 60, 660],
    ['kept as long as the user says', { headers: fields({ 'cache-control': 'stale-if-error=6' }) }, 60, 160],
  ])('%s', (_rule, head, expires, purged) => {
    const { createdAtMs, expiresAtMs, purgeAtMs } = encoded(head);
    expect([createdAtMs, expiresAtMs, purgeAtMs]).toEqual([
      RECEIVED,
      RECEIVED + expires * 1000,
      RECEIVED + purged * 1000,
    ]);
  });

  test.each<[string, HeaderFields, boolean]>([
    ['nothing', {}, false],
    ['an ETag', { etag: '"1"' }, true],
    ['Last-Modified', { 'last-modified': new Date(0).toUTCString() }, true],
    ['stale-if-error', { 'cache-control': 'stale-if-error=1' }, true],
    ['stale-while-revalidate', { 'cache-control': 'stale-while-revalidate=1' }, true],
    ['a window of no time', { 'cache-control': 'stale-if-error=0' }, false],
  ])('with %s a stale entry is good for something, where the user lets none stand in', (_name, headers, isUseful) => {
    const kept = encoded({ headers: fields(headers) }, { mayBeStale: false }).purgeAtMs - RECEIVED;
    expect(kept).toBe(isUseful ? 160_000 : 60_000);
  });

  test('another lifetime changes the head and the times, and nothing else, and keeps the entry after its end', () => {
    const head = { ...HEAD, headers: fields({}) };
    const { entry, raw } = makeEntry(head, BODY, { ...ADDRESS, mayBeStale: false });
    const lifetime = { seconds: 10, source: 'url', basis: 'receipt' } as const;
    const { body: _body, ...rest } = raw;
    expect(withLifetime(raw, { head, facts: entry }, lifetime, 20)).toEqual({
      ...rest,
      expiresAtMs: RECEIVED + 10_000,
      purgeAtMs: RECEIVED + 30_000,
      head: encodeHead({ ...head, lifetime }),
    });
  });

  test.each<[Partial<Parameters<typeof allowsStale>[0]>, boolean]>([
    [{}, false],
    [{ staleIfError: 0, staleWhileRevalidate: 0 }, false],
    [{ staleIfError: 1 }, true],
    [{ staleWhileRevalidate: 1 }, true],
    [{ staleIfError: 1, staleWhileRevalidate: 0 }, true],
  ])('the policy %j lets a stale entry answer: %s', (policy, expected) => {
    expect(allowsStale(policy as Parameters<typeof allowsStale>[0])).toBe(expected);
  });

  test('the purge time is rounded up to a whole millisecond', () => {
    expect(encoded({}, { keepStale: 0.0001 }).purgeAtMs).toBe(RECEIVED + 60_001);
  });
});

describe('refused', () => {
  /** The written head with the member at a position changed; `rarities` are what few heads have. */
  const changed = (position: number, value: unknown): string =>
    JSON.stringify(Object.assign(JSON.parse(encoded().head) as unknown[], { [position]: value }));
  const POSITIONS = { url: 1, method: 2, status: 3, statusText: 4, headers: 5, responseTime: 6, exchangeTime: 7 };
  const [FORMAT, SECONDS, SOURCE, BASIS, HONOURED, KIND, RARITIES] = [0, 8, 9, 10, 11, 12, 13];
  test.each<[string, string]>([
    ['no JSON', '[2,'],
    ['nothing', ''],
    ['null', 'null'],
    ['an empty list', '[]'],
    ['a text', '"head"'],
    ['an object, as heads were before', '{"url":"http://api.test/thing","method":"GET","status":200}'],
    ['another format', changed(FORMAT, 2)],
    ['a list that is too long', changed(RARITIES, {}).replace(/\]$/, ',0]')],
    ...(['url', 'method', 'statusText'] as const).map((name): [string, string] => [
      `${name} that is no text`,
      changed(POSITIONS[name], 7),
    ]),
    ...(['status', 'exchangeTime', 'responseTime'] as const).map((name): [string, string] => [
      `${name} that is no number`,
      changed(POSITIONS[name], '200'),
    ]),
    ['a number beyond all numbers', changed(POSITIONS.status, 'x').replace('"x"', '1e999')],
    ['headers that are an object', changed(POSITIONS.headers, { etag: '"1"' })],
    ['a header without a value', changed(POSITIONS.headers, ['etag'])],
    ['a header that is an object', changed(POSITIONS.headers, ['etag', {}])],
    ['a header list with a number', changed(POSITIONS.headers, ['etag', ['"1"', 1]])],
    ['a header name that is a list', changed(POSITIONS.headers, [['etag'], '"1"'])],
    ['a header name spelt as a number', changed(RARITIES, { headerCase: { etag: 1 } })],
    ['vary that is no list', changed(RARITIES, { vary: 'accept' })],
    ['vary without pairs', changed(RARITIES, { vary: ['accept'] })],
    ['vary with a number', changed(RARITIES, { vary: [['accept', 1]] })],
    ['a lifetime without seconds', changed(SECONDS, undefined).replace('null', 'false')],
    ['a lifetime from nowhere', changed(SOURCE, 5)],
    ['a lifetime from between two sources', changed(SOURCE, 0.5)],
    ['a lifetime on no basis', changed(BASIS, 2)],
    ['headersHonoured that is neither', changed(HONOURED, true)],
    ['a body of no kind', changed(KIND, 4)],
    ['a body of a kind by name', changed(KIND, 'length')],
    ['rarities that are a list', changed(RARITIES, [])],
    ['a final URL that is none', changed(RARITIES, { finalUrl: 7 })],
    ['a redirect to nowhere', changed(RARITIES, { redirectsTo: 7 })],
    ['one header name of two spelt as a number', changed(RARITIES, { headerCase: { etag: 'ETag', vary: 1 } })],
    ['one pair of Vary of two with a number', changed(RARITIES, { vary: [['accept', null], ['accept', 1]] })],
    ['a name in Vary that is a number', changed(RARITIES, { vary: [[1, 'accept']] })],
    ['a request that is no object', changed(RARITIES, { request: 'GET' })],
    ['a request without headers', changed(RARITIES, { request: { body: 'asked' } })],
    ['a request with a number in its headers', changed(RARITIES, { request: { headers: { age: 1 }, body: 'asked' } })],
    ['a request with a body that is no text', changed(RARITIES, { request: { headers: {}, body: 7 } })],
  ])('%s', (_fault, head) => {
    expect(parseEntry(restored(encoded(), { head }))).toBeUndefined();
    expect(urlOfHead(head)).toBeUndefined();
  });

  test('a value that is no JSON any more', () => {
    expect(parseEntry(restored(encoded({ bodyKind: 'value' })))).toBeUndefined();
    expect(
      parseEntry(restored(encoded({ bodyKind: 'value' }), { body: new TextEncoder().encode('[1]') })),
    ).toBeDefined();
  });
});

test('what has no head of ours has no URLs', () => {
  expect(urlsOfHead('{}')).toStrictEqual([]);
});

test('the URLs of a listed entry are the one that was asked for, and the one that answered, where that is another', () => {
  expect(urlsOfHead(encoded().head)).toEqual([HEAD.url, HEAD.finalUrl]);
  expect(urlsOfHead(encoded({ finalUrl: undefined }).head)).toStrictEqual([HEAD.url]);
});

test('the URL of a listed entry', () => {
  expect(urlOfHead(encoded().head)).toBe('http://api.test/thing');
});
