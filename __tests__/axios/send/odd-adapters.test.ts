/** Adapters of somebody's own that give what axios takes, though in another form than its own adapters do. */
import axios, { AxiosError, AxiosHeaders, type AxiosAdapter, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { setupCache, type CacheOptions } from '../../../lib/index.js';
import { startCached } from '../../support/cached-instance.js';

const URL = 'http://made.up/';

/** What an adapter is called with, and how often. */
interface Calls {
  readonly configs: Parameters<AxiosAdapter>[0][];
}

function cachedBy(answer: (config: Parameters<AxiosAdapter>[0]) => unknown, options: CacheOptions = {}) {
  const calls: Calls = { configs: [] };
  const adapter: AxiosAdapter = async (config) => {
    calls.configs.push(config);
    return answer(config) as AxiosResponse;
  };
  return { http: setupCache(axios.create({ adapter }), options), plain: axios.create({ adapter }), calls };
}

const answered = (config: object, members: object = {}): object => ({
  status: 200,
  statusText: 'OK',
  headers: {},
  data: 'text',
  config,
  request: {},
  ...members,
});

const rejection = (pending: Promise<unknown>): Promise<AxiosError> =>
  pending.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error as AxiosError,
  );

describe('headers that are no AxiosHeaders and no plain object', () => {
  type Pairs = readonly (readonly [string, string])[];
  type Row = readonly [string, (pairs: Pairs) => unknown];
  const FORMS: Readonly<Record<string, Row[1]>> = {
    'the Headers of fetch': (pairs) => new Headers(Object.fromEntries(pairs)),
    'a Map': (pairs) => new Map(pairs),
    'pairs': (pairs) => pairs,
    'raw text': (pairs) => pairs.map((pair) => pair.join(': ')).join('\r\n'),
  };
  // Older copies of axios take neither a Map nor pairs.
  const isTaken = ([, make]: Row): boolean => AxiosHeaders.from(make([['name', 'yes']]) as never).get('name') === 'yes';
  const rows = Object.entries(FORMS).filter(isTaken);

  test.each(Object.entries(FORMS))('%s: where this axios takes none either, they are no error', async (_form, make) => {
    const { http } = cachedBy((config) => answered(config, { headers: make([['x-request-id', '7']]) }));
    expect((await http.get(URL)).data).toBe('text');
    expect((await http.get(URL)).data).toBe('text');
  });

  test.each(rows)('%s: they are the ones of plain axios, on a miss, a hit, and for a change', async (_form, make) => {
    const pairs = [['content-type', 'text/plain'], ['x-request-id', '7'], ['cache-control', 'max-age=60']] as const;
    const { http, plain } = cachedBy((config) => answered(config, { headers: make(pairs) }));
    const shown = async (pending: Promise<AxiosResponse>): Promise<object> => {
      const { 'age': _age, ...headers } = (await pending).headers;
      return headers;
    };
    const expected = await shown(plain.get(URL));
    expect(expected).toMatchObject({ 'x-request-id': '7' });
    expect(await shown(http.get(URL))).toEqual(expected);
    expect(await shown(http.get(URL))).toEqual(expected);
    expect(await shown(http.post(URL))).toEqual(expected);
  });

  test.each(rows)('%s: no-store is obeyed, and a max-age is the lifetime', async (_form, make) => {
    const { http, calls } = cachedBy((config) => {
      const says = config.url?.endsWith('secret') === true ? 'no-store' : 'max-age=60';
      return answered(config, { headers: make([['cache-control', says]]) });
    });
    for (const path of ['secret', 'secret', 'open', 'open']) await http.get(URL + path);
    expect(calls.configs.map(({ url }) => url)).toEqual([`${URL}secret`, `${URL}secret`, `${URL}open`]);
    expect((await http.get(`${URL}open`)).cache).toMatchObject({ status: 'hit', expirySource: 'response' });
  });

  test.each(rows)('%s: an ETag in them is asked with, and the 304 renews', async (_form, make) => {
    const { http } = cachedBy((config) => {
      const isKnown = config.headers.get('if-none-match') === '"1"';
      return answered(config, { status: isKnown ? 304 : 200, headers: make([['etag', '"1"']]) });
    });
    await http.get(URL);
    const renewed = await http.get(URL, { cache: 'no-cache' });
    expect(renewed).toMatchObject({ data: 'text', cache: { status: 'revalidated' } });
  });

  test.each(rows)('%s: those of an error reach each caller who waited for it', async (_form, make) => {
    const { http } = cachedBy((config) => {
      const response = answered(config, { status: 404, headers: make([['x-request-id', '7']]) }) as AxiosResponse;
      throw new AxiosError('not found', 'ERR_BAD_REQUEST', config, {}, response);
    });
    const errors = await Promise.all([0, 1, 2].map(() => rejection(http.get(URL))));
    expect(errors.map(({ response }) => response?.headers['x-request-id'] as unknown)).toEqual(['7', '7', '7']);
  });
});

describe('errors', () => {
  test.each<[string, AxiosRequestConfig]>([
    ['a read', {}],
    ['a change', { method: 'post' }],
    ['a read past the cache', { cache: false }],
  ])('`response: null` is no response: %s fails as with plain axios', async (_what, config) => {
    const { http } = cachedBy((own) => {
      throw Object.assign(new AxiosError('lost', 'ERR_LOST', own as never), { response: null });
    }, { cacheStatusHeader: true, staleIfError: true });
    const errors = await Promise.all([0, 1, 2].map(() => rejection(http.request({ url: URL, ...config }))));
    expect(errors.map(({ message, code }) => `${code} ${message}`)).toEqual(Array(3).fill('ERR_LOST lost'));
  });

  test('`response: null` lets what is stale stand in, as any failure of the network does', async () => {
    let fails = false;
    const { http } = cachedBy((config) => {
      if (!fails) return answered(config, { headers: { 'cache-control': 'max-age=0', 'etag': '"1"' } });
      throw Object.assign(new AxiosError('lost', 'ERR_NETWORK', config as never), { response: null });
    }, { staleIfError: true });
    await http.get(URL);
    fails = true;
    expect(await http.get(URL)).toMatchObject({ data: 'text', cache: { reason: 'stale-if-error' } });
  });

  class Hidden extends Error {
    readonly #code = 'E_HIDDEN';
    readonly #details = { secret: 'of the one who asked' };
    get code(): string {
      return this.#code;
    }
    get details(): object {
      return this.#details;
    }
    get broken(): never {
      throw new Error('no');
    }
  }

  test.each<[string, () => Error, object]>([
    ['a DOMException', () => new DOMException('gone', 'AbortError'), { name: 'AbortError', message: 'gone', code: 20 }],
    ['one with private members', () => new Hidden('gone'), { message: 'gone', code: 'E_HIDDEN' }],
  ])('%s can be read by those who waited for another’s request too, and so can a cause', async (_what, make, told) => {
    for (const isCause of [false, true]) {
      const { http } = cachedBy((config) => {
        throw isCause ? Object.assign(new AxiosError('failed', 'E', config as never), { cause: make() }) : make();
      });
      const errors = await Promise.all([0, 1, 2].map(() => rejection(http.get(URL))));
      for (const error of errors) expect(isCause ? error.cause : error).toMatchObject(told);
    }
  });

  test('of what such an error holds besides texts nothing reaches them', async () => {
    const { http } = cachedBy(() => {
      throw new Hidden('gone');
    });
    const errors = await Promise.all([0, 1, 2].map(() => rejection(http.get(URL))));
    const details = errors.map((error) => (error as unknown as Hidden).details);
    expect(details.filter((each) => (each as object | undefined) !== undefined)).toHaveLength(2);
  });
});

describe('a body that cannot be kept', () => {
  const made = (): Blob => new Blob(['picture'], { type: 'image/png' });

  test.each([200, 404, 410, 500, 503, 299])('with status %i each caller at once has one', async (status) => {
    const { http } = cachedBy((config) => answered(config, { status, data: made() }));
    const all = await Promise.all([0, 1, 2, 3].map(() => http.get<Blob>(URL, { responseType: 'blob' })));
    expect(await Promise.all(all.map(({ data }) => data.text()))).toEqual(Array(4).fill('picture'));
  });

  class Money {
    constructor(readonly cents: number) {}
  }
  class Rows extends Array<number> {}
  test.each<[string, () => unknown]>([
    ['bytes, though none were asked for', () => Buffer.from('{"a":1}')],
    ['an ArrayBuffer, though none was asked for', () => new Uint8Array([123, 125]).buffer],
    ['a list of a class', () => Rows.from([1, 2])],
    ['a list with members of its own', () => Object.assign([1, 2], { total: 2 })],
    ['an instance of a class', () => ({ price: new Money(5) })],
  ])('%s: the caller has what plain axios gives, each time', async (_what, make) => {
    const { http } = cachedBy((config) => answered(config, { data: make() }));
    for (const responseType of [undefined, 'json'] as const) {
      const get = async (): Promise<unknown> => (await http.get(URL, responseType && { responseType })).data;
      for (const data of [await get(), await get(), ...(await Promise.all([get(), get()]))]) {
        expect(data).toStrictEqual(make());
        expect(Object.getPrototypeOf(data)).toBe(Object.getPrototypeOf(make()));
      }
    }
  });

  test('bytes for a Blob are the caller’s own', async () => {
    const { http } = cachedBy((config) => answered(config, { data: Buffer.from([0xff]) }));
    for (let i = 0; i < 2; i += 1) {
      expect((await http.get(URL, { responseType: 'blob' })).data).toEqual(Buffer.from([0xff]));
    }
  });
});

test.each(['http', 'fetch'] as const)('%s: a responseType of null is none', async (adapter) => {
  const { http, origin } = await startCached({ '/': { body: { a: 1 } } });
  const get = async (): Promise<unknown> => (await http.get('/', { adapter, responseType: null as never })).data;
  expect([await get(), await get(), origin.count()]).toEqual([{ a: 1 }, { a: 1 }, 1]);
});
