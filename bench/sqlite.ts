/** `npm run bench:sqlite`: a 10 kB hit over SQLite, by each driver here, next to axios that parses the same text. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setupCache } from 'axios-client-cache';
import { SqliteStorage, type SqliteDriverName } from 'axios-client-cache/sqlite';
import { formatTable } from '../demo/table.js';
import { jsonOf } from './payload.js';
import { compare } from './rounds.js';
import { cached, plainAxios, type Subject } from './subjects.js';

const folder = mkdtempSync(join(tmpdir(), 'sqlite-bench-'));
const text = jsonOf(10_000);

function overSqlite(driver: SqliteDriverName): Subject | undefined {
  try {
    const storage = new SqliteStorage({ path: join(folder, driver.replace(':', '-')), driver });
    return cached(`axios-client-cache, SQLite by ${driver}`, text, (instance) => {
      const { cache } = setupCache(instance, { storage, expireAfter: '1h' });
      return () => cache.close();
    });
  } catch {
    return undefined;
  }
}

const subjects = [
  plainAxios(text),
  cached('axios-client-cache, hit in memory', text, (instance) => {
    const { cache } = setupCache(instance, { expireAfter: '1h' });
    return () => cache.close();
  }),
  ...(['sqlite3', 'node:sqlite'] as const).map(overSqlite).filter((subject) => subject !== undefined),
];
try {
  const results = await compare(subjects);
  console.log(`One request for ${text.length} bytes of JSON: processor time of all threads, the median over rounds in`);
  console.log(`which all take turns. Node ${process.version}.\n`);
  const rows = results.map(({ name, ratio, quartiles, microseconds }) => [
    name,
    ratio.toFixed(2),
    quartiles.map((each) => each.toFixed(2)).join(' to '),
    microseconds.toFixed(1),
  ]);
  console.log(formatTable(['one request', 'times axios', 'half of the rounds', 'us here'], rows));
} finally {
  for (const { close } of subjects) await close();
  rmSync(folder, { recursive: true, force: true });
}
