/**
 * `npm run docs:readme`: looks at this package and at axios-cache-interceptor side by side, each as its README sets it
 * up, and writes what it has seen into the table of README.md. The other figures of README.md are written as well, from
 * where they hold, and a figure that stands there by hand is an error. With `-- --check` it writes nothing, and ends with
 * exit code 1 where the README has something else.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import axios from 'axios';
import { type Origin, startOrigin } from '../__tests__/support/origin.js';
import { putSection } from '../demo/page-section.js';
import { figuresByHand, type Manifest, withFigures } from './readme-figures.js';
import { having, MINUTE, type Subject } from './scenario.js';
import { createInterceptor } from './subjects/interceptor.js';
import { createOurs } from './subjects/ours.js';
import { times } from './watch.js';

interface Row {
  readonly about: string;
  /** What is seen, in the words of the table. */
  readonly see: (subject: Subject) => Promise<string>;
}

const AT_ONCE = 1000;
const number = (count: number): string => count.toLocaleString('en');
const counted = (count: number, one: string, more: string): string => (count === 1 ? one : `${number(count)} ${more}`);

/** How many entries two requests have left, by how often the second one asked the server. */
const apart = (about: string, [one, two]: readonly [object, object]): Row => ({
  about,
  see: async (subject) => {
    const { http, origin } = await subject.start({ '/': MINUTE });
    for (const config of [one, two]) await http.get('/', config);
    return origin.count() === 2 ? 'two entries' : 'one entry';
  },
});

/** Whether the last of these requests asked the server. */
const askedAgain = (about: string, last: object, { put }: { put: boolean }): Row => ({
  about,
  see: async (subject) => {
    const { http, origin } = await subject.start({ 'GET /': MINUTE, 'PUT /': {} });
    await http.get('/');
    if (put) await http.put('/', 'x');
    const before = origin.count();
    await http.get('/', last);
    return origin.count() > before ? 'asks the server' : 'from the cache';
  },
});

const fieldsIn = ({ requests }: Origin): string[] => requests.flatMap(({ headers }) => Object.keys(headers));

const ROWS: readonly Row[] = [
  apart('Two users, two `Authorization` headers, one URL', [
    { headers: { Authorization: 'Bearer ada' } },
    { headers: { Authorization: 'Bearer alan' } },
  ]),
  apart('`?amount=1.2` and `?amount=1.7` in `params`', [{ params: { amount: 1.2 } }, { params: { amount: 1.7 } }]),
  {
    about: 'A caller changes `response.data`',
    see: async (subject) => {
      const { http } = await subject.start({ '/': { ...MINUTE, body: { name: 'Ada' } } });
      const get = async () => (await http.get<{ name: string }>('/')).data;
      (await get()).name = 'changed';
      return (await get()).name === 'Ada' ? 'nobody else sees it' : 'the next callers see it';
    },
  },
  {
    about: "JSON first, then `responseType: 'arraybuffer'`",
    see: async (subject) => {
      const { http } = await subject.start({ '/': { ...MINUTE, body: { name: 'Ada' } } });
      await http.get('/');
      const { data } = await http.get<unknown>('/', { responseType: 'arraybuffer' });
      return Buffer.isBuffer(data) ? 'bytes' : 'the parsed object';
    },
  },
  askedAgain('After a PUT to the same URL', {}, { put: true }),
  askedAgain('`Cache-Control: no-cache` on the request', { headers: { 'Cache-Control': 'no-cache' } }, { put: false }),
  {
    about: 'Answers with `no-cache` and `ETag`',
    see: async (subject) => {
      const answer = having({ 'Cache-Control': 'no-cache', ETag: '"1"' });
      const { http, origin } = await subject.start({ '/': answer });
      for (const _again of times(2, undefined)) await http.get('/');
      return origin.requests[1]?.headers['if-none-match'] === '"1"' ? 'renewed by 304' : 'fetched whole';
    },
  },
  {
    about: '`stale-while-revalidate` from the server',
    see: async (subject) => {
      const answer = having({ 'Cache-Control': 'max-age=1, stale-while-revalidate=60' });
      const { http, origin, clock } = await subject.start({ '/': answer });
      await http.get('/');
      clock.advance(5);
      const gate = origin.hold('/');
      const pending = http.get('/').then(() => 'at once, refreshed in the background');
      const first = await Promise.race([pending, gate.arrived().then(() => 'waits for the server')]);
      gate.release();
      await pending;
      return first;
    },
  },
  {
    about: 'Header fields added to a first request',
    see: async (subject) => {
      const { http, origin } = await subject.start({ '/': MINUTE });
      await http.get('/');
      const plain = await startOrigin({ '/': MINUTE });
      await axios.get(plain.url, { proxy: false });
      await plain.close();
      const added = fieldsIn(origin).filter((name) => !fieldsIn(plain).includes(name));
      return added.length === 0 ? 'none' : added.map((name) => `\`${name}\``).join(', ');
    },
  },
  {
    about: `${number(AT_ONCE)} identical requests at once, with nothing stored`,
    see: async (subject) => {
      const { http, origin } = await subject.start({ '/': MINUTE });
      await Promise.all(times(AT_ONCE, undefined).map(() => http.get('/')));
      return counted(origin.count(), 'one request to the server', 'requests to the server');
    },
  },
];

async function seen({ see }: Row, subject: Subject): Promise<string> {
  try {
    return await see(subject);
  } finally {
    await subject.close();
  }
}

const { check } = parseArgs({ options: { check: { type: 'boolean', default: false } } }).values;
const load = createRequire(import.meta.url);
const { version } = load('axios-cache-interceptor/package.json') as { version: string };
const subjects = [createOurs(), createInterceptor('axios-cache-interceptor', {}, false)];

const lines = [
  `| In Node, each with its default options | axios-client-cache | axios-cache-interceptor ${version} |`,
  '| --- | --- | --- |',
];
for (const row of ROWS) {
  const cells: string[] = [];
  for (const subject of subjects) cells.push(await seen(row, subject));
  lines.push(`| ${row.about} | ${cells.join(' | ')} |`);
}
putSection(
  { page: 'README.md', name: 'comparison', command: 'npm run docs:readme' },
  `\n${lines.join('\n')}\n\n`,
  check,
);

const page = new URL('../README.md', import.meta.url);
const text = readFileSync(page, 'utf8');
const current = withFigures(text, load('../package.json') as Manifest);
const byHand = figuresByHand(current);
if (current !== text) {
  if (check) console.error('README.md has figures that npm run docs:readme writes otherwise');
  else writeFileSync(page, current);
}
for (const line of byHand) console.error(`README.md has a figure that no script writes: ${line}`);
if (byHand.length > 0 || (check && current !== text)) process.exitCode = 1;
