/** axios-cookiejar-support: each jar is a user, cookies are sent and kept as without a cache. */
import { wrapper } from 'axios-cookiejar-support';
import axios, { type AxiosInstance } from 'axios';
import { CookieJar } from 'tough-cookie';
import { setupCache } from '../../lib/index.js';
import { startOrigin, type Routes } from '../support/origin.js';

const ROUTES: Routes = {
  '/login': ({ body }) => ({ headers: { 'Set-Cookie': `user=${body.toString()}; Path=/` } }),
  '/me': ({ headers }) => ({ headers: { 'Cache-Control': 'max-age=60' }, body: headers.cookie ?? 'nobody' }),
};

/** The jar's interceptor first, and the other way round: both are found in the wild. */
const orders: readonly (readonly [string, (instance: AxiosInstance) => AxiosInstance])[] = [
  ['the jar, then the cache', (instance) => setupCache(wrapper(instance))],
  ['the cache, then the jar', (instance) => wrapper(setupCache(instance))],
];

test.each(orders)('%s: two users, two jars, one instance', async (_name, setUp) => {
  const origin = await startOrigin(ROUTES);
  const http = setUp(axios.create({ baseURL: origin.url, proxy: false }));
  const [ada, bob] = [new CookieJar(), new CookieJar()];
  await http.post('/login', 'ada', { jar: ada });
  await http.post('/login', 'bob', { jar: bob });
  const whom = async (jar: CookieJar) => (await http.get<string>('/me', { jar })).data;
  expect([await whom(ada), await whom(bob), await whom(ada), await whom(bob)]).toEqual([
    'user=ada',
    'user=bob',
    'user=ada',
    'user=bob',
  ]);
  // Each jar's answer was stored, and no other's was served.
  expect(origin.count('/me')).toBe(2);
  await origin.close();
});
