/**
 * A server that renders pages for users who are logged in. One instance serves all of them: answers are kept apart by
 * user, and one that is the same for everybody is stored once.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import axios from 'axios';
import { setupCache } from 'axios-client-cache';
import { sendJson, startOrigin } from './support/origin.js';

interface User {
  readonly id: string;
  readonly token: string;
}

const api = await startOrigin(({ url, headers }, response) => {
  if (url === '/catalogue') sendJson(response, ['tea', 'coffee']);
  else sendJson(response, { name: String(headers.authorization).replace(/^Bearer token-(\w+)-\d+$/, '$1') });
});

/** Who asks for the page that is being rendered. */
const visitor = new AsyncLocalStorage<User>();

const http = setupCache(axios.create({ baseURL: api.url }), {
  expireAfter: '5m',
  // Without this the token itself would keep users apart, and each new token would find nothing.
  partition: () => visitor.getStore()?.id ?? 'nobody',
});
http.interceptors.request.use((config) => {
  const user = visitor.getStore();
  if (user !== undefined) config.headers.set('Authorization', `Bearer ${user.token}`);
  return config;
});

/** A page: it knows nothing of users and tokens. */
async function render(): Promise<string> {
  const [me, catalogue] = await Promise.all([
    http.get<{ name: string }>('/me'),
    http.get<string[]>('/catalogue', { cache: { partition: false } }),
  ]);
  return `${me.data.name} (${me.cache.status}) may buy ${catalogue.data.join(' and ')} (${catalogue.cache.status})`;
}

const visit = (user: User): Promise<void> => visitor.run(user, async () => console.log(await render()));

await visit({ id: '7', token: 'token-ada-1' });
await visit({ id: '8', token: 'token-alan-1' });
await visit({ id: '7', token: 'token-ada-2' });

// At logout, or when something about a user has changed:
console.log(`${await http.cache.deleteMatching({ partition: '7' })} entry of Ada deleted`);
await visit({ id: '7', token: 'token-ada-3' });
await api.close();

// It prints:
// ada (miss) may buy tea and coffee (miss)
// alan (miss) may buy tea and coffee (hit)
// ada (hit) may buy tea and coffee (hit)
// 1 entry of Ada deleted
// ada (miss) may buy tea and coffee (hit)
