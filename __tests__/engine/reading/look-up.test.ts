/** A look-up: what the storage is asked, and what is made of what it has. */
import { MemoryStorage, type StorageScope, type StorageSelector, type StoredEntryInfo } from '../../../lib/index.js';
import { asking, having, numbered, startCached, told } from '../../support/cached-instance.js';
import { all } from '../../support/listing.js';

const FRESH = { headers: { 'Cache-Control': 'max-age=10' } };
const VARYING = { headers: { 'Cache-Control': 'max-age=10', Vary: 'X-Lang' } };

/** A storage in memory that notes what it is asked for and told to delete, and cannot read some keys. */
class Noting extends MemoryStorage {
  readonly scopes: StorageScope[] = [];
  readonly deleted: StorageSelector[] = [];
  broken = 'none';

  override get(key: string, scope?: StorageScope): ReturnType<MemoryStorage['get']> {
    if (scope !== undefined) this.scopes.push(scope);
    if (key.startsWith(this.broken)) throw new Error('out of order');
    return super.get(key);
  }

  override delete(selector: StorageSelector): ReturnType<MemoryStorage['delete']> {
    this.deleted.push(selector);
    return super.delete(selector);
  }
}

test('the storage is told by what the answer may be invalidated, as far as that is known', async () => {
  const storage = new Noting();
  const { http } = await startCached({ '/': numbered(FRESH) }, { storage, tags: ['people'] });
  await http.get('/');
  const [stored] = await all(storage.entries());
  await http.get('/', { cache: { tags: () => ['people'] } });
  const { resource, tags } = stored!;
  expect(tags).toHaveLength(1);
  expect(storage.scopes).toEqual([{ resource, tags }, { resource, tags: [] }]);
});

test.each(['HEAD', 'GET'])('of a HEAD both keys must be read, so that its answer is stored: not without %s', async (key) => {
  const storage = new Noting();
  const { http } = await startCached({ '/': numbered(FRESH) }, { storage });
  storage.broken = key;
  const { cache } = await http.head('/');
  expect([cache.reason, cache.notStored]).toEqual(['storage-error', 'storage-error']);
});

test('of several variants each that nobody can use is deleted, nothing else is, and the others are used', async () => {
  const storage = new Noting();
  const { http, clock } = await startCached({ '/': numbered(VARYING) }, { storage, keepStale: 0 });
  const inLanguage = (name: string) => http.get('/', having({ 'X-Lang': name }));
  const nameOf = ({ key, resource, variant, revision }: StoredEntryInfo) => ({ key, resource, variant, revision });
  await inLanguage('old');
  const [old] = await all(storage.entries());
  clock.advance(10);
  await inLanguage('odd');
  const [odd] = (await all(storage.entries())).filter(({ variant }) => variant !== old?.variant);
  expect(storage.deleted).toEqual([nameOf(old!)]);
  const damage = (): unknown => storage.set({ ...odd!, head: '{', body: new Uint8Array() });
  await damage();
  await inLanguage('new');
  expect(storage.deleted).toEqual([nameOf(old!), nameOf(odd!)]);
  await damage();
  expect(told(await inLanguage('new'))).toBe('hit fresh');
});

test.each([
  [19, 'stale max-stale'],
  [20, 'miss uri-miss'],
])('what is good for no renewal serves those who take stale answers to its end: after %d s', async (seconds, expected) => {
  const { http, clock } = await startCached({ '/': numbered(FRESH) }, { keepStale: '10s' });
  await http.get('/');
  clock.advance(seconds);
  expect(told(await http.get('/', asking('max-stale')))).toBe(expected);
});
