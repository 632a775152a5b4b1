/** Records that are damaged, cut, of other formats or joined wrongly, and whole ones with heads of an enemy. */
import axios from 'axios';
import fc from 'fast-check';
import { setupCache } from 'axios-client-cache';
import type { CacheStorage, StoredEntry } from '../../../lib/api/storage.js';
import { isCacheError } from '../../../lib/api/errors.js';
import { encodeHead } from '../../../lib/entries/head.js';
import { parseHttpDate } from '../../../lib/rfc9111/http-date.js';
import { fieldsOf } from '../../../lib/storage/entry-shape.js';
import { decodeEntry, encodeEntry } from '../../../lib/storage/record/entry.js';
import type { RecordOptions } from '../../../lib/storage/record/options.js';
import { parseFields } from '../../../lib/storage/record/fields.js';
import { editedBytes, byteEdit, textNear } from '../mutate.js';
import { described, target } from '../target.js';

const NOW = Date.UTC(2030, 2, 1, 12);
const KEYS = ['a key of 16 letters', 'another key of 16 letters'];
const LAYERS: readonly RecordOptions[] = [
  {},
  { compress: { from: 0 } },
  { signingKeys: KEYS },
  { encryptionKeys: KEYS },
  { compress: { from: 0 }, signingKeys: KEYS },
  { compress: { from: 0 }, encryptionKeys: KEYS },
];

const HEAD = encodeHead({
  url: 'https://api.test/things?page=1',
  method: 'GET',
  status: 200,
  statusText: 'OK',
  headers: { 'content-type': 'application/json', etag: '"1"', 'cache-control': 'max-age=60', vary: 'accept' },
  requestTime: NOW - 50,
  responseTime: NOW,
  vary: [['accept', 'digest']],
  lifetime: { seconds: 60, source: 'response', basis: 'age' },
  headersHonoured: true,
  redirectsTo: undefined,
  bodyKind: 'bytes',
  headerCase: { 'content-type': 'Content-Type' },
  finalUrl: 'https://api.test/final',
  heedsValidateStatus: true,
});

const entryOf = (given: Partial<StoredEntry>): StoredEntry => ({
  key: 'a key',
  resource: 'a resource',
  variant: '',
  revision: 'r1',
  tags: ['one', 'two'],
  createdAtMs: NOW,
  expiresAtMs: NOW + 60_000,
  purgeAtMs: Infinity,
  head: HEAD,
  body: new TextEncoder().encode('{"from":"the storage"}'),
  ...given,
});

const ENTRIES: readonly StoredEntry[] = [
  entryOf({}),
  entryOf({ key: 'another key', revision: 'r2', body: new Uint8Array(0), tags: [] }),
  entryOf({ revision: 'r3', body: new TextEncoder().encode('x'.repeat(300)) }),
];

const comparable = (entry: StoredEntry): string =>
  JSON.stringify(Object.entries({ ...fieldsOf(entry), body: Buffer.from(entry.body).toString('base64') }).map(String));
const WRITTEN = new Set(ENTRIES.map(comparable));

/** The records of each layer. */
const encoded = Promise.all(LAYERS.map((layer) => Promise.all(ENTRIES.map((entry) => encodeEntry(entry, layer)))));

const damaged = fc.record({
  layer: fc.nat(LAYERS.length - 1),
  other: fc.nat(LAYERS.length - 1),
  entry: fc.nat(ENTRIES.length - 1),
  edits: fc.array(byteEdit, { maxLength: 3 }),
});

/** What is read of a record is what was written, or nothing: whatever became of it in between. */
export const records = target({
  name: 'records',
  inputs: damaged,
  async faultOf({ layer, other, entry, edits }) {
    const all = await encoded;
    const donor = all[other]?.[(entry + 1) % ENTRIES.length] ?? new Uint8Array(0);
    let record = all[layer]?.[entry] ?? new Uint8Array(0);
    for (const edit of edits) record = editedBytes(record, edit, donor);
    try {
      const read = await decodeEntry(record, LAYERS[layer]);
      return WRITTEN.has(comparable(read)) ? undefined : 'it was read as another entry than any that was written';
    } catch (error) {
      return isCacheError(error) && error.code === 'ERR_CACHE_RECORD' ? undefined : described(error);
    }
  },
  read: (text) => parseFields(new TextEncoder().encode(text)),
  parts: ['[', '{"a":', '"', '\\', '0', '{"tags":["a",', '\u00e9'],
});

/** Gives whoever asks the same entry, under the key that was asked for. */
class HostileStorage implements CacheStorage {
  readonly name = 'hostile';
  entry: StoredEntry = entryOf({});

  get(key: string, { resource }: { readonly resource: string }) {
    return { entries: [{ ...this.entry, key, resource }], fence: undefined as never };
  }
  set = (): boolean => true;
  delete = (): number => 0;
  async *entries(): AsyncIterable<never> { yield* []; }
  deleteExpired = (): number => 0;
  clear = (): void => undefined;
  close = (): void => undefined;
  touch = (): boolean => true;
  meta = (_name: string, make: () => string): string => make();
}

const storage = new HostileStorage();
const http = setupCache(
  axios.create({
    baseURL: 'https://api.test',
    validateStatus: null,
    adapter: (config) => Promise.resolve({
      data: 'from the origin', status: 200, statusText: 'OK', headers: { 'cache-control': 'max-age=60' }, config,
    }),
  }),
  { storage, now: () => NOW + 1000, expireAfter: '1h' },
);

const oddMember = fc.oneof(
  fc.constantFrom<unknown>(null, true, -1, 0, 1e21, 99, '', '__proto__', [], {}, [[]], ['a'], [['__proto__', 'x']], -0.5),
  fc.jsonValue({ maxDepth: 2 }),
);
const RARE = ['vary', 'headerCase', 'finalUrl', 'redirectsTo', 'anyStatus', 'request', '__proto__', 'constructor'];

const structured = fc
  .record({
    members: fc.array(fc.tuple(fc.nat(14), oddMember), { maxLength: 3 }),
    rare: fc.array(fc.tuple(fc.constantFrom(...RARE), oddMember), { maxLength: 2 }),
    cut: fc.option(fc.nat(14), { freq: 4 }),
  })
  .map(({ members, rare, cut }) => {
    const head = JSON.parse(HEAD) as unknown[];
    if (rare.length > 0) head[13] = Object.fromEntries(rare);
    for (const [at, value] of members) head[at] = value;
    return JSON.stringify(cut === null ? head : head.slice(0, cut));
  });

const URLS = ['https://api.test/things?page=1', '/things?page=1'];

/** Whoever has written a storage, a request is answered: by the origin, or with what is stored. */
export const hostileHeads = target({
  name: 'hostile heads',
  inputs: fc.record({
    head: fc.oneof(structured, textNear([HEAD])),
    times: fc.constantFrom({}, { expiresAtMs: Infinity }, { createdAtMs: -1e300 }, { createdAtMs: 1e300 }),
    tags: fc.constantFrom([], ['__proto__'], ['\0', '\ud800']),
    variant: fc.constantFrom('', '__proto__', '[["accept","digest"]]'),
    stale: fc.boolean(),
  }),
  async faultOf({ head, times, tags, variant, stale }) {
    storage.entry = entryOf({ head, tags, variant, ...times });
    const config = stale ? { headers: { 'Cache-Control': 'max-age=0' } } : { headers: { Accept: 'digest' } };
    const { data } = await http.get<unknown>(URLS[0] ?? '', config);
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    const isKnown = ['from the origin', '{"from":"the storage"}', ''].includes(text) || data === undefined;
    return isKnown ? undefined : `it was answered ${text}`;
  },
  read: (text) => parseHttpDate(text, NOW),
  parts: [' ', 'Sun, ', '0', 'GMT', ':'],
});
