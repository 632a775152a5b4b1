/** The streams that callers are given for a miss: what they are, and every way of reading them. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import axios, {
  type AxiosAdapter,
  type AxiosRequestConfig,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import { startCached } from '../../support/cached-instance.js';
import { BYTES, FRESH, STREAM, stories, TEXT, textOf } from '../../support/streams.js';

describe('the stream of the http adapter', () => {
  const start = (body: Buffer = BYTES) => startCached({ '/': { headers: FRESH, body } });

  test('is the very one that axios gives', async () => {
    const { http, origin } = await start();
    const [ours, theirs] = await Promise.all([http.get('/', STREAM), axios.get(origin.url, STREAM)]);
    const described = ({ data, request }: AxiosResponse) => {
      const stream = data as IncomingMessage;
      const { readableFlowing, readableEnded, readableDidRead, readableHighWaterMark, statusCode } = stream;
      return {
        names: Object.keys(stream).sort(),
        is: stream === (request as { res: unknown }).res,
        like: stream.constructor.name,
        listening: stream.eventNames().map(String).sort(),
        state: { readableFlowing, readableEnded, readableDidRead, readableHighWaterMark, statusCode },
      };
    };
    expect(described(ours)).toEqual(described(theirs));
    await Promise.all([textOf(ours), textOf(theirs)]);
    const after = (response: AxiosResponse) => [
      response.data.readableEnded,
      response.data.complete,
      Object.keys(response.data).sort(),
    ];
    expect(after(ours)).toEqual(after(theirs));
  });

  const WAYS: Readonly<Record<string, (stream: Readable) => Promise<string>>> = {
    'async iteration': async (stream) => {
      const pieces: Buffer[] = [];
      for await (const piece of stream) pieces.push(piece as Buffer);
      return Buffer.concat(pieces).toString('latin1');
    },
    pipe: async (stream) => (await buffer(stream.pipe(new PassThrough()))).toString('latin1'),
    pipeline: async (stream) => {
      const through = new PassThrough();
      const [read] = await Promise.all([buffer(through), pipeline(stream, through)]);
      return read.toString('latin1');
    },
    'data events, paused now and then': async (stream) => {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => {
        pieces.push(piece);
        stream.pause();
        setImmediate(() => stream.resume());
      });
      await once(stream, 'end');
      return Buffer.concat(pieces).toString('latin1');
    },
    'one readable event at a time': async (stream) => {
      const pieces: Buffer[] = [];
      while (!stream.readableEnded) {
        const piece = stream.read() as Buffer | null;
        if (piece !== null) pieces.push(piece);
        else await Promise.race([once(stream, 'readable'), once(stream, 'end')]);
      }
      return Buffer.concat(pieces).toString('latin1');
    },
    'small reads': async (stream) => {
      const pieces: Buffer[] = [];
      stream.on('readable', () => {
        for (let piece = stream.read(7) as Buffer | null; piece !== null; piece = stream.read(7) as Buffer | null)
          pieces.push(piece);
      });
      await once(stream, 'end');
      return Buffer.concat(pieces).toString('latin1');
    },
    'a web stream made of it': async (stream) =>
      (await buffer(Readable.toWeb(stream))).toString('latin1'),
  };
  test.each(Object.entries(WAYS))('is copied as it is read: %s', async (_name, read) => {
    const made = await start();
    expect(await read((await made.http.get<Readable>('/', STREAM)).data)).toBe(TEXT);
    expect(await stories(made)).toEqual(['stored']);
    expect(await textOf(await made.http.get('/', STREAM))).toBe(TEXT);
  });

  test('what a reader does to the pieces does nothing to the copy', async () => {
    const made = await start();
    const { data } = await made.http.get<Readable>('/', STREAM);
    for await (const piece of data) (piece as Buffer).fill(0);
    await made.http.cache.idle();
    expect(await textOf(await made.http.get('/', STREAM))).toBe(TEXT);
  });

  test('its trailers arrive', async () => {
    const { http } = await startCached({
      '/': (_request, response) => {
        response.writeHead(200, { ...FRESH, Trailer: 'X-Sum' });
        response.write('body');
        response.addTrailers({ 'X-Sum': '4' });
        response.end();
        return undefined;
      },
    });
    const { data } = await http.get<IncomingMessage>('/', STREAM);
    await buffer(data);
    expect(data.trailers).toEqual({ 'x-sum': '4' });
  });

  test.each<[string, (stream: Readable) => void, string]>([
    ['a reader who wants text', (stream) => void stream.setEncoding('utf8'), 'é'.repeat(100)],
    ['a reader who puts something back', (stream) => stream.unshift(Buffer.from('!')), `!${'é'.repeat(100)}`],
  ])('%s gets it; it is not stored', async (_name, change, expected) => {
    const made = await start(Buffer.from('é'.repeat(100)));
    const { data } = await made.http.get<Readable>('/', STREAM);
    change(data);
    const pieces: (Buffer | string)[] = await data.toArray();
    expect(pieces.map(String).join('')).toBe(expected);
    expect(await stories(made)).toEqual(['not stored: incomplete']);
  });

  test('thousands of tiny pieces are one copy', async () => {
    const made = await startCached({ '/': {} });
    const adapter = (config: InternalAxiosRequestConfig): Promise<AxiosResponse> =>
      Promise.resolve({
        config,
        status: 200,
        statusText: 'OK',
        headers: { ...FRESH },
        data: Readable.from(Array.from(BYTES.subarray(0, 5000), (byte) => Buffer.of(byte)), { objectMode: false }),
      });
    expect(await textOf(await made.http.get('/', { ...STREAM, adapter }))).toBe(TEXT.slice(0, 5000));
    await made.http.cache.idle();
    expect(await textOf(await made.http.get('/', STREAM))).toBe(TEXT.slice(0, 5000));
  });

  test.each<[string, unknown, string]>([
    ['a stream that is shorter than it says', () => Readable.from([Buffer.from('abc')]), 'not stored: incomplete'],
    ['a stream as long as it says', () => Readable.from([Buffer.from('abcd')]), 'stored'],
    ['a stream of objects', () => Readable.from([{ some: 'thing' }]), 'not stored: incomplete'],
    [
      'a web stream of text',
      () => new Blob(['abcd']).stream().pipeThrough(new TextDecoderStream()),
      'not stored: incomplete',
    ],
    ['no stream at all', () => 'abcd', 'not stored: incomplete'],
  ])('of an adapter of one’s own: %s', async (_name, make, told) => {
    const made = await startCached({});
    const adapter = (config: InternalAxiosRequestConfig): Promise<AxiosResponse> =>
      Promise.resolve({
        config,
        status: 200,
        statusText: 'OK',
        headers: { ...FRESH, 'content-length': '4' },
        data: (make as () => unknown)(),
      });
    const { data } = await made.http.get<AsyncIterable<unknown>>('/', { ...STREAM, adapter });
    for await (const piece of data) void piece;
    expect(await stories(made)).toEqual([told]);
  });
});

describe('the stream of the fetch adapter', () => {
  const start = async () => startCached({ '/': { headers: FRESH, body: BYTES } }, { defaults: { adapter: 'fetch' } });

  test('reads into a buffer of the reader’s own, as without a cache', async () => {
    const made = await start();
    const { data } = await made.http.get<ReadableStream<Uint8Array>>('/', STREAM);
    const reader = data.getReader({ mode: 'byob' });
    const pieces: Uint8Array[] = [];
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(1000));
      if (done) break;
      pieces.push(value);
    }
    expect(Buffer.concat(pieces).toString('latin1')).toBe(TEXT);
    expect(await stories(made)).toEqual(['stored']);
    expect(await textOf(await made.http.get('/', STREAM))).toBe(TEXT);
  });

  test('can be teed, and used as the body of a Response', async () => {
    const made = await start();
    const { data } = await made.http.get<ReadableStream<Uint8Array>>('/', STREAM);
    const [one, other] = data.tee();
    const read = await Promise.all([one, other].map((body) => new Response(body).arrayBuffer()));
    expect(read.map((bytes) => Buffer.from(bytes).toString('latin1'))).toEqual([TEXT, TEXT]);
    expect(await stories(made)).toEqual(['stored']);
  });

  test('of a request with a timeout is what axios makes of it', async () => {
    const made = await start();
    expect(await textOf(await made.http.get('/', { ...STREAM, timeout: 20_000 }))).toBe(TEXT);
    expect(await stories(made)).toEqual(['stored']);
  });
});

test('HEAD on the fetch adapter: no stream, from the origin and from the cache', async () => {
  const { http } = await startCached({ '/': { headers: FRESH, body: BYTES } }, { defaults: { adapter: 'fetch' } });
  const seen = [await http.head('/', STREAM), await http.head('/', STREAM)].map(({ data, cached }) => [
    data as unknown,
    cached,
  ]);
  expect(seen).toEqual([
    [null, false],
    [null, true],
  ]);
});

const UNREAD: AxiosAdapter = (config) => Promise.resolve({
  data: new Readable({ read: () => undefined }), status: 200, statusText: 'OK', headers: FRESH, config,
});

test.each<[string, AxiosRequestConfig]>([
  ['fetch', { adapter: 'fetch' }],
  ['of node:stream', { adapter: UNREAD }],
  ['of a caller with a timeout', { adapter: UNREAD, timeout: 600_000 }],
  ['of a caller with a signal', { adapter: UNREAD, signal: new AbortController().signal }],
])('a stream that is dropped unread is not kept: %s', async (_name, config) => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const made = await startCached({ '/': { headers: FRESH, body: BYTES } });
  for (let count = 0; count < 10; count += 1) await made.http.get('/', { ...STREAM, ...config });
  const isOver = (): boolean => made.events.some(({ type }) => type === 'not-stored');
  for (let round = 0; round < 1000 && !isOver(); round += 1) {
    collectGarbage();
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
  expect(new Set(await stories(made))).toEqual(new Set(['not stored: incomplete']));
});
