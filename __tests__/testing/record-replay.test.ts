/** Record and replay: a suite records against a real server, and runs again with the server gone. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios, { type AxiosInstance } from 'axios';
import { type CachedAxiosInstance, isCacheError, setupCache } from '../../lib/index.js';
import { SqliteStorage } from '../../lib/sqlite.js';
import { HarStorage, type RecordMode, recordReplay, type RecordReplayOptions } from '../../lib/testing.js';
import { type Handler, numbered, type Origin, type Routes, startOrigin } from '../support/origin.js';

let folder: string;
let file: string;
const opened: { close(): Promise<void> }[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recordings-'));
  file = join(folder, 'tests', 'users.har');
});
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(routes: Handler | Routes): Promise<Origin> {
  const origin = await startOrigin(routes);
  opened.push(origin);
  return origin;
}

interface Run {
  readonly http: CachedAxiosInstance;
  readonly storage: HarStorage;
}

/** A client as a program makes it, with the cache of a test on it. */
function run(
  { url }: Pick<Origin, 'url'>,
  mode: RecordMode,
  { redact = [], ...options }: RecordReplayOptions & { readonly redact?: string[] } = {},
): Run {
  const storage = new HarStorage({ file, redact });
  const http = setupCache(axios.create({ baseURL: url, proxy: false }), recordReplay(storage, mode, options));
  opened.push({ close: () => http.cache.close() });
  return { http, storage };
}

/** Records with `requests`, ends the server, and gives a client that replays. */
async function replaying(
  origin: Origin,
  requests: (http: AxiosInstance) => Promise<unknown>,
  options: RecordReplayOptions & { readonly redact?: string[] } = {},
): Promise<Run> {
  const { http, storage } = run(origin, 'record', options);
  await requests(http);
  await storage.finish();
  await origin.close();
  return run(origin, 'replay', options);
}

const text = (): string => readFileSync(file, 'utf8');

test('a suite that ran against a server runs without it: data, statuses, headers and bytes', async () => {
  const origin = await start({
    '/users': { headers: { 'Content-Type': 'application/json', 'X-Total': '1' }, body: '[{"name":"Ada"}]' },
    '/none': { status: 404, headers: { 'Cache-Control': 'no-store' }, body: 'not there' },
    '/picture': { headers: { 'Content-Type': 'image/png' }, body: Buffer.from([0x89, 0x50, 0xff, 0x00]) },
  });
  const suite = async (http: AxiosInstance) => {
    const users = await http.get('/users', { headers: { Authorization: 'Bearer one' } });
    const none = await http.get('/none', { validateStatus: null });
    const picture = await http.get<ArrayBuffer>('/picture', { responseType: 'arraybuffer' });
    const created = await http.post('/users', { name: 'Grace' });
    const bytes = [...new Uint8Array(picture.data)];
    return [users.data, users.headers['x-total'], none.status, none.data, bytes, created.data];
  };
  let recorded: unknown;
  const { http } = await replaying(origin, async (client) => { recorded = await suite(client); });
  expect(await suite(http)).toEqual(recorded);
});

test('what is not recorded rejects, and names what is near and how it differs', async () => {
  const origin = await start(numbered());
  const { http } = await replaying(origin, async (client) => {
    await client.get('/users?page=1');
    await client.get('/users/7');
    await client.post('/users', { name: 'Grace' });
    await client.get('/something/else/altogether');
  });
  const error: unknown = await http.get('/users?page=2').catch((thrown: unknown) => thrown);
  expect(isCacheError(error)).toBe(true);
  expect(error).toMatchObject({ code: 'ERR_CACHE_NOT_RECORDED', isAxiosError: true });
  const lines = (error as Error).message.split('\n');
  expect(lines[0]).toContain(`GET ${origin.url}/users?page=2 is not recorded.`);
  expect(lines[1]).toBe(`  GET ${origin.url}/users?page=1 (other values of page)`);
  expect(lines).toHaveLength(4);
  const other: unknown = await http.post('/users', { name: 'Ada' }).catch((thrown: unknown) => thrown);
  expect((other as Error).message).toContain(`POST ${origin.url}/users (another body)`);
});

test.each([
  ['a request that says that it is not cached', { cache: false as const }],
  ['one that asks for a new answer', { cache: 'reload' as const }],
  ['one with headers of its own', { headers: { 'Accept-Language': 'de', 'Cache-Control': 'no-cache', 'X-Trace': 2 } }],
  ['one of another user', { auth: { username: 'ada', password: 'secret' } }],
])('%s is recorded and replayed like any other', async (_name, config) => {
  const origin = await start(numbered());
  const { http } = await replaying(origin, (client) => client.get('/users'));
  const { data, cached } = await http.get<string>('/users', config);
  expect([data, cached]).toEqual(['answer 1', true]);
});

test('through the fetch adapter too, and nothing of a replay reaches the network', async () => {
  const origin = await start(numbered());
  const { http } = await replaying(origin, (client) => client.get('/users', { adapter: 'fetch' }));
  expect((await http.get<string>('/users', { adapter: 'fetch' })).data).toBe('answer 1');
  const sent = jest.fn();
  const refused = http.get('/other', { adapter: sent as never, cache: false });
  await expect(refused).rejects.toMatchObject({ code: 'ERR_CACHE_NOT_RECORDED' });
  expect(sent).not.toHaveBeenCalled();
});

test('redirects are replayed', async () => {
  const origin = await start({ '/old': { status: 302, headers: { Location: '/new' } }, '/new': { body: 'new' } });
  const { http } = await replaying(origin, (client) => client.get('/old'));
  expect((await http.get<string>('/old')).data).toBe('new');
});

describe('secrets', () => {
  test('are neither in the file nor in what is compared', async () => {
    const origin = await start(({ path }) => ({
      headers: { 'Content-Type': 'application/json', 'Set-Cookie': 'sid=secret-1', 'X-Auth-Token': 'secret-2' },
      body: JSON.stringify({ path: path.split('?')[0], access_token: 'secret-3', nested: { PIN: 'secret-4' } }),
    }));
    const ask = (http: AxiosInstance, secret: string) =>
      http.post(`/login?api_key=${secret}&page=1`, { user: 'ada', deep: { password: secret, pin: secret } }, {
        headers: { Authorization: `Bearer ${secret}`, Cookie: secret, 'X-Api-Key': secret },
      });
    const { http } = await replaying(origin, (client) => ask(client, 'secret-5'), { redact: ['pin'] });
    expect(text()).not.toContain('secret-');
    expect(text()).toContain('"value": "***"');
    const { data } = await ask(http, 'another');
    expect(data).toEqual({ path: '/login', access_token: '***', nested: { PIN: '***' } });
    await expect(http.post('/login?api_key=x&page=2', {})).rejects.toMatchObject({ code: 'ERR_CACHE_NOT_RECORDED' });
  });

  test('what `ignoredParams` names makes no difference either', async () => {
    const origin = await start(numbered());
    const storage = new HarStorage(file);
    const options = { ignoredParams: ['ts'] };
    const earlier = { ...recordReplay(storage, 'record'), ...options };
    const recording = setupCache(axios.create({ baseURL: origin.url }), earlier);
    await recording.get('/users?ts=1&token=a');
    await storage.finish();
    await origin.close();
    const later = { ...recordReplay(new HarStorage(file), 'replay'), ...options };
    const http = setupCache(axios.create({ baseURL: origin.url }), later);
    expect((await http.get<string>('/users?ts=2&token=b')).data).toBe('answer 1');
  });
});

describe('modes', () => {
  const record = async (origin: Origin, paths: readonly string[], mode: RecordMode = 'record') => {
    const { http, storage } = run(origin, mode);
    const data: string[] = [];
    for (const path of paths) data.push((await http.get<string>(path)).data);
    await storage.finish();
    return data;
  };
  const urlsInFile = (): string[] => {
    const { log } = JSON.parse(text()) as { log: { entries: { request: { url: string } }[] } };
    return log.entries.map(({ request }) => new URL(request.url).pathname);
  };

  test('missing: what is recorded is replayed, the rest is asked for and added', async () => {
    const origin = await start(numbered());
    await record(origin, ['/a']);
    expect(await record(origin, ['/a', '/b', '/b'], 'missing')).toEqual(['answer 1', 'answer 2', 'answer 2']);
    expect(urlsInFile()).toEqual(['/a', '/b']);
  });

  test('record: what was there before goes, once there is something new', async () => {
    const origin = await start(numbered());
    await record(origin, ['/a', '/b']);
    expect(await record(origin, ['/b'])).toEqual(['answer 3']);
    expect(urlsInFile()).toEqual(['/b']);
    expect(await record(origin, [])).toEqual([]);
    expect(urlsInFile()).toEqual(['/b']);
  });

  test('refresh: what is asked for is replaced, the rest stays', async () => {
    const origin = await start(numbered());
    await record(origin, ['/a', '/b']);
    expect(await record(origin, ['/b'], 'refresh')).toEqual(['answer 3']);
    expect(urlsInFile()).toEqual(['/a', '/b']);
    expect(await record(origin, ['/a', '/b'], 'replay')).toEqual(['answer 1', 'answer 3']);
  });

  test('an unchanged recording stays as it was, to the letter', async () => {
    const origin = await start(numbered());
    await record(origin, ['/a', '/b']);
    const before = text();
    await record(origin, ['/a'], 'missing');
    expect(text()).toBe(before);
  });

  test('replay in CI, and missing elsewhere', () => {
    const modeIn = (CI: string | undefined): boolean => {
      const former = process.env['CI'];
      try {
        if (CI === undefined) delete process.env['CI'];
        else process.env['CI'] = CI;
        return recordReplay(new HarStorage(file)).readOnly === true;
      } finally {
        if (former === undefined) delete process.env['CI'];
        else process.env['CI'] = former;
      }
    };
    expect([modeIn('true'), modeIn('1'), modeIn('false'), modeIn(''), modeIn(undefined)]).toEqual([
      true, true, false, false, false,
    ]);
  });

  test('another mode is refused', () => {
    expect(() => recordReplay(new HarStorage(file), 'play' as never)).toThrow(
      expect.objectContaining({ code: 'ERR_CACHE_OPTION' }),
    );
  });
});

describe('recordings that are old', () => {
  const DATE = /"startedDateTime": "[^"]*"/g;
  let warnings: string[];
  beforeEach(() => {
    warnings = [];
    jest.spyOn(process, 'emitWarning').mockImplementation((warning) => void warnings.push(String(warning)));
  });
  afterEach(() => jest.restoreAllMocks());

  /** Records two answers, gives the file this date, and asks for both in a new run. */
  async function replayed(date: string | undefined, mode: RecordMode, options: RecordReplayOptions): Promise<void> {
    const origin = await start(numbered());
    const first = run(origin, 'record', options);
    for (const path of ['/a', '/b']) await first.http.get(path);
    await first.storage.finish();
    if (date !== undefined) writeFileSync(file, text().replaceAll(DATE, `"startedDateTime": "${date}"`));
    const { http } = run(origin, mode, options);
    for (const path of ['/a', '/b']) await http.get(path);
  }

  test.each(['replay', 'missing'] as const)('%s tells once of a file that has them', async (mode) => {
    await replayed('2001-01-01T00:00:00.000Z', mode, {});
    expect(warnings).toEqual([
      expect.stringMatching(/a recording in .*users\.har is \d{4,} days old, .* recordReplay\(storage, 'refresh'\)/),
    ]);
  });

  test('a sequence tells as well', async () => {
    await replayed('2001-01-01T00:00:00.000Z', 'replay', { sequence: true });
    expect(warnings).toHaveLength(1);
  });

  const silent: readonly (readonly [string, string | undefined, RecordMode, RecordReplayOptions])[] = [
    ['what is new', undefined, 'replay', {}],
    ['what was asked for anew', '2001-01-01T00:00:00.000Z', 'refresh', {}],
    ['what may be old', '2001-01-01T00:00:00.000Z', 'replay', { warnAfter: false }],
    ['what is not that old', '2001-01-01T00:00:00.000Z', 'replay', { warnAfter: '5000 weeks' }],
    ['what has no date', '', 'replay', {}],
    ['what comes from the future', '2999-01-01T00:00:00.000Z', 'replay', {}],
  ];
  test.each(silent)('%s is not told', async (_name, date, mode, options) => {
    await replayed(date, mode, options);
    expect(warnings).toEqual([]);
  });

  test('another storage is named by its kind', async () => {
    const storage = new SqliteStorage(join(folder, 'recordings.sqlite'));
    const origin = await start(numbered());
    const options = { ...recordReplay(storage, 'missing'), now: () => Date.UTC(2001, 0, 1) };
    const http = setupCache(axios.create({ baseURL: origin.url, proxy: false }), options);
    opened.push({ close: () => http.cache.close() });
    await http.get('/a');
    await http.get('/a');
    expect(warnings).toEqual([expect.stringMatching(/a recording in the storage sqlite is \d{4,} days old/)]);
  });

  test('a warnAfter that is no duration is an ERR_CACHE_OPTION', () => {
    const wrong = { warnAfter: 'a year' } as unknown as RecordReplayOptions;
    expect(() => recordReplay(new HarStorage(file), 'replay', wrong)).toThrow('warnAfter');
  });
});

describe('sequences', () => {
  test('the answers to one request are replayed in order, the last one again and again', async () => {
    const origin = await start(numbered());
    const options = { sequence: true };
    const { http } = await replaying(origin, async (client) => {
      for (let count = 0; count < 3; count += 1) await client.get('/state');
      await client.get('/other');
    }, options);
    const replayed: string[] = [];
    for (let count = 0; count < 5; count += 1) replayed.push((await http.get<string>('/state')).data);
    expect(replayed).toEqual(['answer 1', 'answer 2', 'answer 3', 'answer 3', 'answer 3']);
    expect((await http.get<string>('/other')).data).toBe('answer 4');
  });

  test('requests at once each have an answer of their own', async () => {
    const origin = await start(numbered());
    const { http } = await replaying(
      origin,
      (client) => Promise.all([client.get('/state'), client.get('/state')]),
      { sequence: true },
    );
    const answers = await Promise.all([http.get<string>('/state'), http.get<string>('/state')]);
    expect(answers.map(({ data }) => data).sort()).toEqual(['answer 1', 'answer 2']);
  });

  test('missing adds a request that was never recorded, with each of its answers', async () => {
    const origin = await start(numbered());
    const first = run(origin, 'missing', { sequence: true });
    await first.http.get('/a');
    await first.http.get('/a');
    await first.storage.finish();
    const second = run(origin, 'missing', { sequence: true });
    const data: string[] = [];
    for (const path of ['/a', '/a', '/a', '/b', '/b']) data.push((await second.http.get<string>(path)).data);
    expect(data).toEqual(['answer 1', 'answer 2', 'answer 2', 'answer 3', 'answer 4']);
  });
});

test('finish({ pruneUnused }) drops what was not asked for, and without finish nothing is written', async () => {
  const origin = await start(numbered());
  const first = run(origin, 'record');
  await first.http.get('/a');
  await first.http.get('/b');
  expect(() => text()).toThrow();
  await first.storage.finish();
  const second = run(origin, 'missing');
  await second.http.get('/b');
  await second.storage.finish({ pruneUnused: true });
  expect(text()).not.toContain('/a"');
  expect(text()).toContain('/b"');
});

describe('a broken file', () => {
  test.each(['replay', 'missing', 'refresh'] as const)('keeps %s from the network and stays as it is', async (mode) => {
    const origin = await start(numbered());
    file = join(folder, 'broken.har');
    writeFileSync(file, '{ "log": ');
    const { http, storage } = run(origin, mode);
    await expect(http.get('/users')).rejects.toMatchObject({ code: 'ERR_CACHE_RECORD' });
    await expect(storage.finish()).rejects.toMatchObject({ code: 'ERR_CACHE_RECORD' });
    expect(origin.requests).toHaveLength(0);
    expect(text()).toBe('{ "log": ');
  });

  test('is replaced by record', async () => {
    const origin = await start(numbered());
    file = join(folder, 'broken.har');
    writeFileSync(file, 'no har');
    const { http, storage } = run(origin, 'record');
    await http.get('/users');
    await storage.finish();
    expect(text()).toContain('/users');
  });
});

test('any storage records: SQLite', async () => {
  const origin = await start(numbered());
  const at = join(folder, 'recordings.sqlite');
  const record = setupCache(axios.create({ baseURL: origin.url }), recordReplay(new SqliteStorage(at), 'missing'));
  await record.post('/users', { name: 'Grace' });
  await record.cache.close();
  await origin.close();
  const http = setupCache(axios.create({ baseURL: origin.url }), recordReplay(new SqliteStorage(at), 'replay'));
  opened.push({ close: () => http.cache.close() });
  expect((await http.post<string>('/users', { name: 'Grace' })).data).toBe('answer 1');
  await expect(http.get('/users')).rejects.toMatchObject({ code: 'ERR_CACHE_NOT_RECORDED' });
});
