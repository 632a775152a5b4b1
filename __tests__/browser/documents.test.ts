/** What only a browser makes of an answer: documents, types of Blobs, text by a declaration, `response.request`. */
import type { Routes } from '../support/origin.js';
import { describeChromium, type PageCode } from './support/chromium.js';
import { htmlPage } from './support/site.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const typed = (type: string, body: string | Buffer) => ({ headers: { 'content-type': type }, body });

describeChromium((chromium) => {
  /** What `look` sees of two gets on a cached instance, and of one on axios alone. */
  async function compared<A>(
    routes: Routes,
    look: PageCode<A & { readonly get: string }, unknown>,
    argument: A,
  ): Promise<void> {
    const { run } = await chromium().open((await chromium().site(routes)).page);
    const { cached, alone } = await run(async (scope, { code, given }) => {
      const see = (0, eval)(code) as (of: object, argument: unknown) => Promise<unknown>;
      const http = scope.setupCache(scope.axios.create(), { expireAfter: '1h', allowedCodes: () => true });
      const seen = { cached: [] as unknown[], alone: [] as unknown[] };
      for (let time = 0; time < 2; time += 1) seen.cached.push(await see({ ...scope, axios: http }, given));
      seen.alone.push(await see(scope, given));
      return seen;
    }, { code: `(${String(look)})`, given: argument });
    expect(cached).toEqual([alone[0], alone[0]]);
  }

  const MARKUP: Routes = {
    '/deep/doc': typed('text/html', '<a href="next">next</a>'),
    '/moved': { status: 302, headers: { location: '/deep/doc' } },
    '/meta': typed('text/html', bytes('<meta charset=windows-1251><p>\xcf')),
    '/pragma': typed('text/html', bytes(`<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">\xcf`)),
    '/xml': typed('application/xml', bytes('<?xml version="1.0" encoding="windows-1251"?><a href="x">\xcf</a>')),
    '/svg': typed('image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"><a href="x">link</a></svg>'),
    '/broken': typed('text/xml', '<a>'),
    '/plain': typed('text/plain', 'text'),
    '/gone': { status: 404, ...typed('text/html', '<p>gone') },
  };

  test.each(Object.keys(MARKUP))('the document of %s', async (path) => {
    await compared(MARKUP, async ({ axios }, { path: url }) => {
      const config = { adapter: 'xhr', responseType: 'document', validateStatus: null } as const;
      const { data, status } = await axios.get<Document | null>(url, config);
      if (data === null) return [data, status];
      const { textContent } = data.documentElement;
      return [data.URL, data.links[0]?.href, data.characterSet, data.contentType, textContent, status];
    }, { path });
  });

  test('a document under a policy of Trusted Types', async () => {
    const headers = { 'content-security-policy': "require-trusted-types-for 'script'" };
    const { run, messages } = await chromium().open(
      `${(await chromium().site({ ...MARKUP, '/strict': htmlPage({ headers }) })).url}/strict`,
    );
    const links = await run(async ({ axios, setupCache }) => {
      const http = setupCache(axios.create({ adapter: 'xhr' }), { expireAfter: '1h' });
      const seen: unknown[] = [];
      for (let time = 0; time < 2; time += 1) {
        seen.push((await http.get<Document>('/deep/doc', { responseType: 'document' })).data.links[0]?.href);
      }
      return seen;
    });
    expect(links).toEqual([expect.stringMatching(/\/deep\/next$/), expect.stringMatching(/\/deep\/next$/)]);
    expect(messages).toEqual([]);
  });

  const TYPES = [
    'text/plain; charset=utf-8', 'TEXT/Plain;a=b', '', 'weird', 'a/b/c', 'text/plain,text/html',
    'multipart/form-data; boundary=x', ';charset=utf-8', 'image/svg+xml;charset=utf-8', '*/*', 'te(xt/plain', '/x',
  ];

  test.each(['xhr', 'fetch'])('by %s: the types of Blobs, odd and missing ones too', async (adapter) => {
    const typesOf = Object.fromEntries(TYPES.map((type, at) => [`/${at}`, typed(type, 'x')]));
    await compared({ ...typesOf, '/none': { body: 'x' } }, async ({ axios }, { name, urls }) => {
      const seen: unknown[] = [];
      for (const url of urls) {
        const { data } = await axios.get<Blob>(url, { adapter: name as 'xhr', responseType: 'blob' });
        seen.push([data.type, await data.text()]);
      }
      return seen;
    }, { name: adapter, urls: [...Object.keys(typesOf), '/none'] });
  });

  const declared = (encoding: string): string => `<?xml version="1.0" encoding="${encoding}"?><a>\xcf</a>`;
  const TEXTS: Routes = {
    '/declared': typed('text/xml', bytes(declared('windows-1251'))),
    '/rss': typed('application/rss+xml', bytes(declared('windows-1251'))),
    '/no-type': { body: bytes(declared('windows-1251')) },
    '/charset-first': typed('text/xml; charset=utf-8', bytes(declared('windows-1251'))),
    '/unknown-charset': typed('text/xml; charset=nope', bytes(declared('windows-1251'))),
    '/utf-16': typed('text/xml', Buffer.from(declared('utf-16'), 'utf16le')),
    '/not-utf-16': typed('text/xml', bytes('<?xml version="1.0" encoding="utf-16"?><a>x</a>')),
    '/late': typed('text/xml', bytes(` ${declared('windows-1251')}`)),
    '/marked': typed('text/xml', Buffer.concat([bytes('\xef\xbb\xbf'), Buffer.from(declared('windows-1251'))])),
    '/plain': typed('text/plain', bytes(declared('windows-1251'))),
    '/meta': typed('text/html', bytes('<meta charset=windows-1251>\xcf')),
    '/latin': typed('text/plain; charset=iso-8859-1', bytes('\xcf')),
  };

  test.each(['xhr', 'fetch'])('by %s: text by a charset, a mark or a declaration', async (adapter) => {
    await compared(TEXTS, async ({ axios }, { name, urls }) => {
      const seen: unknown[] = [];
      for (const url of urls) {
        for (const responseType of [undefined, 'json', 'text'] as const) {
          const config = { adapter: name as 'xhr', ...(responseType && { responseType }) };
          const { data } = await axios.get<string>(url, config);
          seen.push([url, responseType, data]);
        }
      }
      return seen;
    }, { name: adapter, urls: Object.keys(TEXTS) });
  });

  const ANSWERS: Routes = {
    '/json': { headers: { 'x-total': '7', date: 'Tue, 01 Jan 2030 00:00:00 GMT' }, body: { n: 1 } },
    '/404': { status: 404, body: { why: 'gone' } },
    '/empty': { status: 204 },
    '/moved': { status: 302, headers: { location: '/json' } },
  };

  test.each([undefined, 'json', 'text', 'blob', 'arraybuffer'] as const)('the XMLHttpRequest of %s', async (type) => {
    await compared(ANSWERS, async ({ axios }, { responseType, urls }) => {
      const seen: unknown[] = [];
      for (const url of urls) {
        const config = { adapter: 'xhr', ...(responseType && { responseType: responseType as 'json' }) } as const;
        const request = await axios.get(url, config).then(
          (response) => response.request as XMLHttpRequest,
          (error: { request: XMLHttpRequest }) => error.request,
        );
        const response: unknown = request.response;
        const isText = typeof response === 'string';
        // Those of the connection are not kept, and Age tells that an answer was.
        const ofConnection = /^(age|keep-alive|connection|transfer-encoding):/;
        const headers = request.getAllResponseHeaders().split('\r\n').filter((line) => !ofConnection.test(line));
        seen.push([
          isText ? [response, request.responseText] : Object.prototype.toString.call(response),
          request.status, request.statusText, request.readyState, request.responseURL,
          request.getResponseHeader('X-Total'), request.getResponseHeader('X-None'), headers.sort(),
        ]);
      }
      return seen;
    }, { responseType: type ?? '', urls: Object.keys(ANSWERS) });
  });

  test('those who share a request, and the fetch adapter', async () => {
    const { run } = await chromium().open((await chromium().site(ANSWERS)).page);
    const seen = await run(async ({ axios, setupCache }) => {
      const http = setupCache(axios.create({ adapter: 'xhr' }), { expireAfter: '1h' });
      const shared = await Promise.all([http.get('/json'), http.get('/json')]);
      const texts = shared.map(({ request }) => {
        const { responseText, response, status } = request as XMLHttpRequest;
        return [responseText, response as unknown, status];
      });
      const byFetch: unknown[] = [];
      for (let time = 0; time < 2; time += 1) {
        const { url, method } = (await http.get('/404', { adapter: 'fetch', validateStatus: null })).request as Request;
        byFetch.push([new URL(url).pathname, method]);
      }
      return { texts, byFetch };
    });
    const text = '{"n":1}';
    const byFetch = [['/404', 'GET'], ['/404', 'GET']];
    expect(seen).toEqual({ texts: [[text, text, 200], [text, text, 200]], byFetch });
  });
});
