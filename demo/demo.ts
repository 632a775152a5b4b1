/** `npm run demo`: a sequence of requests through a cache, what it did with each and why, and what that saved. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import { setupCache, type CacheInfo, type CacheStorage, MemoryStorage } from 'axios-client-cache';
import { FilesystemStorage } from 'axios-client-cache/filesystem';
import { MongoStorage } from 'axios-client-cache/mongo';
import { RedisStorage } from 'axios-client-cache/redis';
import { SqliteStorage } from 'axios-client-cache/sqlite';
import { startOrigin } from './origin.js';
import { EXPECTED_ORIGIN_REQUESTS, STEPS, type Step } from './steps.js';
import { formatTable } from './table.js';

interface Choice {
  create(place: string): CacheStorage;
  /** Where entries are unless `--at` names another file or server; undefined where nobody can choose. */
  readonly place: string | undefined;
}

/** What `--storage` may name. The servers are those of docker-compose.yml. */
const STORAGES: Readonly<Record<string, Choice>> = {
  memory: { create: () => new MemoryStorage(), place: undefined },
  sqlite: {
    create: (path) => new SqliteStorage(path),
    place: join(tmpdir(), 'axios-client-cache-demo.sqlite'),
  },
  filesystem: {
    create: (directory) => new FilesystemStorage({ directory }),
    place: join(tmpdir(), 'axios-client-cache-demo'),
  },
  redis: {
    create: (url) => new RedisStorage({ url, namespace: NAMESPACE }),
    place: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379',
  },
  mongo: {
    create: (url) => new MongoStorage({ url, namespace: NAMESPACE }),
    place: process.env['MONGO_URL'] ?? 'mongodb://127.0.0.1:27017/demo',
  },
};
const NAMESPACE = 'axios-client-cache-demo';

interface Timed {
  readonly response: AxiosResponse;
  readonly ms: number;
}

/** The responses of each step in the order of STEPS, what they took, and what the origin saw of it. */
interface Run {
  readonly answers: readonly (readonly Timed[])[];
  readonly ms: number;
  readonly originRequests: number;
  readonly bodyBytes: number;
}

/** Runs all steps against an origin of their own, through an instance that `prepare` may change. */
async function run(prepare: (instance: AxiosInstance) => () => Promise<void>): Promise<Run> {
  const origin = await startOrigin();
  const { hostname: host, port } = new URL(origin.url);
  // Stands for an instance that your application already has. The port differs from run to run and the URL, by which
  // answers are found, must not: so the origin is asked as a proxy is.
  const instance = axios.create({ baseURL: 'http://demo.test', proxy: { protocol: 'http', host, port: Number(port) } });
  const finish = prepare(instance);
  try {
    const started = performance.now();
    const answers: Timed[][] = [];
    for (const step of STEPS) answers.push(await Promise.all(step.expected.map(() => request(instance, step))));
    const { requests, bodyBytes } = origin.seen;
    return { answers, ms: performance.now() - started, originRequests: requests, bodyBytes };
  } finally {
    await finish();
    await origin.close();
  }
}

async function request(instance: AxiosInstance, { method = 'GET', url, cache }: Step): Promise<Timed> {
  const started = performance.now();
  const response = await instance.request(cache === undefined ? { method, url } : { method, url, cache });
  return { response, ms: performance.now() - started };
}

const withoutCache = () => () => Promise.resolve();

function withCache(storage: CacheStorage): (instance: AxiosInstance) => () => Promise<void> {
  return (instance) => {
    const http = setupCache(instance, {
      storage,
      expireAfter: '1h',
      urlsExpireAfter: { '*/static/**': 'never', '*/live/**': false },
    });
    return () => http.cache.close();
  };
}

/** `hit (fresh)`, `miss (uri-miss), collapsed`, `miss (uri-miss), no-store`. */
function outcomeOf({ status, reason, collapsed, notStored }: CacheInfo): string {
  const remark = collapsed ? ', collapsed' : status === 'miss' && notStored !== undefined ? `, ${notStored}` : '';
  return `${status} (${reason})${remark}`;
}

interface Row {
  readonly cells: readonly (string | number)[];
  readonly asExpected: boolean;
}

/** @param start `warm`: an earlier run has left entries, and what is found of them depends on when that was. */
function rowsOf(step: Step, number: number, answers: readonly Timed[], start: 'cold' | 'warm'): Row[] {
  // Which of several requests at once is the one that is sent, a storage over the network does not leave to their order.
  const isShared = ({ response }: Timed): number => Number(response.cache?.collapsed === true);
  const inOrder = [...answers].sort((one, other) => isShared(one) - isShared(other));
  return inOrder.map(({ response, ms }, index) => {
    const { cache, cached, status } = response;
    const outcome = cache === undefined ? 'no cache' : outcomeOf(cache);
    const rung = cache?.expirySource ?? '';
    const [expectedOutcome, expectedRung] = step.expected[index] ?? [];
    const asExpected = start === 'warm' || (outcome === expectedOutcome && rung === expectedRung);
    const url = `${step.method ?? 'GET'} ${step.url}`;
    const asked = step.cache === undefined ? url : `${url}  cache: ${JSON.stringify(step.cache)}`;
    const said = asExpected ? outcome : `${outcome} INSTEAD OF ${expectedOutcome ?? 'nothing'}`;
    const [shownNumber, title] = index === 0 ? [String(number), step.title] : ['', ''];
    const facts = [status, cached === true ? 'yes' : 'no', said, rung, ms.toFixed(1)];
    return { cells: [shownNumber, asked, ...facts, title], asExpected };
  });
}

function totalsOf(cached: Run, plain: Run): string {
  const requests = cached.answers.flat().length;
  const row = (title: string, before: number, after: number): (string | number)[] => {
    const saved = before - after;
    return [title, before, after, `${saved} (${Math.round((100 * saved) / before)} %)`];
  };
  const rows = [
    ['Requests made', requests, requests, ''],
    row('Requests the origin saw', plain.originRequests, cached.originRequests),
    row('Body bytes the origin sent', plain.bodyBytes, cached.bodyBytes),
    row('Milliseconds, measured', Math.round(plain.ms), Math.round(cached.ms)),
  ];
  return formatTable(['', 'plain axios', 'with the cache', 'saved'], rows);
}

/** What the table does not show row by row, for a run that began without entries. */
function faultsOf(cached: Run, plain: Run): string[] {
  const faults: string[] = [];
  if (cached.originRequests !== EXPECTED_ORIGIN_REQUESTS) {
    faults.push(`the origin saw ${cached.originRequests} requests instead of ${EXPECTED_ORIGIN_REQUESTS}`);
  }
  const differing = STEPS.findIndex((_, index) => dataOf(cached, index) !== dataOf(plain, index));
  if (differing !== -1) faults.push(`step ${differing + 1} did not bring the same data as without a cache`);
  return faults;
}

const dataOf = ({ answers }: Run, step: number): string =>
  JSON.stringify(answers[step]?.map(({ response }) => [response.status, response.data as unknown]));

/** How many entries there are; ends the program where the storage cannot tell. */
async function countEntries(storage: CacheStorage, place: string): Promise<number> {
  let count = 0;
  try {
    for await (const _entry of storage.entries()) count += 1;
  } catch (error) {
    console.error(`There is no storage at ${withoutPassword(place)}: ${String(error)}`);
    console.error('Name another place with --at, or start the servers: docker compose up -d --wait');
    process.exit(2);
  }
  return count;
}

const withoutPassword = (place: string): string => place.replace(/\/\/[^@/]*@/, '//***@');

const { storage: name, at } = parseArgs({
  options: { storage: { type: 'string', default: 'memory' }, at: { type: 'string' } },
}).values;
const choice = STORAGES[name];
if (choice === undefined) {
  console.error(`There is no storage ${JSON.stringify(name)} here. Use ${Object.keys(STORAGES).join(', ')}.`);
  process.exit(2);
}

// What a process does for the first time takes longer, with and without a cache.
await run(withCache(new MemoryStorage()));
const plain = await run(withoutCache);
const place = at ?? choice.place ?? 'this process';
const storage = choice.create(place);
const stored = await countEntries(storage, place);
const start = stored > 0 ? 'warm' : 'cold';
const cached = await run(withCache(storage));

const rows = STEPS.flatMap((step, index) => rowsOf(step, index + 1, cached.answers[index] ?? [], start));
const head = ['step', 'request', 'status', 'cached', 'why', 'rung', 'ms', ''];
console.log(`${STEPS.length} steps through axios with a cache (storage: ${name}). "why" is status and reason,`);
console.log('"rung" says who gave the lifetime: the response, the request, a URL pattern, or the session.\n');
if (start === 'warm') console.log(`It began with ${stored} entries that an earlier run left in ${withoutPassword(place)}.\n`);
console.log(formatTable(head, rows.map(({ cells }) => cells)));
console.log('\nThe same steps without and with the cache, against the same server:\n');
console.log(totalsOf(cached, plain));

const faults = start === 'cold' ? faultsOf(cached, plain) : [];
if (choice.place !== undefined) {
  console.log(`\nWhat is stored is in ${withoutPassword(place)}: run it again, and it starts with hits.`);
}
for (const fault of faults) console.error(`\nNOT AS IT SHOULD BE: ${fault}`);
process.exitCode = faults.length > 0 || rows.some(({ asExpected }) => !asExpected) ? 1 : 0;
