/** HAR files of a real browser, and HarStorage as a storage: its contract, its file, its faults. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import { MemoryStorage, setupCache } from '../../lib/index.js';
import { HarStorage, recordReplay } from '../../lib/testing.js';
import { describeStorage } from '../storage/contract/describe-storage.js';
import { root } from '../support/root.js';

const BROWSER = join(root, '__tests__/fixtures/browser.har');
let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'har-')); });
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

interface Har {
  readonly log: { readonly entries: { readonly response: { content: object } }[] };
}
const read = (file: string): Har => JSON.parse(readFileSync(file, 'utf8')) as Har;
const entriesOf = (file: string) => read(file).log.entries;

describe('a file that Chromium has saved', () => {
  const replaying = (file = BROWSER) => {
    const storage = new HarStorage({ file, readOnly: true });
    return setupCache(axios.create({ baseURL: 'http://app.test' }), recordReplay(storage, 'replay'));
  };

  test('is replayed: compressed JSON, a change, a redirect, an error and bytes', async () => {
    const http = replaying();
    expect((await http.get('/api/users?page=1')).data).toEqual([{ name: 'Ada' }, { name: 'Zoë' }]);
    const created = await http.post('/api/users', { name: 'Grace' });
    expect([created.status, created.data, created.headers['location']]).toEqual([
      201, { id: 2, name: 'Grace' }, '/api/users/2',
    ]);
    expect((await http.get<string>('/api/old')).data).toBe('moved here');
    await expect(http.get('/api/missing')).rejects.toMatchObject({ response: { status: 404 } });
    const picture = await http.get<ArrayBuffer>('/api/picture', { responseType: 'arraybuffer' });
    expect(Buffer.from(picture.data).subarray(1, 4).toString()).toBe('PNG');
  });

  test('what has no answer in it is not recorded: a host that was not found, and a body that nobody read', async () => {
    await expect(replaying().get('http://nowhere.test/')).rejects.toMatchObject({ code: 'ERR_CACHE_NOT_RECORDED' });
    const [page, ...others] = entriesOf(BROWSER);
    if (page === undefined) throw new Error('the fixture is empty');
    page.response.content = { size: -1, mimeType: 'text/html' };
    const file = join(folder, 'unread.har');
    writeFileSync(file, JSON.stringify({ log: { entries: [page, ...others] } }));
    await expect(replaying(file).get('/')).rejects.toMatchObject({ code: 'ERR_CACHE_NOT_RECORDED' });
  });

  test('keeps what it has beyond the recordings, to the letter, when others are added', async () => {
    const file = join(folder, 'browser.har');
    copyFileSync(BROWSER, file);
    const storage = new HarStorage(file);
    const adapter = (config: object) =>
      Promise.resolve({ data: 'new', status: 200, statusText: 'OK', headers: {}, config });
    const http = setupCache(axios.create({ adapter: adapter as never }), recordReplay(storage, 'missing'));
    await http.get('http://app.test/added');
    await storage.finish();
    const [before, after] = [read(BROWSER), read(file)];
    expect(after.log.entries).toEqual(expect.arrayContaining(before.log.entries));
    expect(after.log.entries).toHaveLength(before.log.entries.length + 1);
    expect({ ...after.log, entries: [] }).toEqual({ ...before.log, entries: [] });
  });

  test('as an ordinary storage: what the server allowed is found, and the server is asked for the rest', async () => {
    const now = Date.parse(new Date(Date.parse('2026-11-29T00:00:00Z')).toISOString());
    const storage = new HarStorage(BROWSER);
    const asked: string[] = [];
    const adapter = (config: { readonly url?: string }) => {
      asked.push(String(config.url));
      return Promise.resolve({ data: 'asked', status: 200, statusText: 'OK', headers: {}, config });
    };
    const http = setupCache(axios.create({ adapter: adapter as never }), {
      storage, includeHeaders: [], partition: false, expireAfter: '1h', now: () => now,
    });
    expect(await http.cache.count()).toBeGreaterThan(0);
    const urls: string[] = [];
    for await (const url of http.cache.urls()) urls.push(url);
    expect(urls).toContain('http://app.test/api/picture');
    // It says no-store, and the other is an error, which a cache does not keep by default.
    expect(urls).not.toContain('http://app.test/api/users?page=1');
    expect(urls).not.toContain('http://app.test/api/missing');
    await http.get('http://app.test/api/users?page=1');
    expect(asked).toEqual(['http://app.test/api/users?page=1']);
  });

  test('a body that stands in a file beside it is read from there, and from nowhere else', async () => {
    const har = read(BROWSER);
    const [page] = har.log.entries;
    if (page === undefined) throw new Error('the fixture is empty');
    page.response.content = { size: 6, mimeType: 'text/plain', _file: 'body.txt' };
    writeFileSync(join(folder, 'attached.har'), JSON.stringify(har));
    writeFileSync(join(folder, 'body.txt'), 'beside');
    expect((await replaying(join(folder, 'attached.har')).get<string>('/')).data).toBe('beside');
    page.response.content = { size: 6, mimeType: 'text/plain', _file: '../body.txt' };
    writeFileSync(join(folder, 'attached.har'), JSON.stringify(har));
    await expect(replaying(join(folder, 'attached.har')).get('/')).rejects.toMatchObject({
      code: 'ERR_CACHE_NOT_RECORDED',
    });
  });
});

describeStorage('HarStorage', () => new HarStorage(join(folder, 'contract.har')));

test('what one storage has is written by another, whichever it is', async () => {
  const adapter = (config: object) =>
    Promise.resolve({ data: 'text', status: 200, statusText: 'OK', headers: { 'Content-Type': 'text/plain' }, config });
  const storage = new MemoryStorage();
  const from = setupCache(axios.create({ adapter: adapter as never }), { storage, expireAfter: '1h' });
  await from.get('http://api.test/users');
  const file = join(folder, 'copied.har');
  const to = new HarStorage(file);
  for await (const { key, resource } of from.cache.storage.entries()) {
    const { entries } = await from.cache.storage.get(key, { resource, tags: [] });
    for (const entry of entries) await to.set(entry);
  }
  await to.finish();
  const http = setupCache(axios.create(), recordReplay(new HarStorage(file), 'replay'));
  expect((await http.get<string>('http://api.test/users')).data).toBe('text');
});

test('a file that cannot be written is an error, and a path is needed', async () => {
  const storage = new HarStorage(join(folder, 'file.har', 'below.har'));
  writeFileSync(join(folder, 'file.har'), '');
  await expect(storage.finish()).rejects.toMatchObject({ code: 'ERR_CACHE_STORAGE' });
  expect(() => new HarStorage('')).toThrow(expect.objectContaining({ code: 'ERR_CACHE_OPTION' }));
});
