/**
 * What a 304, or an answer to HEAD, may do to a stored response, and what it must leave alone (RFC 9111 section 4.3).
 */
import axios from 'axios';
import { MemoryStorage, rfc9111, setupCache } from '../../../lib/index.js';
import type { StorageReading } from '../../../lib/api/storage.js';
import { asking, having, httpDate, startCached, told } from '../../support/cached-instance.js';
import { storedUnder } from '../../support/entry.js';
import { engineRig, type FakeOrigin } from '../../support/exchange.js';
import { faultyStorage } from '../../support/faulty-storage.js';
import { type Handler, type Reply, withEtag } from '../../support/origin.js';

const version = (number: number, cacheControl: string): Reply => ({
  headers: { ETag: `"v${number}"`, 'Cache-Control': cacheControl },
  body: `body ${number}`,
});

function signal(): readonly [came: Promise<void>, give: () => void] {
  let give: () => void = () => undefined;
  const came = new Promise<void>((resolve) => {
    give = resolve;
  });
  return [came, give];
}

/** Answers with `reply` once it is released. */
function slow(reply: Reply): {
  readonly handler: Handler;
  readonly arrived: Promise<void>;
  readonly release: () => void;
} {
  const [arrived, arrive] = signal();
  const [released, release] = signal();
  const handler: Handler = async () => {
    arrive();
    await released;
    return reply;
  };
  return { handler, arrived, release };
}

describe('an answer about a version that has been replaced meanwhile', () => {
  test('to HEAD leaves the newer one as it is', async () => {
    let current = version(1, 'max-age=60');
    const late = slow({ headers: { ...version(1, 'max-age=900').headers } });
    const { http } = await startCached({ 'GET /': () => current, 'HEAD /': late.handler });
    await http.get('/');
    const asked = http.head('/', asking('no-cache'));
    await late.arrived;
    current = version(2, 'max-age=60');
    await http.get('/', { cache: 'reload' });
    late.release();
    await asked;
    const { data, headers } = await http.get('/');
    expect([data, headers['etag'], headers['cache-control']]).toEqual(['body 2', '"v2"', 'max-age=60']);
  });

  test.each(['get', 'head'] as const)('by 304 to %s, whose renewal takes its time, leaves the newer one as it is', async (method) => {
    for (const isOtherInstance of [false, true]) {
      const [came, arrive] = signal();
      const [released, release] = signal();
      const storage = new MemoryStorage();
      const touch = storage.touch.bind(storage);
      storage.touch = async (renewed) => {
        arrive();
        await released;
        return touch(renewed);
      };
      let current = 1;
      const { http, origin } = await startCached(
        (request, response) => withEtag(`"v${current}"`, { body: `body ${current}` })(request, response),
        { storage },
      );
      const other = isOtherInstance ? setupCache(axios.create({ baseURL: origin.url }), { storage }) : http;
      await http.get('/');
      const renewing = http[method]('/', { cache: 'no-cache' });
      await came;
      current = 2;
      await other.get('/', { cache: 'reload' });
      release();
      await renewing;
      await http.cache.idle();
      const { data, headers } = await other.get('/');
      expect([data, headers['etag']]).toEqual(['body 2', '"v2"']);
      if (isOtherInstance) await other.cache.close();
    }
  });

  test('by 304 to another user of the storage leaves the newer one as it is', async () => {
    const storage = new MemoryStorage();
    const late = slow({ status: 304, headers: { ETag: '"v1"', 'Cache-Control': 'max-age=900' } });
    let current = version(1, 'max-age=60');
    const { http, origin, clock } = await startCached(
      (request, response) =>
        request.headers['if-none-match'] === '"v1"' && request.headers['x-from'] === 'one'
          ? late.handler(request, response)
          : current,
      { storage, defaults: { headers: { 'X-From': 'one' } } },
    );
    const other = setupCache(axios.create({ baseURL: origin.url, proxy: false }), { storage, now: clock.now });
    await http.get('/');
    clock.advance(61);
    const asked = http.get('/');
    await late.arrived;
    current = version(2, 'max-age=60');
    await other.get('/');
    late.release();
    // Whoever asked gets what the 304 spoke of.
    expect((await asked).data).toBe('body 1');
    const { data, headers } = await http.get('/');
    expect([data, headers['etag'], headers['cache-control']]).toEqual(['body 2', '"v2"', 'max-age=60']);
    other.cache.uninstall();
  });
});

test('a renewal that the storage does not take is given to all who wait for it', async () => {
  const faulty = faultyStorage(new MemoryStorage());
  const { http, origin, clock } = await startCached(
    withEtag('"1"', { headers: { 'Cache-Control': 'max-age=60' }, body: 'x' }),
    { storage: faulty.storage },
  );
  await http.get('/');
  clock.advance(61);
  faulty.become('is full');
  const gate = origin.hold('/');
  const wave = [1, 2, 3].map(() => http.get('/'));
  await gate.arrived();
  gate.release();
  const given = (await Promise.all(wave)).map(({ data, cache }) => [data, cache.status, cache.notStored]);
  expect(given).toEqual(wave.map(() => ['x', 'revalidated', 'storage-error']));
  expect(origin.count('/')).toBe(2);
});

describe('what readers keep with a stored body', () => {
  const origin: FakeOrigin = ({ conditions }) => {
    const headers = { 'cache-control': 'max-age=60', etag: '"1"', vary: 'x-kind' };
    return conditions === undefined ? { headers, text: 'one' } : { status: 304, headers };
  };

  test('is there after a renewal, of each variant its own', async () => {
    const rig = engineRig();
    const ask = (kind: string) => rig.engine.handle(rig.exchange({ origin, headers: { 'x-kind': kind } }));
    const kinds = ['a', 'b', 'c'];
    for (const kind of kinds) {
      const { entry } = await ask(kind);
      const [stored] = (await storedUnder(rig.storage, entry?.raw.key ?? '')).filter(
        ({ variant }) => variant === entry?.raw.variant,
      );
      stored?.keepDerived?.('body', `of ${kind}`, 10);
    }
    rig.clock.advance(100);
    for (const kind of kinds) {
      const { status, content } = await ask(kind);
      const given = content.kind === 'entry' ? content.entry : undefined;
      expect([status, given?.raw.derived?.('body')]).toEqual(['revalidated', `of ${kind}`]);
    }
  });

  test('costs no look-up where the storage keeps nothing of the kind', async () => {
    let looks = 0;
    class Elsewhere extends MemoryStorage {
      override readonly inProcess = false as unknown as true;
      override async get(...sought: Parameters<MemoryStorage['get']>): Promise<StorageReading> {
        looks += 1;
        return super.get(...sought);
      }
    }
    const rig = engineRig({ storage: new Elsewhere() });
    const ask = () => rig.engine.handle(rig.exchange({ origin }));
    await ask();
    rig.clock.advance(100);
    expect([(await ask()).status, looks]).toEqual(['revalidated', 2]);
  });
});

test('a HEAD that tells another length than the stored body has ends it, also where that came without a length', async () => {
  const chunked: Handler = (_request, response) => {
    response.writeHead(200, { 'Cache-Control': 'max-age=60', Date: httpDate(0) });
    response.write('five ', () => response.end('more'));
    return undefined;
  };
  const { http, origin, clock } = await startCached({
    'GET /': chunked,
    'HEAD /': { headers: { 'Cache-Control': 'max-age=60', 'Content-Length': '10' } },
  });
  await http.get('/');
  clock.advance(61);
  await http.head('/');
  await http.get('/');
  expect(origin.requests.map(({ method }) => method)).toEqual(['GET', 'HEAD', 'GET']);
});

test('an answer that is not stored ends all that is older and could be chosen for it', async () => {
  const answers: Reply[] = [
    { headers: { 'Cache-Control': 'max-age=900' }, body: 'oldest' },
    { headers: { 'Cache-Control': 'max-age=60', Vary: 'Accept' }, body: 'older' },
    { body: 'newest' },
  ];
  const { http, clock } = await startCached(() => answers.shift() ?? { body: 'newest' }, rfc9111);
  await http.get('/');
  clock.advance(1);
  await http.get('/', asking('no-cache'));
  clock.advance(61);
  expect((await http.get('/')).data).toBe('newest');
  expect((await http.get('/')).data).toBe('newest');
});

test('a whole answer that is not stored ends parts of what it was before', async () => {
  const part: Reply = {
    status: 206,
    headers: { 'Cache-Control': 'max-age=900', 'Content-Range': 'bytes 0-2/8' },
    body: 'for',
  };
  const { http } = await startCached(
    ({ headers }) => (headers['range'] === undefined ? { body: 'latter' } : part),
    rfc9111,
  );
  const asPart = having({ Range: 'bytes=0-2' });
  await http.get('/', asPart);
  expect(told(await http.get('/', asPart))).toBe('hit fresh');
  await http.get('/');
  expect(told(await http.get('/', asPart))).toBe('miss uri-miss');
});

test('a 412 judges the caller’s own condition: what is stored stays', async () => {
  const { http } = await startCached(({ headers }) =>
    headers['if-match'] === undefined ? version(1, 'max-age=60') : { status: 412 },
  );
  await http.get('/');
  await http.get('/', { ...having({ 'If-Match': '"v2"' }), validateStatus: null });
  expect(told(await http.get('/'))).toBe('hit fresh');
});

describe('a 304 for one user, in a shared cache', () => {
  const of = (user: string) => having({ Authorization: user });
  const startShared = (renewal: string) =>
    startCached(
      ({ headers }) =>
        headers['if-none-match'] === undefined
          ? { headers: { 'Cache-Control': 'public, max-age=60', ETag: '"1"' }, body: `for ${headers['authorization']}` }
          : { status: 304, headers: { 'Cache-Control': renewal } },
      { shared: true },
    );

  test.each([
    // Stale as it was, and good for validation.
    ['max-age=60', 'revalidated not-modified'],
    ['private, max-age=60', 'miss uri-miss'],
    ['public, max-age=60', 'hit fresh'],
    ['must-revalidate, max-age=60', 'hit fresh'],
  ])('with %s: the next user has a %s (RFC 9111 section 3.5)', async (renewal, expected) => {
    const { http, clock } = await startShared(renewal);
    await http.get('/', of('one'));
    clock.advance(61);
    expect(told(await http.get('/', of('one')))).toBe('revalidated not-modified');
    expect(told(await http.get('/', of('two')))).toBe(expected);
  });

  test('another one who asks meanwhile asks for itself', async () => {
    const { http, origin, clock } = await startShared('max-age=60');
    await http.get('/', of('one'));
    clock.advance(61);
    const gate = origin.hold('/');
    const both = [http.get('/', of('one')), http.get('/', of('two'))];
    await gate.arrived();
    gate.release();
    await Promise.all(both);
    expect(origin.requests.slice(1).map(({ headers }) => headers['authorization'])).toEqual(['one', 'two']);
  });
});
