/**
 * React Query keeps data for components, and asks again by rules of its own. The mode `'no-cache'` lets it: each of its
 * requests reaches the server, which answers 304 without a body where nothing has changed. `@tanstack/query-core` is
 * the part of React Query that knows no React: with `useQuery` the options are the same.
 */
import { QueryClient, type QueryFunctionContext } from '@tanstack/query-core';
import axios from 'axios';
import { setupCache } from 'axios-client-cache';
import { startOrigin } from './support/origin.js';

const users = [{ name: 'Ada' }];
const origin = await startOrigin((request, response) => {
  if (request.method === 'POST') users.push({ name: 'Grace' });
  const etag = `"${users.length}"`;
  const known = request.headers['if-none-match'] === etag;
  response.writeHead(known ? 304 : 200, { 'Content-Type': 'application/json', ETag: etag });
  response.end(known ? undefined : JSON.stringify(users));
});

const http = setupCache(axios.create({ baseURL: origin.url }), { expireAfter: '1h' });
const queries = new QueryClient({ defaultOptions: { queries: { staleTime: 60_000, retry: false } } });

const usersQuery = {
  queryKey: ['users'],
  queryFn: async ({ signal }: QueryFunctionContext) => {
    const { data, cache } = await http.get<{ name: string }[]>('/users', { signal, cache: 'no-cache' });
    console.log(`  asked: ${cache.status}`);
    return data;
  },
};

async function show(): Promise<void> {
  const data = await queries.fetchQuery(usersQuery);
  console.log(data.map(({ name }) => name).join(', '));
}

await show();
await show(); // within staleTime: React Query does not even ask the cache
await queries.invalidateQueries({ queryKey: ['users'] });
await show(); // the server is asked, and says 304
await http.post('/users', { name: 'Grace' });
await queries.invalidateQueries({ queryKey: ['users'] });
await show(); // the POST has deleted what was stored
queries.clear();
await origin.close();

// It prints:
//   asked: miss
// Ada
// Ada
//   asked: revalidated
// Ada
//   asked: miss
// Ada, Grace
