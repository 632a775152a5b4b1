/** The requests of the soak, each kind with what may come of it. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';
import axios, { AxiosError, type AxiosRequestConfig } from 'axios';
import type { CachedAxiosInstance } from 'axios-client-cache';
import { faultOf, type Item, KEYS } from './origin.js';

/** One of `count`, from 0. */
export type Random = (count: number) => number;

/** Equal for equal seeds (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed;
  return (count) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count);
  };
}

export interface Soaked {
  readonly http: CachedAxiosInstance;
  readonly random: Random;
  /** Of many requests at once, and never aborted. */
  readonly sharedSignal: AbortSignal;
  /** By key: the version that the last change which ended had made. */
  readonly changed: number[];
}

interface Made extends Soaked {
  readonly key: number;
  readonly config: AxiosRequestConfig;
}
/** Makes one request; returns what was wrong with its outcome. */
type Make = (made: Made) => Promise<string | undefined>;

const CANCELLED_BY_TOKEN = 'enough';

/** What rejects with one of these codes, statuses or messages is as it should be. */
async function failing(
  request: Promise<unknown>,
  allowed: readonly (string | number | undefined)[],
): Promise<string | undefined> {
  try {
    await request;
    return 'it did not fail';
  } catch (error) {
    if (!(error instanceof AxiosError)) return `it failed with ${String(error)}`;
    const { code, message, response, config } = error;
    // Where a token is cancelled after the answer has come, axios itself throws the token's reason, which has none.
    if (config === undefined && message !== CANCELLED_BY_TOKEN) return 'its error has no config';
    return [code ?? message, response?.status].some((each) => allowed.includes(each))
      ? undefined
      : `it failed with ${code ?? 'no code'}: ${message}`;
  }
}

async function reading({ http, key, config, changed }: Made, path = `/item/${key}`): Promise<string | undefined> {
  const leastVersion = path.startsWith('/item') ? (changed[key] ?? 0) : 0;
  const { data } = await http.get<Item>(path, config);
  const fault = faultOf(data, key, leastVersion);
  // Whoever else is given this answer must not see it.
  Object.assign(data, { key: -1, filler: '' });
  return fault;
}

/** What succeeds in time is whole, what does not has been given up. */
async function givingUp(reader: Promise<string | undefined>, codes: readonly string[]): Promise<string | undefined> {
  const settled = reader.then((fault) => ({ fault }));
  const fault = await failing(settled, codes);
  return fault === 'it did not fail' ? (await settled).fault : fault;
}

const sharing: Make = (made) => reading({ ...made, config: { ...made.config, signal: made.sharedSignal } });

const streaming: Make = async ({ http, key, config, changed, random }) => {
  const leastVersion = changed[key] ?? 0;
  const { data } = await http.get<AsyncIterable<Uint8Array>>(`/item/${key}`, { ...config, responseType: 'stream' });
  if (random(3) > 0) return faultOf(JSON.parse((await buffer(data)).toString()) as Item, key, leastVersion);
  for await (const _first of data) break;
  return undefined;
};

const aborting: Make = async (made) => {
  const { random, key } = made;
  const controller = new AbortController();
  const when = random(4);
  if (when === 0) controller.abort();
  const config = { ...made.config, signal: controller.signal };
  const reader = reading({ ...made, config }, random(2) === 0 ? `/slow/${key}` : `/item/${key}`);
  if (when === 1) queueMicrotask(() => { controller.abort(); });
  if (when > 1) void turns(random(when * 3)).then(() => { controller.abort(); });
  return givingUp(reader, ['ERR_CANCELED']);
};

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
}

const cancelling: Make = async (made) => {
  const source = axios.CancelToken.source();
  const reader = reading({ ...made, config: { ...made.config, cancelToken: source.token } });
  void turns(made.random(4)).then(() => { source.cancel(CANCELLED_BY_TOKEN); });
  return givingUp(reader, ['ERR_CANCELED']);
};

const timingOut: Make = (made) => {
  const config = { ...made.config, timeout: 1 + made.random(20) };
  return givingUp(reading({ ...made, config }, `/slow/${made.key}`), ['ECONNABORTED', 'ETIMEDOUT']);
};

const changing: Make = async ({ http, key, config, changed, random }) => {
  const method = (['post', 'put', 'patch', 'delete'] as const)[random(4)] ?? 'post';
  const { data } = await http.request<Item>({ ...config, url: `/item/${key}`, method, data: { key } });
  changed[key] = Math.max(changed[key] ?? 0, data.version);
  return faultOf(data, key, 0);
};

const deleting: Make = async ({ http, key, random }) => {
  if (random(20) === 0) await http.cache.clear();
  else await http.cache.delete(`/item/${key}`);
  return undefined;
};

const demanding: Make = (made) => {
  const cache = ([false, 'reload', 'no-cache', 'no-store', 'force-cache'] as const)[made.random(5)];
  // What is forced out of the cache may be old.
  const changed = cache === 'force-cache' ? [] : made.changed;
  return reading({ ...made, changed, config: { ...made.config, cache } });
};

/** The last one is what fetch says. */
const BROKEN = ['ECONNRESET', 'ERR_NETWORK', 'ERR_BAD_RESPONSE', 'ECONNABORTED', 'terminated'];

/** Of a hundred requests so many. */
const KINDS: readonly (readonly [name: string, share: number, make: Make])[] = [
  ['get', 40, (made) => reading(made)],
  ['get, with a signal that many share', 8, sharing],
  ['stream, a third of them left unread', 8, streaming],
  ['redirect', 6, (made) => reading(made, `/from/${made.key}`)],
  ['abort', 10, aborting],
  ['cancel token', 3, cancelling],
  ['timeout', 5, timingOut],
  ['status 500', 3, ({ http, key, config }) => failing(http.get(`/error/${key}`, config), [500])],
  ['connection reset', 2, ({ http, key, config }) => failing(http.get(`/reset/${key}`, config), BROKEN)],
  ['answer cut short', 2, ({ http, key, config }) => failing(http.get(`/cut/${key}`, config), BROKEN)],
  ['POST, PUT, PATCH, DELETE', 5, changing],
  ['cache.delete and clear', 2, deleting],
  ['cache mode', 6, demanding],
];
const DRAWN = KINDS.flatMap((kind) => Array<(typeof KINDS)[number]>(kind[1]).fill(kind));

/** One request of any kind; the name of its kind, and what was wrong with its outcome. */
export async function makeOne(soaked: Soaked): Promise<{ readonly kind: string; readonly fault: string | undefined }> {
  const { random } = soaked;
  const [kind, , make] = DRAWN[random(DRAWN.length)] ?? DRAWN[0] ?? fail();
  const made: Made = { ...soaked, key: random(KEYS), config: { adapter: random(2) === 0 ? 'http' : 'fetch' } };
  try {
    return { kind, fault: await make(made) };
  } catch (error) {
    return { kind, fault: `${made.config.adapter as string} ${made.key}: ${String(error)}` };
  }
}

function fail(): never {
  throw new TypeError('there are no kinds');
}
