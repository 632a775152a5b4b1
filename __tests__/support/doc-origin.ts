/** The API of which the pages speak, `https://api.example.com`, on this machine. */
import { type Origin, type Reply, startOrigin } from './origin.js';

/** Paths that answer otherwise than with JSON and without a word about caching. */
const REPLIES: Readonly<Record<string, Reply>> = {
  '/users': { body: [{ id: 1, name: 'Ada' }, { id: 2, name: 'Alan' }] },
  '/news': { headers: { 'Cache-Control': 'max-age=60', ETag: '"news-1"' }, body: ['news'] },
  '/rates': {
    headers: { 'Cache-Control': 'max-age=0, private, must-revalidate', ETag: '"rates-1"' },
    body: { EUR: 1.1 },
  },
  '/account': { headers: { 'Cache-Control': 'no-store' }, body: { balance: 12 } },
  '/missing': { status: 404, body: { error: 'not found' } },
};

/** An ETag that comes back is answered 304. */
export const startDocOrigin = (): Promise<Origin> =>
  startOrigin(
    ({ path, url, headers }) => {
      const reply = REPLIES[path] ?? { body: { url } };
      const etag = reply.headers?.['ETag'];
      const known = etag !== undefined && headers['if-none-match'] === etag;
      return known ? { status: 304, headers: reply.headers ?? {} } : reply;
    },
    { clock: Date },
  );
