/** Cache groups (RFC 9875): one answer that changes something makes others stale, of its own origin only. */
import type { MaybePromise, StorageSelector } from '../../../lib/api/storage.js';
import { MemoryStorage } from '../../../lib/storage/memory/memory.js';
import { numbered, startCached, told } from '../../support/cached-instance.js';
import { engineRig, gate, type Rig, settled } from '../../support/exchange.js';
import { inTurn, type Reply, startOrigin, withEtag } from '../../support/origin.js';
import { newPath, openStorage } from '../../support/sqlite.js';

const FRESH = { 'Cache-Control': 'max-age=100' };
const grouped = (groups: string, headers: Reply['headers'] = FRESH): Reply => ({
  headers: { ...headers, 'Cache-Groups': groups },
});
const invalidating = (groups: string, status = 200): Reply => ({
  status,
  headers: { 'Cache-Group-Invalidation': groups },
});
const ROUTES = {
  '/scores': numbered(grouped('"results", "sports"')),
  '/medals': numbered(grouped('"results";x=1')),
  '/weather': numbered(grouped('"forecast"')),
  '/broken': numbered(grouped('"results", oops')),
  '/plain': numbered({ headers: FRESH }),
};
const PATHS = Object.keys(ROUTES);

/** What a request for each path is told. */
const toldFor = async (http: { get(url: string): Promise<Parameters<typeof told>[0]> }, paths = PATHS) => {
  const answers = [];
  for (const path of paths) answers.push(told(await http.get(path)));
  return answers;
};

describe.each([
  ['memory', () => new MemoryStorage()],
  ['SQLite', () => openStorage(newPath())],
])('in %s', (_name, storage) => {
  test('what shares a group with an unsafe request’s answer goes, and nothing else', async () => {
    const { http, events } = await startCached(
      { ...ROUTES, 'POST /vote': invalidating('"results";now, "empty"') },
      { storage: storage() },
    );
    await toldFor(http);
    await http.post('/vote');
    expect(events.filter(({ type }) => type === 'invalidated')).toEqual([
      { type: 'invalidated', url: undefined, tag: undefined, count: 2 },
    ]);
    expect(await toldFor(http)).toEqual(['miss uri-miss', 'miss uri-miss', 'hit fresh', 'hit fresh', 'hit fresh']);
  });

  test('users neither see groups among the tags, nor reach them by tags of their own', async () => {
    const tags = ['mine', '\u0000group x', '\u0000tag y'];
    const { http } = await startCached(ROUTES, { storage: storage(), tags });
    const first = await http.get('/scores');
    const second = await http.get('/scores');
    expect([first.cache.tags, second.cache.tags, (await http.cache.get('/scores'))?.tags]).toEqual([tags, tags, tags]);
  });
});

test.each([
  ['a safe method', 'get', invalidating('"results"')],
  ['a failure', 'post', invalidating('"results"', 500)],
  ['a list that does not parse', 'post', invalidating('"results",')],
  ['a group in other letters', 'post', invalidating('"Results"')],
])('%s invalidates nothing', async (_rule, method, reply) => {
  const { http } = await startCached({ ...ROUTES, '/vote': reply });
  await http.get('/scores');
  await http.request({ method, url: '/vote', validateStatus: null });
  expect(told(await http.get('/scores'))).toBe('hit fresh');
});

test('another origin has groups of its own', async () => {
  const { http } = await startCached(ROUTES);
  const elsewhere = await startOrigin({ 'POST /vote': invalidating('"results"'), '/scores': ROUTES['/scores'] });
  try {
    await http.get('/scores');
    await http.get(`${elsewhere.url}/scores`);
    await http.post(`${elsewhere.url}/vote`);
    expect(told(await http.get('/scores'))).toBe('hit fresh');
    expect(told(await http.get(`${elsewhere.url}/scores`))).toBe('miss uri-miss');
  } finally {
    await elsewhere.close();
  }
});

test('behind a redirect to another origin it is that one’s groups', async () => {
  const elsewhere = await startOrigin({ '/vote': invalidating('"results"'), '/scores': ROUTES['/scores'] });
  try {
    const to = (path: string): Reply => ({ status: 307, headers: { Location: elsewhere.url + path } });
    const { http } = await startCached({ ...ROUTES, 'POST /vote': to('/vote'), '/moved': to('/scores') });
    await toldFor(http, ['/scores', '/moved']);
    await http.post('/vote');
    expect(await toldFor(http, ['/scores', '/moved'])).toEqual(['hit fresh', 'miss uri-miss']);
  } finally {
    await elsewhere.close();
  }
});

test('every user’s answers go', async () => {
  const { http } = await startCached({ ...ROUTES, 'POST /vote': invalidating('"results"') });
  const asAnn = { headers: { Authorization: 'Bearer ann' } };
  await http.get('/scores', asAnn);
  await http.post('/vote', undefined, { headers: { Authorization: 'Bearer bob' } });
  expect(told(await http.get('/scores', asAnn))).toBe('miss uri-miss');
});

test('a method that is cached for this request invalidates groups all the same', async () => {
  const reply: Reply = { headers: { ...FRESH, 'Cache-Group-Invalidation': '"results"', 'Cache-Groups': '"results"' } };
  const { http } = await startCached({ ...ROUTES, 'POST /vote': numbered(reply) }, { allowedMethods: ['GET', 'POST'] });
  await http.get('/scores');
  expect((await http.post('/vote')).cache.notStored).toBe('invalidated');
  expect(told(await http.get('/scores'))).toBe('miss uri-miss');
});

describe('a 304', () => {
  const tagged = (groups: string) => withEtag('"1"', grouped(groups, { 'Cache-Control': 'max-age=10' }));

  test('that names other groups moves the stored answer there', async () => {
    const { http, clock } = await startCached({
      '/scores': inTurn(tagged('"old"'), tagged('"new"')),
      'POST /old': invalidating('"old"'),
      'POST /new': invalidating('"new"'),
    });
    await http.get('/scores', { cache: { tags: ['mine'] } });
    clock.advance(11);
    const renewed = await http.get('/scores');
    expect([told(renewed), renewed.cache.tags]).toEqual(['revalidated not-modified', ['mine']]);
    await http.post('/old');
    expect(told(await http.get('/scores'))).toBe('hit fresh');
    await http.post('/new');
    expect(told(await http.get('/scores'))).toBe('miss uri-miss');
  });

  test('that names none leaves it where it was, even where the field may not be reused', async () => {
    const headers = { 'Cache-Control': 'max-age=10, no-cache="cache-groups"', ETag: '"1"' };
    const renewal = { status: 304, headers: { 'Cache-Control': 'max-age=10', ETag: '"1"' } };
    const { http, clock } = await startCached({
      '/scores': inTurn(grouped('"old"', headers), renewal, {}),
      'POST /old': invalidating('"old"'),
    });
    await http.get('/scores');
    clock.advance(11);
    expect(told(await http.get('/scores'))).toBe('revalidated not-modified');
    await http.post('/old');
    expect(told(await http.get('/scores'))).toBe('miss uri-miss');
  });
});

test('an answer under way is neither stored, nor shared by who asks afterwards', async () => {
  const { http, origin } = await startCached({ ...ROUTES, 'POST /vote': invalidating('"results"') });
  const held = origin.hold('/scores');
  const before = http.get('/scores');
  await held.arrived();
  await http.post('/vote');
  const after = http.get('/scores');
  await held.arrived(2);
  held.release();
  expect([(await before).cache.notStored, (await after).cache.collapsed]).toEqual(['invalidated', false]);
  expect((await http.get('/scores')).data).toBe((await after).data);
});

describe('a storage that cannot delete', () => {
  class ReadOnly extends MemoryStorage {
    failing = true;
    override delete(selector: StorageSelector): MaybePromise<number> {
      return this.failing ? Promise.reject(new Error('read only')) : super.delete(selector);
    }
  }
  const GROUP = { 'cache-control': 'max-age=60', 'cache-groups': '"a"' };
  const asked = async (
    rig: Rig,
    path: string,
    text: string,
    headers: Record<string, string> = GROUP,
  ): Promise<string> => {
    const url = `http://api.test${path}`;
    const { content } = await rig.engine.handle(rig.exchange({ url, origin: () => ({ text, headers }) }));
    return content.kind === 'entry' ? new TextDecoder().decode(content.entry.raw.body) : text;
  };
  const vote = async (rig: Rig): Promise<void> =>
    rig.engine.invalidation.afterAnswer(
      { method: 'POST', url: 'http://api.test/vote' },
      { status: 200, headers: { 'cache-group-invalidation': '"a"' } },
      { originOf: (url) => new URL(url).origin },
    );

  test('what was invalidated is not served, and deleted once that works', async () => {
    const storage = new ReadOnly();
    const rig = engineRig({ storage });
    await asked(rig, '/one', 'old');
    await asked(rig, '/two', 'old');
    await asked(rig, '/other', 'old', { 'cache-control': 'max-age=60', 'cache-groups': '"b"' });
    await vote(rig);
    rig.clock.advance(1);
    expect(await asked(rig, '/one', 'new')).toBe('new');
    expect([await asked(rig, '/one', 'newest'), await asked(rig, '/other', 'new')]).toEqual(['new', 'old']);
    storage.failing = false;
    // Deleting at last concerns what is under way then, such as the request that has led to it.
    expect(await asked(rig, '/two', 'new')).toBe('new');
    expect(await asked(rig, '/two', 'newer')).toBe('newer');
    expect(await asked(rig, '/two', 'newest')).toBe('newer');
  });

  test('a write that lands too late is not served either', async () => {
    const storage = new ReadOnly();
    const rig = engineRig({ storage });
    const closed = gate();
    const late = rig.engine.handle(rig.exchange({
      url: 'http://api.test/one',
      origin: () => closed.passed.then(() => ({ text: 'old', headers: GROUP })),
    }));
    await settled();
    await vote(rig);
    closed.open();
    expect((await late).notStored).toBe('invalidated');
    expect(await asked(rig, '/one', 'new')).toBe('new');
  });
});

test('a change of one query leaves other queries that belong to a group', async () => {
  const { http } = await startCached({
    'GET /a': { headers: { 'Cache-Control': 'max-age=60', 'Cache-Groups': '"a"' } }, 'PUT /a': {},
  });
  await http.get('/a?one');
  await http.put('/a?other', '');
  expect(told(await http.get('/a?one'))).toBe('hit fresh');
});
