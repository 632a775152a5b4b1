/** No secret of a request is shown by anything that can be looked at: each surface is walked, on each storage. */
import { execFile, execFileSync } from 'node:child_process';
import { tracingChannel } from 'node:diagnostics_channel';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import axios, { isAxiosError, type AxiosResponse } from 'axios';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { FilesystemStorage } from '../../lib/filesystem.js';
import { type CachedAxiosInstance, type CacheStorage, MemoryStorage, setupCache } from '../../lib/index.js';
import { instrument } from '../../lib/otel.js';
import { RedisStorage } from '../../lib/redis.js';
import { SqliteStorage } from '../../lib/sqlite.js';
import { HarStorage, recordReplay } from '../../lib/testing.js';
import { CLIENTS, connect, keysOf, newNamespace } from '../storage/redis/support.js';
import { type Origin, startOrigin } from '../support/origin.js';
import { root } from '../support/root.js';
import { describeService } from '../support/services.js';
import { ALL_SECRETS, makeAll, requestsTo, ROUTES, shownIn, textRequestTo } from './planted.js';

let folder: string;
let origin: Origin;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  origin = await startOrigin(ROUTES);
});
afterEach(async () => {
  await origin.close();
  rmSync(folder, { recursive: true, force: true });
});

/** All that an object shows, whoever prints it. */
const textOf = (value: unknown): string =>
  inspect(value, { depth: 12, maxStringLength: null, maxArrayLength: null, showHidden: true, getters: true });

/** What was seen, by where it was seen. */
class Seen {
  readonly #texts = new Map<string, string[]>();

  note(surface: string, ...values: readonly unknown[]): void {
    const texts = values.map((value) => (typeof value === 'string' ? value : textOf(value)));
    this.#texts.set(surface, [...(this.#texts.get(surface) ?? []), ...texts]);
  }

  /** By surface, which secrets are shown; none is left out. */
  leaks(secrets?: readonly string[]): Record<string, readonly string[]> {
    const all = [...this.#texts].map(([surface, texts]) => [surface, shownIn(texts.join('\n'), secrets)] as const);
    return Object.fromEntries(all.filter(([, shown]) => shown.length > 0));
  }

  /** A surface on which nothing was seen proves nothing. */
  get surfaces(): readonly string[] {
    return [...this.#texts].filter(([, texts]) => texts.join('').length > 20).map(([surface]) => surface);
  }
}

/** What a message, a log or a listing shows of an outcome: not the config, which is the caller's own. */
function noteOutcome(seen: Seen, outcome: unknown): void {
  if (isAxiosError(outcome)) {
    seen.note('error messages', outcome.message, String(outcome.cause), outcome.stack ?? '');
    if (outcome.response !== undefined) noteOutcome(seen, outcome.response);
    return;
  }
  const { cache, headers } = outcome as AxiosResponse;
  seen.note('response.cache', cache, String(cache), JSON.stringify(cache));
  seen.note('Cache-Status', String(headers['cache-status'] ?? ''));
}

async function noteManager(seen: Seen, { cache }: CachedAxiosInstance): Promise<void> {
  for (const config of requestsTo(origin.url)) {
    const explained = await cache.explain(config.url, config).catch((error: unknown) => error);
    seen.note('explain', explained, String(explained), JSON.stringify(explained));
  }
  for await (const entry of cache.entries()) seen.note('entries', entry, JSON.stringify(entry));
  for await (const key of cache.keys()) seen.note('listings', key);
  for await (const url of cache.urls()) seen.note('listings', url);
  seen.note('listings', await cache.size());
  seen.note('stats', cache.stats());
  expect(await cache.count()).toBeGreaterThan(10);
}

function noteChannels(seen: Seen): () => void {
  const stops = ['request', 'storage'].map((name) => {
    const channel = tracingChannel(`axios-client-cache:${name}`);
    const note = (message: unknown): void => { seen.note(`channel ${name}`, message); };
    const subscribers = { start: note, end: note, asyncStart: note, asyncEnd: note, error: note };
    channel.subscribe(subscribers);
    return () => { channel.unsubscribe(subscribers); };
  });
  return () => { for (const stop of stops) stop(); };
}

const spans = new InMemorySpanExporter();
beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
});
afterAll(() => {
  trace.disable();
  context.disable();
});

const SURFACES = [
  'Cache-Status', 'channel request', 'channel storage', 'debug', 'entries', 'error messages', 'events', 'explain',
  'listings', 'response.cache', 'spans', 'stats',
];

/** Makes all requests on a storage, looks at everything on the way, and closes the cache. */
async function walk(storage: CacheStorage): Promise<Seen> {
  const seen = new Seen();
  const http = setupCache(axios.create({ proxy: false }), {
    storage,
    expireAfter: '1h',
    includeHeaders: ['x-included'],
    redactedParams: ['declared'],
    cacheStatusHeader: true,
    onEvent: (event) => { seen.note('events', event, JSON.stringify(event)); },
    debug: (line) => { seen.note('debug', line); },
  });
  const stop = noteChannels(seen);
  const uninstrument = instrument(http);
  try {
    await trace.getTracer('test').startActiveSpan('parent', async (span) => {
      const configs = [...requestsTo(origin.url), textRequestTo(origin.url)];
      for (const outcome of await makeAll(http, configs)) noteOutcome(seen, outcome);
      span.end();
    });
    for (const { name, attributes, events, status } of spans.getFinishedSpans()) {
      seen.note('spans', name, attributes, events, status);
    }
    await noteManager(seen, http);
  } finally {
    stop();
    uninstrument();
    spans.reset();
    await http.cache.close();
  }
  return seen;
}

/** The names and the bytes of all files. */
const filesOf = (place: string): string =>
  readdirSync(place, { recursive: true, withFileTypes: true })
    .map((each) => (each.isFile() ? each.name + readFileSync(join(each.parentPath, each.name), 'latin1') : each.name))
    .join('\n');

/** Only the server's own Set-Cookie is kept, as it is a part of the answer. */
function expectNothingShown(seen: Seen): void {
  expect(seen.surfaces).toEqual(expect.arrayContaining(SURFACES));
  expect(seen.leaks(ALL_SECRETS)).toEqual({});
}

test('the search finds what is planted', () => {
  const seen = new Seen();
  seen.note('one', { deep: { list: [`x${ALL_SECRETS[0]}`] } });
  seen.note('two', btoa(ALL_SECRETS[1] ?? ''));
  seen.note('three', 'nothing');
  expect(Object.keys(seen.leaks())).toEqual(['one', 'two']);
});

test('memory', async () => {
  expectNothingShown(await walk(new MemoryStorage()));
});

const program = join(root, `node_modules/.cache/axios-client-cache/cli-secrets-${process.pid}.cjs`);
const run = (...args: string[]): Promise<string> =>
  new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '' };
    execFile(process.execPath, [program, ...args], { cwd: folder, env }, (_error, out, err) => { resolve(out + err); });
  });

/** Everything that the command line prints of a storage, without being asked to reveal anything. */
async function noteCommands(seen: Seen, place: string): Promise<void> {
  const urls = [`${origin.url}/plain`, `${origin.url}/varied`, `${origin.url}/login`, `${origin.url}/from`];
  const commands = [
    ['ls', place], ['ls', place, '--json'], ['stats', place], ['stats', place, '--json'], ['verify', place],
    ['purge', place, '--url', '*', '--dry-run'], ['purge', place, '--url', '*', '--dry-run', '--json'],
    ['diff', place, place], ...urls.flatMap((url) => [['show', place, url], ['show', place, url, '--json']]),
  ];
  await Promise.all(commands.map(async (command) => { seen.note(`command ${command[0]}`, await run(...command)); }));
}

describe('what is on a disk', () => {
  beforeAll(() => {
    mkdirSync(dirname(program), { recursive: true });
    execFileSync(process.execPath, [join(root, 'scripts/build-cli.mjs'), program]);
  });
  afterAll(() => { rmSync(program, { force: true }); });

  test.each<[string, (place: string) => CacheStorage]>([
    ['cache.sqlite', (place) => new SqliteStorage(place)],
    ['files', (place) => new FilesystemStorage(place)],
  ])('%s, its bytes and names, and the command line', async (name, create) => {
    const place = join(folder, name);
    const seen = await walk(create(place));
    expectNothingShown(seen);
    const bytes = filesOf(folder);
    expect(bytes).toContain('/varied');
    expect(shownIn(bytes)).toEqual([]);
    await noteCommands(seen, place);
    expect(seen.surfaces).toEqual(expect.arrayContaining(['command ls', 'command show', 'command stats']));
    expect(seen.leaks(ALL_SECRETS)).toEqual({});
  }, 120_000);

  test('what is encrypted shows not even a URL or a cookie of the server', async () => {
    const encryptionKeys = ['a key of the tests, which is long'];
    await walk(new SqliteStorage({ path: join(folder, 'cache.sqlite'), encryptionKeys }));
    await walk(new FilesystemStorage({ directory: join(folder, 'files'), encryptionKeys }));
    const bytes = filesOf(folder);
    expect(bytes).not.toContain('/varied');
    expect(shownIn(bytes, ALL_SECRETS)).toEqual([]);
  });

  test('the command why', async () => {
    const seen = new Seen();
    const [, withToken] = requestsTo(origin.url);
    const withUser = requestsTo(origin.url)[4];
    for (const { url = '' } of [withToken, withUser].filter((each) => each !== undefined)) {
      seen.note('why', await run('why', url), await run('why', url, '--json'));
      const closed = url.replace(/:\d+\//, ':1/');
      seen.note('why', await run('why', closed), await run('why', closed, '--json'));
    }
    expect(seen.surfaces).toEqual(['why']);
    expect(seen.leaks(ALL_SECRETS)).toEqual({});
  });

  test('a recording, and what is said of what it lacks', async () => {
    const file = join(folder, 'api.har');
    const seen = new Seen();
    const redact = ['declared'];
    const credentialHeaders = ['x-odd', 'x-included'];
    const storage = new HarStorage({ file, redact });
    const recording = setupCache(axios.create({ proxy: false }), {
      ...recordReplay(storage, 'record'),
      credentialHeaders,
    });
    await makeAll(recording, requestsTo(origin.url));
    await storage.finish();
    await recording.cache.close();
    seen.note('recording', readFileSync(file, 'utf8'));
    const replaying = setupCache(axios.create({ proxy: false }), {
      ...recordReplay(new HarStorage({ file, redact }), 'replay'),
      credentialHeaders,
    });
    for (const config of requestsTo(origin.url)) {
      const missing = { ...config, url: config.url.replace(/\/(plain|login|varied)/, '/$1-missing') };
      const error: unknown = await replaying.request(missing).catch((thrown: unknown) => thrown);
      if (isAxiosError(error)) seen.note('gaps', error.message, String(error.cause));
    }
    await replaying.cache.close();
    expect(seen.surfaces).toEqual(['recording', 'gaps']);
    expect(seen.leaks(ALL_SECRETS)).toEqual({});
  });
});

describeService('redis', (engine) => {
  test('Redis, its keys and values', async () => {
    const namespace = newNamespace();
    expectNothingShown(await walk(new RedisStorage({ url: engine().url, namespace })));
    const client = await connect(CLIENTS['redis 6']?.({ url: engine().url }) as never);
    const texts: string[] = [];
    for (const [server, key] of await keysOf(() => Promise.resolve([client]), namespace)) {
      texts.push(key, String(await server.sendCommand(['DUMP', key])));
      const type = String(await server.sendCommand(['TYPE', key]));
      if (type === 'string') texts.push(String(await server.sendCommand(['GET', key])));
      if (type === 'hash') texts.push(String(await server.sendCommand(['HGETALL', key])));
    }
    expect(texts.join('\n')).toContain('/varied');
    expect(shownIn(texts.join('\n'))).toEqual([]);
  });
});
