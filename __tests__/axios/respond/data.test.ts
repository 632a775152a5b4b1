/** Bodies in both directions: what is kept of an adapter's data, and the data that plain axios gives for its bytes. */
import { gzipSync } from 'node:zlib';
import { Readable } from 'node:stream';
import axios, { AxiosError, type AxiosAdapter, type AxiosResponse, type ResponseType } from 'axios';
import fc from 'fast-check';
import { decodeBody, encodeBody, type Body } from '../../../lib/entries/body.js';
import { adapterDialect, type Dialect } from '../../../lib/axios/native/dialect.js';
import { dataFor } from '../../../lib/axios/respond/data.js';
import type { AskedData } from '../../../lib/axios/respond/reader.js';
import { copyOfData, parseBody } from '../../../lib/axios/send/parse-body.js';
import { showData } from '../../support/bodies.js';
import { configOf } from '../../support/describe-request.js';
import { startOrigin, type Origin, type Reply } from '../../support/origin.js';

interface DataRequest extends AskedData {
  readonly contentType?: string | undefined;
  readonly dialect?: Dialect | undefined;
  readonly status?: number | undefined;
}
const dataOf = (body: Body, { contentType, dialect, status, ...asked }: DataRequest): unknown =>
  dataFor(body, asked, dialect, contentType, status);
const bare = (): object => Object.create(null) as object;
const bytesOf = (...bytes: number[]): Body => ({ kind: 'bytes', bytes: Uint8Array.from(bytes) });

describe('parseBody', () => {
  const pool = Buffer.from('before[body]after');
  const slice = pool.subarray('before'.length, 'before[body]'.length);

  test.each([
    ['a Buffer that is a slice of a pool', slice],
    ['a typed array over a part of a buffer', new Uint8Array(slice.buffer, slice.byteOffset, slice.byteLength)],
    ['an ArrayBuffer', Uint8Array.from(slice).buffer],
  ])('keeps exactly the bytes of %s', (_name, data) => {
    expect(parseBody(data)).toEqual({ kind: 'bytes', bytes: Uint8Array.from(slice) });
  });

  test('owns the values that it keeps', () => {
    const value = { list: [1] };
    const kept = parseBody(value);
    value.list.push(9);
    expect(kept).toEqual({ kind: 'value', value: { list: [1] } });
  });

  test.each<[string, unknown, Body]>([
    ['nothing', undefined, { kind: 'none' }],
    ['text', '\uFEFFtext', { kind: 'text', text: '\uFEFFtext' }],
    ['no text', '', { kind: 'text', text: '' }],
    ['null', null, { kind: 'value', value: null }],
    ['a number', 0, { kind: 'value', value: 0 }],
    ['an object without a prototype', Object.assign(bare(), { a: 1 }), { kind: 'value', value: { a: 1 } }],
    ['a proxy around data', new Proxy({ a: [1] }, {}), { kind: 'value', value: { a: [1] } }],
    ['one object in two places', ((a) => ({ b: a, c: a }))([1]), { kind: 'value', value: { b: [1], c: [1] } }],
  ])('keeps %s as it was given', (_name, data, expected) => {
    expect(parseBody(data)).toEqual(expected);
  });

  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  class Person {
    readonly name = 'x';
  }
  test.each<[string, unknown]>([
    ['a stream', Readable.from([])],
    ['a web stream', new Response('x').body],
    ['a Blob', new Blob(['x'])],
    ['a form', new FormData()],
    ['a DataView', new DataView(slice.buffer)],
    ['two-byte elements', Uint16Array.of(1, 2)],
    ['clamped bytes', Uint8ClampedArray.of(1, 2)],
    ['memory that another thread may write to', new SharedArrayBuffer(2)],
    ['a view of such memory', new Uint8Array(new SharedArrayBuffer(2))],
    ['a function', () => 'x'],
    ['a symbol', Symbol('x')],
    ['a BigInt', 1n],
    ['a Date within data', { at: new Date(0) }],
    ['a Map', new Map()],
    ['a class instance', new Person()],
    ['NaN', Number.NaN],
    ['a member that JSON leaves out', { a: undefined }],
    ['a hole in a list', Object.assign([1], { length: 2 })],
    ['a cycle', cycle],
    ['data too deep for JSON.stringify', JSON.parse('['.repeat(1e5) + ']'.repeat(1e5))],
    ['a lone surrogate, which UTF-8 cannot hold', 'a\uD800b'],
  ])('does not keep %s', (_name, data) => {
    expect(parseBody(data)).toBeUndefined();
  });

  test('what it keeps survives being stored', () => {
    const anyUnit = fc.nat(0xffff).map((code) => String.fromCharCode(code));
    const texts = [fc.string({ unit: 'binary' }), fc.string({ unit: anyUnit })];
    const data = fc.oneof(fc.constant([-0]), fc.jsonValue(), ...texts, fc.uint8Array());
    fc.assert(
      fc.property(data, (given) => {
        const body = parseBody(given);
        if (body === undefined) return;
        expect(decodeBody(body.kind, encodeBody(body))).toEqual(body);
        if (body.kind !== 'bytes') expect(dataOf(body, {})).toEqual(given);
      }),
    );
  });
});

describe('copyOfData', () => {
  test.each<[string, object]>([
    ['a Buffer', Buffer.from('ab')],
    ['a Uint8Array', Uint8Array.of(1, 2)],
    ['an ArrayBuffer', Uint8Array.of(1, 2).buffer],
    ['two-byte elements', Uint16Array.of(1, 2)],
    ['a DataView', new DataView(Uint8Array.of(1, 2).buffer)],
    ['data', { list: [1] }],
    ['a proxy around data', new Proxy({ list: [1] }, {})],
    ['a Date', new Date(0)],
    ['a Blob', new Blob(['x'])],
  ])('%s stays what it is, and is another', (_name, data) => {
    const copy = copyOfData(data);
    expect(copy).not.toBe(data);
    if (!(data instanceof DataView)) expect(copy).toEqual(data);
    expect([Object.prototype.toString.call(copy), Buffer.isBuffer(copy)]).toEqual([
      Object.prototype.toString.call(data),
      Buffer.isBuffer(data),
    ]);
  });

  test('what nobody can copy is left out', () => {
    expect([new Response('x').body, Promise.resolve()].map(copyOfData)).toEqual([undefined, undefined]);
  });
});

describe('adapterDialect', () => {
  const ownFetch: typeof fetch = () => Promise.reject(new Error('unused'));
  const mock: AxiosAdapter = () => Promise.reject(new Error('unused'));

  test.each<[string, Parameters<typeof axios.getAdapter>[0], object, Dialect | undefined]>([
    ['http', 'http', {}, 'http'],
    ['fetch', 'fetch', {}, 'fetch'],
    ['the fetch of an own env', 'fetch', { env: { fetch: ownFetch } }, 'fetch'],
    ['the default list on Node', ['xhr', 'http', 'fetch'], {}, 'http'],
    ['an adapter that is not of axios', mock, {}, undefined],
    ['the same where the environment has no fetch', mock, { env: { fetch: 'none' } }, undefined],
  ])('tells %s', (_name, adapter, settings, expected) => {
    const config = configOf(settings);
    expect(adapterDialect(axios.getAdapter(adapter, config), config)).toBe(expected);
  });
});

const FORM_TYPE = 'multipart/form-data; boundary=limit';
const FORM = '--limit\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--limit--\r\n';
const json = { 'content-type': 'application/json' };
const BODIES: Readonly<Record<string, Reply>> = {
  'JSON': { headers: json, body: '{"ok":true}' },
  'JSON with a byte order mark': { headers: json, body: Buffer.from('\uFEFF{"ok":true}') },
  'latin1': { headers: { 'content-type': 'text/plain; charset=latin1' }, body: Buffer.from('déjà', 'latin1') },
  'nothing': { headers: { 'content-type': 'text/plain', 'content-length': '0' }, body: '' },
  'no content': { status: 204 },
  'all bytes': { headers: { 'content-type': 'application/octet-stream' }, body: Uint8Array.from(Array(256).keys()) },
  'a large text': { headers: { 'content-type': 'Text/Plain; charset=utf-8' }, body: 'é'.repeat(2 ** 19) },
  'invalid UTF-8': { headers: { 'content-type': 'text/plain' }, body: Buffer.from('61ffc328e282', 'hex') },
  'a form': { headers: { 'content-type': FORM_TYPE }, body: FORM },
  'an urlencoded form': { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=1&a=2' },
  'HTML': { headers: { 'content-type': 'text/html' }, body: '<p>x</p>' },
  'compressed JSON': { headers: { ...json, 'content-encoding': 'gzip' }, body: gzipSync('{"packed":true}') },
  'bytes without a type': { body: Uint8Array.of(1, 2, 3) },
};
const RESPONSE_TYPES = [
  undefined, 'json', 'text', 'arraybuffer', 'blob', 'document', 'formdata', 'stream', 'response',
  'ARRAYBUFFER', 'unknown', 'constructor',
];
/** The fetch adapter is to show only that it minds none. */
const ENCODINGS = {
  http: [undefined, 'utf8', 'utf-8', 'UTF8', 'latin1', 'no-such-encoding'],
  fetch: [undefined, 'latin1', 'no-such-encoding'],
};
const pathOf = (name: string): string => `/${encodeURIComponent(name)}`;

/** The data, or how it failed. */
async function outcome(data: () => unknown): Promise<unknown> {
  try {
    return await showData(await data());
  } catch (error) {
    if (!(error instanceof AxiosError)) return { strange: error };
    return { name: error.name, message: error.message, code: error.code };
  }
}

describe('dataFor, against the adapters themselves', () => {
  let origin: Origin;
  const instance = axios.create({ transformResponse: [] });
  beforeAll(async () => {
    const routes = Object.entries(BODIES).map(([name, reply]) => [pathOf(name), reply] as const);
    origin = await startOrigin(Object.fromEntries(routes));
  });
  afterAll(() => origin.close());

  const ask = (dialect: Dialect, name: string, settings: object): Promise<AxiosResponse> =>
    instance.request({ url: origin.url + pathOf(name), adapter: dialect, ...settings });

  const names = Object.keys(BODIES);
  const rows = (['http', 'fetch'] as const).flatMap((dialect) => names.map((name) => [dialect, name] as const));
  // Up to 73 requests a row, in one of them for a megabyte.
  test.each(rows)('the %s adapter, %s: each responseType and responseEncoding', async (dialect, name) => {
    const stored = await ask(dialect, name, { responseType: 'arraybuffer' });
    const body = parseBody(stored.data);
    if (body === undefined) throw new TypeError('not kept');
    const contentType = stored.headers['content-type'] as string | undefined;
    for (const responseType of RESPONSE_TYPES) {
      for (const responseEncoding of ENCODINGS[dialect]) {
        const settings = { responseType, responseEncoding };
        const theirs = await outcome(async () => (await ask(dialect, name, settings)).data as unknown);
        const request = { ...settings, contentType, dialect, status: stored.status };
        const ours = await outcome(() => dataOf(body, request));
        expect({ ...settings, data: ours }).toEqual({ ...settings, data: theirs });
      }
    }
  }, 30_000);

  test.each(['http', 'fetch'] as const)('the %s adapter, HEAD: each responseType', async (dialect) => {
    for (const responseType of RESPONSE_TYPES) {
      const settings = { responseType, method: 'head' };
      const theirs = await outcome(async () => (await ask(dialect, 'JSON', settings)).data as unknown);
      const request = { responseType, contentType: 'application/json', dialect };
      expect({ responseType, data: await outcome(() => dataOf({ kind: 'none' }, request)) }).toEqual({
        responseType,
        data: theirs,
      });
    }
  });
});

describe('dataFor', () => {

  test.each<[Dialect, ResponseType]>([
    ['http', 'arraybuffer'],
    ['fetch', 'arraybuffer'],
    ['xhr', 'arraybuffer'],
    ['http', 'stream'],
    ['fetch', 'stream'],
  ])('%s, %s: what a caller does with the data changes nothing kept', async (dialect, responseType) => {
    const body = bytesOf(1, 2, 3);
    const given = dataOf(body, { dialect, responseType });
    const bytes =
      given instanceof Readable || given instanceof ReadableStream
        ? ((await (given as Readable)[Symbol.asyncIterator]().next()).value as Uint8Array)
        : new Uint8Array(ArrayBuffer.isView(given) ? given.buffer : (given as ArrayBuffer));
    expect([...bytes.subarray(0, 3)]).toEqual([1, 2, 3]);
    bytes.fill(9);
    expect(body).toEqual(bytesOf(1, 2, 3));
  });

  test.each(RESPONSE_TYPES)('responseType %s: text and values stay what another adapter made them', (responseType) => {
    const value = { list: [1] };
    expect(dataOf({ kind: 'text', text: '\uFEFF{}' }, { responseType })).toBe('\uFEFF{}');
    const given = dataOf({ kind: 'value', value }, { responseType });
    expect(given).toEqual(value);
    (given as typeof value).list.push(2);
    expect(value).toEqual({ list: [1] });
    expect(dataOf({ kind: 'none' }, { responseType })).toBeUndefined();
  });

  test('bytes of another adapter are read as the default adapter of the platform reads them', () => {
    expect(dataOf(bytesOf(0xe9), { responseEncoding: 'latin1' })).toBe('é');
    expect(dataOf(bytesOf(1), { responseType: 'arraybuffer' })).toBeInstanceOf(Buffer);
  });

  test.each<[string, number[], string | undefined, string]>([
    ['UTF-8 unless told', [0xc3, 0xa9], undefined, 'é'],
    ['the charset of the content type', [0xe9], 'text/plain; charset="ISO-8859-1"', 'é'],
    ['a byte order mark above the charset', [0xef, 0xbb, 0xbf, 0xc3, 0xa9], 'text/plain; charset=latin1', 'é'],
    ['UTF-16 by its mark, big end first', [0xfe, 0xff, 0, 0xe9], undefined, 'é'],
    ['UTF-16 by its mark, small end first', [0xff, 0xfe, 0xe9, 0], undefined, 'é'],
    ['UTF-8 where the charset is unknown', [0xc3, 0xa9], 'text/plain; charset=no-such', 'é'],
  ])('xhr text: %s', (_name, bytes, contentType, expected) => {
    for (const responseType of [undefined, 'text', 'json', 'stream', 'formdata']) {
      const request = { dialect: 'xhr', responseType, contentType, responseEncoding: 'hex' } as const;
      expect(dataOf(bytesOf(...bytes), request)).toBe(expected);
    }
  });

  test('xhr blob: has the content type', async () => {
    const blob = (await dataOf(bytesOf(1), { dialect: 'xhr', responseType: 'blob', contentType: 'image/png' })) as Blob;
    expect(await showData(blob)).toEqual({ blob: 'image/png', content: '\x01' });
  });

  test.each(['fetch', 'xhr'] as const)('a Blob of a large body takes its size once more, for %s', async (dialect) => {
    const size = 32 * 1024 * 1024;
    const bytes = new Uint8Array(size);
    // A collection that comes in between makes less of it, but never more.
    const before = process.memoryUsage().arrayBuffers;
    const taken = (): number => (process.memoryUsage().arrayBuffers - before) / size;
    const reading = dataOf({ kind: 'bytes', bytes }, { responseType: 'blob', contentType: 'Image/PNG', dialect });
    expect(taken()).toBeLessThan(0.1);
    const blob = (await reading) as Blob;
    expect(taken()).toBeLessThan(1.1);
    expect([blob.size, blob.type]).toEqual([size, 'image/png']);
  });

  test.each([
    ['text/plain; charset=UTF-8'],
    ['Multipart/Form-Data; Boundary="A b"'],
    ['no type at all'],
    [''],
    [undefined],
  ])('a Blob has the type that a Response gives %s', async (contentType) => {
    const blob = (await dataOf(bytesOf(1, 2), { responseType: 'blob', contentType, dialect: 'fetch' })) as Blob;
    const headers: HeadersInit = contentType === undefined ? {} : { 'content-type': contentType };
    expect(blob.type).toBe((await new Response(Uint8Array.of(1, 2), { headers }).blob()).type);
    expect([...new Uint8Array(await blob.arrayBuffer())]).toEqual([1, 2]);
  });
});
