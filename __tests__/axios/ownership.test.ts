/** What a caller is given is its own: whatever it changes, nobody else sees. */
import { createHash } from 'node:crypto';
import type { AxiosResponse } from 'axios';
import type { StoredResponse } from '../../lib/index.js';
import { ADAPTERS, BODIES, startBodies } from '../support/bodies.js';
import { startCached } from '../support/cached-instance.js';

describe('one caller changes what it was given', () => {
  const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

  test('data and headers: not seen on hits, by followers, or by the leader of the miss', async () => {
    const { http, origin } = await startCached({
      '/': { body: { list: [1] }, headers: { 'X-Own': 'a', 'Cache-Control': 'max-age=9', 'Set-Cookie': ['a=1'] } },
    });
    const gate = origin.hold('/');
    const pending = [http.get('/'), http.get('/'), http.get('/')];
    await gate.arrived();
    gate.release();
    const responses = [...(await Promise.all(pending)), await http.get('/'), await http.get('/')];
    expect(responses.map(({ cached }) => cached)).toEqual([false, true, true, true, true]);
    for (const [index, { data, headers }] of responses.entries()) {
      expect({ index, data: data as unknown, own: headers['x-own'] as unknown, cookie: headers['set-cookie'] }).toEqual(
        { index, data: { list: [1] }, own: 'a', cookie: ['a=1'] },
      );
      data.list.push(index);
      data.changed = true;
      headers['x-own'] = 'b';
      headers['set-cookie']?.push('b=2');
    }
    expect(origin.count()).toBe(1);
    expect(await http.get('/')).toMatchObject({
      data: { list: [1] },
      headers: { 'x-own': 'a', 'set-cookie': ['a=1'] },
    });
  });

  test.each(ADAPTERS)('%s: bytes', async (adapter) => {
    const { http } = await startBodies();
    const expected = digest(BODIES['/bytes']?.body as Uint8Array);
    const get = (): Promise<AxiosResponse<ArrayBuffer>> => http.get('/bytes', { adapter, responseType: 'arraybuffer' });
    for (const { data } of [...(await Promise.all([get(), get(), get()])), await get(), await get()]) {
      // A Buffer is a view already; over a buffer this makes one.
      const bytes: Uint8Array = data instanceof Uint8Array ? data : new Uint8Array(data);
      expect(digest(bytes)).toBe(expected);
      bytes.fill(0);
    }
  });

  test('objects of a mock adapter: neither its own nor those of other callers', async () => {
    const { http } = await startCached({});
    const original = { list: [1] };
    const adapter = () =>
      Promise.resolve({ status: 200, statusText: 'OK', headers: {}, data: original, config: {} } as never);
    const get = (): Promise<AxiosResponse<typeof original>> => http.get('/', { adapter });
    for (const { data } of [...(await Promise.all([get(), get(), get()])), await get(), await get()]) {
      expect(data).toEqual({ list: [1] });
      data.list.push(2);
    }
    expect(original).toEqual({ list: [1] });
  });

  /** Writes to everything that a StoredResponse shows, as code without types may. */
  function spoil(response: StoredResponse): void {
    const { bytes, headers, tags, createdAt } = response as unknown as {
      bytes: Uint8Array;
      headers: Record<string, unknown>;
      tags: string[];
      createdAt: Date;
    };
    bytes.fill(0);
    headers['x-own'] = 'spoilt';
    headers['x-new'] = 'spoilt';
    (headers['set-cookie'] as string[]).push('spoilt=1');
    createdAt.setTime(0);
    tags.push('spoilt');
  }
  const FIELDS = { 'X-Own': 'a', 'Cache-Control': 'max-age=9', 'Set-Cookie': ['a=1'] };
  const UNSPOILT = { data: { a: 1 }, headers: { 'x-own': 'a', 'set-cookie': ['a=1'] }, cache: { tags: ['t'] } };

  test('what filter and tags are shown', async () => {
    const { http, clock } = await startCached({ '/': { body: { a: 1 }, headers: FIELDS } });
    const cache = {
      filter: (response: StoredResponse) => {
        spoil(response);
        return true;
      },
      tags: (response: StoredResponse) => {
        spoil(response);
        return ['t'];
      },
    };
    const responses = [await http.get('/', { cache }), await http.get('/', { cache }), await http.get('/', { cache })];
    for (const response of responses) {
      expect(response).toMatchObject(UNSPOILT);
      expect(response.headers).not.toHaveProperty('x-new');
      expect(response.cache.createdAt).toEqual(new Date(clock.now()));
    }
  });

  test('what the manager shows, and `response.cache`', async () => {
    const { http } = await startCached({ '/': { body: { a: 1 }, headers: FIELDS } });
    const cache = { tags: ['t'] };
    const spoilInfo = (tags: readonly string[]): void => void (tags as string[]).push('spoilt');
    spoilInfo((await http.get('/', { cache })).cache.tags);
    const stored = await http.cache.get('/');
    if (stored === undefined) throw new TypeError('not stored');
    spoil(stored);
    spoilInfo((await http.get('/')).cache.tags);
    expect(await http.get('/')).toMatchObject(UNSPOILT);
    expect(await http.cache.get('/')).toMatchObject({ headers: { 'x-own': 'a', 'set-cookie': ['a=1'] }, tags: ['t'] });
    expect(cache.tags).toEqual(['t']);
  });
});
