/** Node's tracing channels: what each subscriber is told of requests and of storage calls, and when. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { channel, tracingChannel } from 'node:diagnostics_channel';
import { fromMap, KeyValueStorage } from '../lib/storage.js';
import { startCached } from './support/cached-instance.js';
import { disconnect } from './support/origin.js';
import { unless } from './support/unless.js';

interface Told {
  readonly event: string;
  readonly message: Readonly<Record<string, unknown>>;
}

const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;
const isInNode = process.env['PLATFORM'] === undefined;
const { describe: describeNode } = unless(isInNode ? undefined : 'browsers have no channels', 'tracing: its tests are');

/** Runs `during` with a subscriber, and gives all that it was told with what was in the message at that moment. */
async function toldBy(name: 'request' | 'storage', during: () => Promise<unknown>): Promise<Told[]> {
  const told: Told[] = [];
  const subscribers = Object.fromEntries(
    EVENTS.map((event) => [event, (message: object) => told.push({ event, message: { ...message } })]),
  );
  const traced = tracingChannel(`axios-client-cache:${name}`);
  traced.subscribe(subscribers as unknown as Parameters<typeof traced.subscribe>[0]);
  try {
    await during();
  } finally {
    traced.unsubscribe(subscribers as unknown as Parameters<typeof traced.unsubscribe>[0]);
  }
  return told;
}

const eventsIn = (told: readonly Told[]): string[] => told.map(({ event }) => event);

describeNode('axios-client-cache:request', () => {
  test('a request that waits: start, end, asyncStart, asyncEnd, and the info from then on', async () => {
    const { http, origin } = await startCached({ '/users': { body: 'users' } });
    const told = await toldBy('request', () => http.get('/users?token=abc'));
    expect(eventsIn(told)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
    expect(told[0]?.message).toEqual({ method: 'GET', url: `${origin.url}/users`, info: undefined });
    expect(told[1]?.message['info']).toBeUndefined();
    expect(told[3]?.message['info']).toMatchObject({ status: 'miss', reason: 'uri-miss', stored: true });
  });

  test('a hit in memory: start and end alone, with the info', async () => {
    const { http } = await startCached({ '/users': { body: 'users' } });
    await http.get('/users');
    const told = await toldBy('request', () => http.get('/users'));
    expect(eventsIn(told)).toEqual(['start', 'end']);
    expect(told[1]?.message['info']).toMatchObject({ status: 'hit', reason: 'fresh' });
  });

  test('all events of a request carry one object', async () => {
    const { http } = await startCached({ '/users': { body: 'users' } });
    const seen = new Set<unknown>();
    const note = (message: unknown): void => void seen.add(message);
    const channels = ['start', 'end', 'asyncEnd'].map((each) => channel(`tracing:axios-client-cache:request:${each}`));
    for (const each of channels) each.subscribe(note);
    await http.get('/users');
    for (const each of channels) each.unsubscribe(note);
    expect(seen.size).toBe(1);
  });

  test('a failure is told without the request, which may hold credentials', async () => {
    const { http } = await startCached({ '/users': disconnect });
    const having = { headers: { Authorization: 'Bearer secret' } };
    const told = await toldBy('request', () => http.get('/users', having).catch(() => undefined));
    expect(eventsIn(told)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
    const error = told[2]?.message['error'] as Error & { readonly config?: unknown };
    expect(error).toMatchObject({ code: 'ECONNRESET' });
    expect(error.config).toBeUndefined();
    expect(told[4]?.message['info']).toMatchObject({ notStored: 'failed' });
  });

  test('an option that cannot be read', async () => {
    const { http } = await startCached({});
    const told = await toldBy('request', () => http.get('/users', { cache: 'never' as never }).catch(() => undefined));
    expect(eventsIn(told)).toEqual(['start', 'error', 'end']);
  });

  test('a store that is bound to the start holds for what is sent to the origin', async () => {
    const store = new AsyncLocalStorage<string>();
    const { start } = tracingChannel('axios-client-cache:request');
    let seen: string | undefined;
    const adapter = (config: object) => {
      seen = store.getStore();
      return Promise.resolve({ data: '', status: 200, statusText: '', headers: {}, config });
    };
    const { http } = await startCached({}, { defaults: { adapter: adapter as never } });
    start.bindStore(store, () => 'of this request');
    await http.get('/users').finally(() => start.unbindStore(store));
    expect(seen).toBe('of this request');
  });

  test('nobody is told any more once nobody subscribes', async () => {
    const { http } = await startCached({ '/users': { body: 'users' } });
    const told = await toldBy('request', () => Promise.resolve());
    await http.get('/users');
    expect(told).toEqual([]);
  });
});

describeNode('axios-client-cache:storage', () => {
  test('each call of the storage, by name, without its arguments', async () => {
    const storage = new KeyValueStorage(fromMap(new Map()));
    const { http } = await startCached({ '/users': { body: 'users' } }, { storage });
    const told = await toldBy('storage', () => http.get('/users'));
    const started = told.filter(({ event }) => event === 'start').map(({ message }) => message);
    expect(started).toEqual([
      { storage: 'key-value', operation: 'meta' },
      { storage: 'key-value', operation: 'get' },
      { storage: 'key-value', operation: 'set' },
    ]);
  });

  test('a call that fails', async () => {
    const map = new Map<string, Uint8Array>();
    const driver = { ...fromMap(map), set: () => Promise.reject(new Error('no room')) };
    const { http } = await startCached({ '/users': { body: 'users' } }, { storage: new KeyValueStorage(driver) });
    const told = await toldBy('storage', () => http.get('/users'));
    const failed = told.filter(({ event, message }) => event === 'asyncEnd' && message['error'] !== undefined);
    expect(failed[0]?.message).toMatchObject({ operation: 'meta', error: { code: 'ERR_CACHE_STORAGE' } });
  });
});
