/**
 * Three machines with one Redis. Each keeps in its memory what it has read, they ask the server one at a time by a
 * lease, and what one of them changes the others forget at once, by a bus. Here all three are in one process.
 *
 * It needs a Redis: `REDIS_URL`, or redis://127.0.0.1:6379.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import axios from 'axios';
import { type CachedAxiosInstance, MemoryStorage, setupCache } from 'axios-client-cache';
import { RedisBus, RedisStorage } from 'axios-client-cache/redis';
import { TieredStorage } from 'axios-client-cache/tiered';
import { sendJson, startOrigin } from './support/origin.js';

const url = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';
const namespace = `example-${process.pid}`;
const users = ['Ada'];
const origin = await startOrigin((request, response) => {
  if (request.method === 'POST') users.push('Grace');
  sendJson(response, users);
});

const buses: RedisBus[] = [];

async function startMachine(): Promise<CachedAxiosInstance> {
  const bus = new RedisBus({ url, namespace });
  buses.push(bus);
  const redis = new RedisStorage({ url, namespace, lease: { ttl: '20s' } });
  const storage = new TieredStorage(new MemoryStorage({ maxEntries: 1000 }), redis, { bus });
  // Each storage call may take so long here, as the machine on which this is tested may be very busy.
  const options = { storage, expireAfter: '1h', storageTimeout: '20s' } as const;
  const http = setupCache(axios.create({ baseURL: origin.url }), options);
  // The first request would connect; where Redis is not there yet, that request goes to the server.
  await until(() => http.cache.has('/users').then(() => true, () => false));
  return http;
}

const machines = [await startMachine(), await startMachine(), await startMachine()] as const;
const [one, two, three] = machines;

await Promise.all(machines.map((machine) => machine.get('/users')));
console.log(`Three machines at once: the server was asked ${origin.asked.length} time.`);

const again = await Promise.all(machines.map((machine) => machine.get('/users')));
console.log('Again, from memory:', ...again.map(({ cached }) => cached));

await one.post('/users', { name: 'Grace' });
console.log('After a change, machine 1:', (await one.get<string[]>('/users')).data.join(', '));
// A message of the bus takes a moment, some milliseconds at most.
for (const machine of [two, three]) await until(async () => (await machine.get<string[]>('/users')).data.length > 1);
console.log('After a change, machine 2:', (await two.get<string[]>('/users')).data.join(', '));
console.log('After a change, machine 3:', (await three.get<string[]>('/users')).data.join(', '));
console.log(`The server was asked: ${origin.asked.join(', ')}`);

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    if (await condition()) return;
    await sleep(20);
  }
  throw new Error('it did not come to be');
}

await one.cache.clear();
for (const machine of machines) await machine.cache.close();
for (const bus of buses) await bus.close();
await origin.close();

// It prints:
// Three machines at once: the server was asked 1 time.
// Again, from memory: true true true
// After a change, machine 1: Ada, Grace
// After a change, machine 2: Ada, Grace
// After a change, machine 3: Ada, Grace
// The server was asked: GET /users, POST /users, GET /users
