/**
 * Several processes on one machine share one SQLite file, as the workers of a server do: what one of them has fetched
 * serves all, and what one of them changes is gone for all. This file is both the program that starts them and a
 * worker.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import { setupCache } from 'axios-client-cache';
import { SqliteStorage } from 'axios-client-cache/sqlite';
import { sendJson, startOrigin } from './support/origin.js';

const [, program = '', baseURL, file] = process.argv;
if (baseURL !== undefined && file !== undefined) await work(baseURL, file);
else await main();

/** A worker: does what it is told by messages until it is told no more. */
async function work(url: string, path: string): Promise<void> {
  const http = setupCache(axios.create({ baseURL: url }), { storage: new SqliteStorage(path), expireAfter: '1h' });
  const tellStatus = async (method: 'GET' | 'POST'): Promise<void> => {
    const { cache } = await http.request({ method, url: '/users' });
    process.send?.(`${method} /users: ${cache.status}`);
  };
  process.on('message', (method: 'GET' | 'POST') => void tellStatus(method));
  await once(process, 'disconnect');
  await http.cache.close();
}

async function main(): Promise<void> {
  const origin = await startOrigin((_request, response) => sendJson(response, [{ id: 1, name: 'Ada' }]));
  const folder = await mkdtemp(join(tmpdir(), 'sqlite-processes-'));
  const workers = [1, 2, 3].map(() => fork(program, [origin.url, join(folder, 'http-cache.sqlite')]));
  const [one, two, three] = workers as [ChildProcess, ChildProcess, ChildProcess];

  await tell(one, 'worker 1', 'GET');
  await tell(two, 'worker 2', 'GET');
  await tell(three, 'worker 3', 'POST');
  await tell(two, 'worker 2', 'GET');
  await tell(one, 'worker 1', 'GET');
  console.log(`The server was asked: ${origin.asked.join(', ')}`);

  for (const worker of workers) {
    worker.disconnect();
    await once(worker, 'exit');
  }
  await origin.close();
  await rm(folder, { recursive: true });
}

async function tell(worker: ChildProcess, name: string, method: 'GET' | 'POST'): Promise<void> {
  worker.send(method);
  const [answer] = (await once(worker, 'message')) as [string];
  console.log(`${name}: ${answer}`);
}

// It prints:
// worker 1: GET /users: miss
// worker 2: GET /users: hit
// worker 3: POST /users: bypass
// worker 2: GET /users: miss
// worker 1: GET /users: hit
// The server was asked: GET /users, POST /users, GET /users
