/** Answers that belong to another request, another user, another time or another caller: defects 1 to 8. */
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';
import { disconnect, type Handler, inTurn, type Reply } from '../../__tests__/support/origin.js';
import { echo, having, MINUTE, type Scenario, type Subject } from '../scenario.js';
import { happens, outcome, outcomes, signal, times, watch } from '../watch.js';

const urlOf = ({ data }: { readonly data: unknown }): unknown => (data as { readonly url: unknown }).url;
const bodyOf = ({ data }: { readonly data: unknown }): unknown => (data as { readonly body: unknown }).body;

/** Requests that must not be taken for each other; sees the URL that each answer is about. */
const toldApart = (defect: string, name: string, params: readonly object[]): Scenario => ({
  defect,
  name,
  right: params.map((each) => axios.getUri({ url: '/', params: each })),
  see: async (subject) => {
    const { http } = await subject.start(echo);
    return outcomes(
      params.map((each) => () => http.get('/', { params: each })),
      urlOf,
    );
  },
});

const keys: readonly Scenario[] = [
  toldApart('1', 'parameters that differ after the point are different', [{ amount: 1.2 }, { amount: 1.7 }]),
  toldApart('1', 'two places are two', [
    { lat: 48.8566, lon: 2.3522 },
    { lat: 48.1374, lon: 2.9 },
  ]),
  toldApart('1', 'numbers beyond 32 bits are different', [{ id: 1 }, { id: 4_294_967_297 }]),
  {
    defect: '1',
    name: 'a hundred prices are a hundred answers',
    right: 100,
    see: async (subject) => {
      const { http, origin } = await subject.start(echo);
      for (const price of Array.from({ length: 100 }, (_, cents) => cents / 100)) {
        await outcome(http.get('/', { params: { price } }));
      }
      return origin.count();
    },
  },
  toldApart('2', 'small numbers in two parameters never collide', [
    { userId: 31, postId: 22 },
    { userId: 256, postId: 9 },
  ]),
  ...([
    ['ArrayBuffers', Uint8Array.of(1, 2, 3).buffer, Uint8Array.of(9, 9, 9).buffer],
    ['Blobs', new Blob(['one']), new Blob(['two'])],
    ['Buffers', Buffer.from([0xff, 0x01]), Buffer.from([0xfe, 0x01])],
  ] as const).map(
    ([kind, one, two]): Scenario => ({
      defect: '6',
      name: `${kind} as bodies are told apart by content, and the same one is found again`,
      right: [true, 2],
      see: async (subject) => {
        const { http, origin } = await subject.start(echo, { methods: ['post'] });
        const post = (data: unknown) => () => http.post('/', data, { adapter: 'fetch' });
        const [first, second] = await outcomes([post(one), post(two), post(one)], bodyOf);
        return [first !== second, origin.count()];
      },
    }),
  ),
  {
    defect: '6',
    name: '/users and /users/ are two',
    right: ['/users', '/users/'],
    see: async (subject) => {
      const { http } = await subject.start(echo);
      return outcomes(
        ['/users', '/users/'].map((url) => () => http.get(url)),
        urlOf,
      );
    },
  },
];

const users: Scenario = {
  defect: '3',
  name: 'one user never gets the answer to another',
  right: ['hello alice', 'hello bob', 'hello alice'],
  see: async (subject) => {
    const { http } = await subject.start({
      '/': ({ headers }) => ({ ...MINUTE, body: `hello ${headers.authorization}` }),
    });
    return outcomes(['alice', 'bob', 'alice'].map((user) => () => http.get('/', { headers: { Authorization: user } })));
  },
};

const TO_VALIDATE = having({ ETag: '"1"', 'Cache-Control': 'max-age=0' }, 'secret');

const masked: readonly Scenario[] = [
  ...[400, 401, 403, 404, 410].map(
    (status): Scenario => ({
      defect: '4',
      name: `${status} is not turned into a stale 200, even where stale answers are welcome`,
      right: ['secret', `rejects ${status}`],
      see: async (subject) => {
        const { http } = await subject.start({ '/': inTurn(TO_VALIDATE, { status }) }, { staleIfError: true });
        return outcomes(times(2, () => http.get('/')));
      },
    }),
  ),
  {
    defect: '4',
    name: 'no failure is covered where nobody asked for it',
    right: ['secret', 'rejects 503', 'rejects ECONNRESET'],
    see: async (subject) => {
      const { http } = await subject.start({ '/': inTurn(TO_VALIDATE, { status: 503 }, disconnect) });
      return outcomes(times(3, () => http.get('/')));
    },
  },
  ...([
    ['stale-if-error is that of the stored response, and does not slide', 'max-age=1, stale-if-error=4', undefined],
    ['the window of staleIfError does not slide', 'max-age=1', 4],
  ] as const).map(
    ([name, cacheControl, staleIfError]): Scenario => ({
      defect: '4',
      name,
      right: ['x', 'x', 'x', 'rejects ECONNRESET'],
      see: async (subject) => {
        const reply = having({ 'Cache-Control': cacheControl, ETag: '"1"' });
        const needs = staleIfError === undefined ? {} : { staleIfError };
        const { http, clock } = await subject.start({ '/': inTurn(reply, disconnect) }, needs);
        const after = (seconds: number) => () => {
          clock.advance(seconds);
          return http.get('/');
        };
        // Later than both: four seconds after the answer, and after the end of its freshness.
        return outcomes([0, 2, 1.5, 2.5].map(after));
      },
    }),
  ),
];

const overtaken: Scenario = {
  defect: '5',
  name: 'an answer that a change has overtaken is not stored over the newer one',
  right: ['old', 'new', 'new'],
  see: async (subject) => {
    const old = heldBack('old');
    const fresh = heldBack('new');
    const { http } = await subject.start({ 'GET /': inTurn(old.route, fresh.route, { body: 'asked again' }), 'PUT /': {} });
    const first = watch(http.get('/', subject.named));
    await happens(old.asked);
    await outcome(http.put('/', 'x', subject.deletesNamed));
    const second = watch(http.get('/', subject.named));
    await happens(fresh.asked);
    old.send();
    const seen = await first();
    fresh.send();
    return [seen, await second(), await outcome(http.get('/', subject.named))];
  },
};

/** An answer that is sent when the scenario says so. */
function heldBack(body: string): { readonly route: Handler; readonly asked: Promise<void>; readonly send: () => void } {
  const asked = signal();
  const sent = signal();
  const route: Handler = async () => {
    asked.give();
    await sent.given;
    return { ...MINUTE, body };
  };
  return { route, asked: asked.given, send: sent.give };
}

const LONG: Reply = { ...MINUTE, body: { text: 'x'.repeat(1000) } };
const LENGTH = JSON.stringify(LONG.body).length;

async function sizeOf({ data }: { readonly data: unknown }): Promise<unknown> {
  if (typeof data === 'string') return data.length;
  if (data instanceof Uint8Array) return data.byteLength;
  if (typeof (data as Readable).pipe !== 'function') return 'an object';
  const stream = data as Readable;
  if (stream.readableEnded || stream.destroyed) return 0;
  return (await buffer(stream)).byteLength;
}

const read = async (http: AxiosInstance, config: AxiosRequestConfig): Promise<unknown> =>
  sizeOf(await http.get<unknown>('/', config));

const callers: readonly Scenario[] = [
  ...([
    ['bytes', { responseType: 'arraybuffer' }],
    ['text', { responseType: 'text', transformResponse: [] }],
    ['streams', { responseType: 'stream' }],
  ] as const).map(
    ([kind, config]): Scenario => ({
      defect: '7',
      name: `what is stored for a caller of JSON serves callers of ${kind} too`,
      right: [LENGTH, LENGTH],
      see: async (subject) => {
        const { http } = await subject.start({ '/': LONG });
        await http.get('/');
        return [await read(http, config as AxiosRequestConfig), await read(http, config as AxiosRequestConfig)];
      },
    }),
  ),
  {
    defect: '7',
    name: 'a stream that was read once can be read again',
    right: [LENGTH, LENGTH],
    see: async (subject) => {
      const { http } = await subject.start({ '/': LONG });
      return [await read(http, { responseType: 'stream' }), await read(http, { responseType: 'stream' })];
    },
  },
  {
    defect: '8',
    name: 'what one caller changes, a later one does not see',
    right: [[1], [1], [1]],
    see: (subject) => changed(subject, async (get) => [await get(), await get(), await get()]),
  },
  {
    defect: '8',
    name: 'what one caller changes, another at the same time does not see',
    right: [[1], [1], [1]],
    see: (subject) => changed(subject, (get) => Promise.all([get(), get(), get()])),
  },
];

/** Callers who each note the list that they got, then add to it. */
async function changed(
  subject: Subject,
  all: (get: () => Promise<unknown>) => Promise<unknown>,
): Promise<unknown> {
  const { http } = await subject.start({ '/': { ...MINUTE, body: { list: [1] } } });
  return all(async () => {
    const { data } = await http.get<{ list: number[] }>('/');
    const seen = [...data.list];
    data.list.push(2);
    return seen;
  });
}

export const WRONG_DATA: readonly Scenario[] = [...keys, users, ...masked, overtaken, ...callers];
