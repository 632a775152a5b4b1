/** What each `responseType` brings on a miss and on a hit, and downloads that end half way, beside plain axios. */
import type { Handler } from '../support/origin.js';
import { describeChromium } from './support/chromium.js';

/** Each of the 256 bytes. */
const BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const typed = (type: string, body: string | Buffer) => ({ headers: { 'content-type': type }, body });

const ROUTES = {
  '/json': { body: { n: 1, text: 'Zoë' } },
  '/text': typed('text/plain; charset=utf-8', '\ufeffZoë'),
  '/bytes': typed('application/octet-stream', BYTES),
  '/empty': { status: 204 },
  '/reset': { status: 205 },
  '/none': typed('text/plain', ''),
  '/gone': { status: 404, body: { why: 'gone' } },
  '/form': typed('application/x-www-form-urlencoded', 'a=1&b=two&a=3'),
};
type Type = 'json' | 'text' | 'arraybuffer' | 'blob' | 'stream' | 'formdata';
const TYPES: Readonly<Record<string, readonly (Type | '')[]>> = {
  xhr: ['', 'json', 'text', 'arraybuffer', 'blob'],
  fetch: ['', 'json', 'text', 'arraybuffer', 'blob', 'stream', 'formdata'],
};
const ROWS = Object.entries(TYPES).flatMap(([adapter, types]) => types.map((type) => ({ adapter, type })));

describeChromium((chromium) => {
  test.each(ROWS)('by $adapter, responseType "$type"', async ({ adapter, type }) => {
    const { run, messages } = await chromium().open((await chromium().site(ROUTES)).page);
    const seen = await run(async ({ axios, setupCache }, { name, responseType, urls }) => {
      const tagOf = (data: unknown): string => Object.prototype.toString.call(data);
      /** All that a caller can read of it. */
      const read = async (data: unknown): Promise<unknown> => {
        if (data instanceof ReadableStream) return [tagOf(data), await read(await new Response(data).arrayBuffer())];
        if (data instanceof Blob) return [tagOf(data), data.type, await read(await data.arrayBuffer())];
        if (data instanceof ArrayBuffer) return [tagOf(data), [...new Uint8Array(data)]];
        return data instanceof FormData ? [tagOf(data), [...data]] : [tagOf(data), data];
      };
      const look = async (http: typeof axios, url: string, method: string): Promise<unknown> => {
        const config = { ...(responseType !== '' && { responseType: responseType as 'json' }), validateStatus: null };
        try {
          const { data, status, statusText } = await http.request<unknown>({ ...config, url, method });
          return [url, status, statusText, await read(data)];
        } catch (error) {
          const { code, message } = error as { code?: string; message: string };
          return [url, code, message];
        }
      };
      const plain = axios.create({ adapter: name as 'xhr' }) as typeof axios;
      const options = { expireAfter: '1h', allowedCodes: () => true } as const;
      const http = setupCache(axios.create({ adapter: name as 'xhr' }), options) as unknown as typeof axios;
      const looked = { alone: [] as unknown[], miss: [] as unknown[], hit: [] as unknown[] };
      for (const url of urls) {
        for (const method of ['GET', 'HEAD']) {
          looked.alone.push(await look(plain, url, method));
          looked.miss.push(await look(http, url, method));
          looked.hit.push(await look(http, url, method));
        }
      }
      return looked;
    }, { name: adapter, responseType: type, urls: Object.keys(ROUTES) });
    expect(seen.miss).toEqual(seen.alone);
    expect(seen.hit).toEqual(seen.alone);
    // Chromium itself tells a status from 400 on.
    expect(messages.filter((message) => !message.includes('404'))).toEqual([]);
  });

  test.each(['xhr', 'fetch'])('by %s: a download of what was stored has its bytes and its name', async (adapter) => {
    const disposition = 'attachment; filename="a.bin"';
    const headers = { 'content-type': 'application/octet-stream', 'content-disposition': disposition };
    const site = await chromium().site({ '/file': { headers, body: BYTES } });
    const { page, run } = await chromium().open(site.page);
    const name = await run(async ({ axios, setupCache }, adapterName) => {
      const http = setupCache(axios.create({ adapter: adapterName as 'xhr' }), { expireAfter: '1h' });
      await http.get('/file', { responseType: 'blob' });
      const { data, headers: sent, cached } = await http.get<Blob>('/file', { responseType: 'blob' });
      const link = document.createElement('a');
      link.href = URL.createObjectURL(data);
      link.download = String(sent['content-disposition']).replace(/^.*filename="(.*)"$/, '$1');
      document.body.append(link);
      Object.assign(globalThis, { link });
      return [cached, link.download];
    }, adapter);
    expect(name).toEqual([true, 'a.bin']);
    const downloading = page.waitForEvent('download');
    await page.evaluate(() => { (globalThis as unknown as { link: HTMLAnchorElement }).link.click(); });
    const download = await downloading;
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    expect([download.suggestedFilename(), Buffer.concat(chunks)]).toEqual(['a.bin', BYTES]);
    expect(site.count('/file')).toBe(1);
  });

  /** Sends half of its answer and then nothing. */
  const half: Handler = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': '2000' });
    response.write(Buffer.alloc(1000));
    return undefined;
  };

  const ENDS = ['abort', 'timeout'] as const;
  test.each(['xhr', 'fetch'].flatMap((adapter) => ENDS.map((end) => ({ adapter, end }))))(
    'by $adapter, $end half way: the code of axios, the server is left, and nothing is stored',
    async ({ adapter, end }) => {
      const site = await chromium().site({ '/half': half });
      const { run } = await chromium().open(site.page);
      const seen = await run(async ({ axios, setupCache }, { name, how }) => {
        const ended = async (http: typeof axios, url: string): Promise<unknown> => {
          const controller = new AbortController();
          // By then half of it is there.
          const onDownloadProgress = (): void => void (how === 'abort' && controller.abort());
          const config = { signal: controller.signal, onDownloadProgress, ...(how === 'timeout' && { timeout: 300 }) };
          return http.get(url, { ...config, responseType: 'blob' }).catch((error: { code: string }) => error.code);
        };
        const http = setupCache(axios.create({ adapter: name as 'xhr' }), { expireAfter: '1h' });
        const codes = [await ended(http as unknown as typeof axios, '/half')];
        // By another URL, as Chromium takes up what it has half of.
        codes.push(await ended(axios.create({ adapter: name as 'xhr' }) as typeof axios, '/half?alone'));
        return { codes, isStored: await http.cache.has('/half') };
      }, { name: adapter, how: end });
      const [own] = seen.codes as string[];
      expect(seen).toEqual({ codes: [own, own], isStored: false });
      expect(own).toMatch(end === 'abort' ? /^ERR_CANCELED$/ : /^(ECONNABORTED|ETIMEDOUT)$/);
      await Promise.all(site.requests.filter(({ path }) => path === '/half').map(({ dropped }) => dropped));
    },
  );

  test.each(['xhr', 'fetch'])('by %s: one leaves half way, and another one has all of it', async (adapter) => {
    let finish: () => void = () => undefined;
    const site = await chromium().site({
      '/a': (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '2000' });
        response.write('a'.repeat(1000));
        finish = () => response.end('b'.repeat(1000));
        return undefined;
      },
    });
    const open = await chromium().open(site.page);
    const asking = open.run(async ({ axios, setupCache }, name) => {
      const http = setupCache(axios.create({ adapter: name as 'xhr' }), { expireAfter: '1h' });
      const controller = new AbortController();
      const leaving = http.get('/a', { signal: controller.signal }).catch((error: { code: string }) => error.code);
      const staying = http.get<string>('/a');
      setTimeout(() => { controller.abort(); }, 50);
      const code = await leaving;
      Object.assign(globalThis, { hasLeft: true });
      const { length } = (await staying).data;
      return [code, length, (await http.get('/a')).cached];
    }, adapter);
    await open.page.waitForFunction('globalThis.hasLeft === true');
    finish();
    expect(await asking).toEqual(['ERR_CANCELED', 2000, true]);
    expect(site.count('/a')).toBe(1);
  });

  test.each(['xhr', 'fetch'])('by %s: progress of a miss is that of plain axios', async (adapter) => {
    const large = { headers: { 'content-length': '300000' }, body: Buffer.alloc(300_000) };
    const site = await chromium().site({ '/a': large });
    const { run } = await chromium().open(site.page);
    const seen = await run(async ({ axios, setupCache }, name) => {
      const last = async (http: typeof axios): Promise<unknown> => {
        let event: { loaded: number; total?: number; progress?: number } | undefined;
        await http.get('/a', { responseType: 'arraybuffer', onDownloadProgress: (each) => { event = each; } });
        return [event?.loaded, event?.total, event?.progress];
      };
      const http = setupCache(axios.create({ adapter: name as 'xhr' }), { expireAfter: '1h' });
      const cached = http as unknown as typeof axios;
      const plain = axios.create({ adapter: name as 'xhr' }) as typeof axios;
      return [await last(cached), await last(cached), await last(plain)];
    }, adapter);
    expect(seen).toEqual(Array(3).fill([300_000, 300_000, 1]));
  });
});
