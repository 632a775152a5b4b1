/** A request that is sent once more, or later than it was decided on, is newer than what was sent before that. */
import { setImmediate as turn } from 'node:timers/promises';
import { MemoryStorage, type StorageLease } from '../../../lib/index.js';
import { type InstanceOptions, startCached, told } from '../../support/cached-instance.js';
import { disconnect, type Handler, inTurn, type Reply } from '../../support/origin.js';
import { newPath, openStorage } from '../../support/sqlite.js';

const versioned = (version: number): Reply => ({
  headers: { 'Cache-Control': 'max-age=60', ETag: `"${version}"` },
  body: `version ${version}`,
});
const confused: Reply = { status: 304, headers: { ETag: '"2"' } };
const refused: Reply = { status: 400 };
const anyStatus = { defaults: { validateStatus: null } };

/** An origin that answers each request when the test says so, or drops it. */
async function startPatient(options: InstanceOptions = {}) {
  const waiting: ((reply: Reply | 'none') => void)[] = [];
  const route: Handler = async (request, response) => {
    const reply = await new Promise<Reply | 'none'>((resolve) => { waiting.push(resolve); });
    return reply === 'none' ? disconnect(request, response) : reply;
  };
  const started = await startCached(route, options);
  const came = async (count: number): Promise<void> => { while (waiting.length < count) await turn(); };
  return {
    ...started,
    came,
    /** Answers the request that came as the nth of all, once it has come. */
    answer: async (nth: number, reply: Reply | 'none'): Promise<void> => {
      await came(nth + 1);
      waiting[nth]?.(reply);
    },
  };
}

/** Such an origin has been asked for what is stored as version 1, and now for a renewal of it. */
async function startRenewing(options: InstanceOptions = {}) {
  const patient = await startPatient(options);
  void patient.answer(0, versioned(1));
  await patient.http.get('/');
  const renewing = patient.http.get('/', { cache: 'no-cache' });
  await patient.came(2);
  return { ...patient, renewing };
}

describe.each([
  ['memory', () => new MemoryStorage()],
  ['SQLite', () => openStorage(newPath())],
] as const)('in %s', (_name, create) => {
  test.each([
    ['a 304 of another version', confused],
    ['a refusal of the conditions', refused],
  ])('what was sent before the request that follows %s does not outlast its answer', async (_what, unfit) => {
    const { http, answer, came, renewing } = await startRenewing({ storage: create(), ...anyStatus });
    const reloading = http.get('/', { cache: 'reload' });
    await came(3);
    await answer(1, unfit);
    await came(4);
    await answer(2, versioned(2));
    expect((await reloading).data).toBe('version 2');
    await answer(3, versioned(3));
    expect((await renewing).data).toBe('version 3');
    const next = await http.get('/');
    expect([told(next), next.data]).toEqual(['hit fresh', 'version 3']);
  });

  test('it is stored although the resource was invalidated before it was sent', async () => {
    const { http, answer, renewing } = await startRenewing({ storage: create() });
    await http.cache.delete('/');
    await answer(1, confused);
    await answer(2, versioned(3));
    await renewing;
    const next = await http.get('/');
    expect([told(next), next.data]).toEqual(['hit fresh', 'version 3']);
  });

  test('and not where the resource was invalidated after it was sent', async () => {
    const { http, answer, came, renewing } = await startRenewing({ storage: create() });
    await answer(1, confused);
    await came(3);
    await http.cache.delete('/');
    await answer(2, versioned(3));
    await renewing;
    expect(await http.cache.has('/')).toBe(false);
  });
});

test.each([
  ['a refusal', refused],
  ['a 304 of another version', confused],
])('a redirect that follows %s is stored, and so is what it leads to', async (_what, unfit) => {
  const { http, origin } = await startCached({
    '/old': inTurn(versioned(1), unfit, { status: 301, headers: { Location: '/new', 'Cache-Control': 'max-age=60' } }),
    '/new': versioned(2),
  });
  await http.get('/old');
  expect((await http.get('/old', { cache: 'no-cache' })).data).toBe('version 2');
  for (const path of ['/old', '/new']) {
    const next = await http.get(path);
    expect([told(next), next.data]).toEqual(['hit fresh', 'version 2']);
  }
  expect(origin.count()).toBe(4);
});

test('where nothing comes of it, the refusal does not replace what was stored meanwhile', async () => {
  const { http, answer, came, renewing } = await startRenewing({ allowedCodes: [200, 400], ...anyStatus });
  const reloading = http.get('/', { cache: 'reload' });
  await came(3);
  await answer(1, { ...refused, headers: { 'Cache-Control': 'max-age=60' } });
  await came(4);
  await answer(2, versioned(2));
  await reloading;
  await answer(3, 'none');
  expect(await renewing).toMatchObject({ status: 400, cache: { notStored: 'invalidated' } });
  expect((await http.get('/')).data).toBe('version 2');
});

test.each<[string, Reply | 'none', number]>([
  ['no answer', 'none', 400],
  ['a failure of another kind', { status: 503 }, 503],
])('where %s comes of it, the next request is not answered by a refusal either', async (_what, second, status) => {
  const { http, answer } = await startPatient(anyStatus);
  void answer(0, versioned(1));
  await http.get('/');
  const first = http.get('/', { cache: 'no-cache' });
  await answer(1, refused);
  await answer(2, second);
  expect((await first).status).toBe(status);
  const next = http.get('/', { cache: 'no-cache' });
  await answer(3, refused);
  await answer(4, versioned(2));
  expect((await next).data).toBe('version 2');
});

test('where no answer comes of it, who has joined it asks for himself', async () => {
  const { http, answer, came, clock } = await startPatient();
  void answer(0, versioned(1));
  await http.get('/');
  clock.advance(100);
  const leading = http.get('/', { validateStatus: null });
  await answer(1, refused);
  await came(3);
  const joined = http.get('/');
  await answer(2, 'none');
  expect((await leading).status).toBe(400);
  void answer(3, versioned(2));
  expect((await joined).data).toBe('version 2');
});

/** Another process has the lease for so long that nobody waits for it to the end. */
class LeasedElsewhere extends MemoryStorage {
  readonly leaseMs = 50;

  lease(): Promise<StorageLease | undefined> {
    return Promise.resolve(undefined);
  }
}

describe('a request that has waited for a lease', () => {
  test('is newer than what was sent meanwhile', async () => {
    const { http, answer, came } = await startPatient({ storage: new LeasedElsewhere() });
    const waiting = http.get('/');
    const reloading = http.get('/', { cache: 'reload' });
    await came(2);
    await answer(0, versioned(2));
    expect((await reloading).data).toBe('version 2');
    await answer(1, versioned(3));
    expect((await waiting).data).toBe('version 3');
    expect((await http.get('/')).data).toBe('version 3');
  });

  test('is stored although the resource was invalidated meanwhile', async () => {
    const { http, answer } = await startPatient({ storage: new LeasedElsewhere() });
    const waiting = http.get('/');
    await turn();
    await http.cache.delete('/');
    await answer(0, versioned(1));
    await waiting;
    expect(told(await http.get('/'))).toBe('hit fresh');
  });
});
