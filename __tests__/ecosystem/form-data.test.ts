/**
 * form-data, the package, which is a stream: it is sent whole, never stored, and deletes what is stored for its URL.
 */
import FormData from 'form-data';
import { startCached } from '../support/cached-instance.js';

const form = (): FormData => {
  const fields = new FormData();
  fields.append('name', 'Ada');
  fields.append('file', Buffer.from('content'), 'a.txt');
  return fields;
};

test.each([{}, { cache: { allowedMethods: ['GET', 'POST'] } }] as const)(
  'is sent whole each time (%j)',
  async (config) => {
    const { http, origin } = await startCached({ '/': { headers: { 'Cache-Control': 'max-age=60' } } });
    for (const _again of [1, 2]) {
      const { cached } = await http.post('/', form(), config as object);
      expect(cached).toBe(false);
    }
    for (const { body, headers } of origin.requests) {
      expect(headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
      expect(body.toString()).toMatch(/name="name"\r\n\r\nAda\r\n[^]*filename="a.txt"[^]*content/);
    }
    expect(origin.requests).toHaveLength(2);
  },
);

test('by postForm, invalidates what is stored for its URL', async () => {
  const { http, origin } = await startCached({ '/': { headers: { 'Cache-Control': 'max-age=60' } } });
  await http.get('/');
  await http.postForm('/', { name: 'Ada' });
  expect((await http.get('/')).cached).toBe(false);
  expect(origin.requests[1]?.body.toString()).toContain('Ada');
});
