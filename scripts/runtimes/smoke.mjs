// What `check:runtimes` runs in each runtime, beside the installed package. It prints one line for each storage and
// adapter.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CASES = ['memory', 'files'].flatMap((storage) => ['http', 'fetch'].map((adapter) => ({ storage, adapter })));
const STEPS = 'miss hit miss revalidated 304:1 bypass miss asked:4 closed';

export const expectedOf = () =>
  CASES.map(({ storage, adapter }) => `${storage} by ${adapter}: ${STEPS}\n`).join('');

/** A server whose answers expire at once where the path says so, and that answers 304 to their validator. */
async function startServer() {
  const asked = { all: 0, renewals: 0 };
  const server = createServer((request, response) => {
    asked.all += 1;
    const isOld = request.url === '/old';
    if (isOld && request.headers['if-none-match'] === '"1"') {
      asked.renewals += 1;
      response.writeHead(304, { ETag: '"1"', 'Cache-Control': 'max-age=0' }).end();
      return;
    }
    const fields = isOld ? { ETag: '"1"', 'Cache-Control': 'max-age=0' } : { 'Cache-Control': 'max-age=60' };
    response.writeHead(200, { 'Content-Type': 'application/json', ...fields }).end(JSON.stringify([request.url]));
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', () => resolve()); });
  return { server, asked, url: `http://127.0.0.1:${server.address().port}` };
}

/** Gives what the cache says of each request; the package is found from the folder in which this file stands. */
async function play({ storage, adapter }, openFolder) {
  const { default: axios } = await import('axios');
  const { MemoryStorage, setupCache } = await import('axios-client-cache');
  const { FilesystemStorage } = await import('axios-client-cache/filesystem');
  const { server, asked, url } = await startServer();
  const http = setupCache(axios.create({ baseURL: url, adapter, proxy: false }), {
    storage: storage === 'memory' ? new MemoryStorage() : new FilesystemStorage(openFolder()),
  });
  const seen = [];
  const get = async (path) => {
    const { cache, data } = await http.get(path);
    if (data[0] !== path) throw new Error(`wrong data: ${JSON.stringify(data)}`);
    seen.push(cache.status);
  };
  await get('/users');
  await get('/users');
  await get('/old');
  await get('/old');
  seen.push(`304:${asked.renewals}`);
  seen.push((await http.post('/users', {})).cache.status);
  await get('/users');
  seen.push(`asked:${asked.all - asked.renewals}`);
  await http.cache.close();
  seen.push((await http.get('/users')).cache.reason);
  server.close();
  server.closeAllConnections?.();
  return seen.join(' ');
}

export async function smoke() {
  const folders = [];
  const openFolder = () => {
    folders.push(mkdtempSync(join(tmpdir(), 'smoke-')));
    return folders.at(-1);
  };
  for (const each of CASES) console.log(`${each.storage} by ${each.adapter}: ${await play(each, openFolder)}`);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
