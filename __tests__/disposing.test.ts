/** `await using`: the end of a block closes a cache, and each storage. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import ts from 'typescript';
import { isCacheError, type CacheStorage } from '../lib/index.js';
import type { ClosableStorage } from '../lib/storage.js';
import { HarStorage, recordReplay } from '../lib/testing.js';
import { startCached } from './support/cached-instance.js';
import { newDirectory } from './support/filesystem.js';
import { root } from './support/root.js';
import { describeEachStorage } from './support/storages.js';

const codeOf = (error: unknown): string | undefined => (isCacheError(error) ? error.code : undefined);

test('a block closes the cache of an instance at its end, also when it throws', async () => {
  const { http } = await startCached({ '/': { body: 'x' } });
  const block = async (): Promise<void> => {
    await using cache = http.cache;
    await http.get('/');
    expect(await cache.count()).toBe(1);
    throw new Error('of the block');
  };
  await expect(block()).rejects.toThrow('of the block');
  expect(await http.cache.count().catch(codeOf)).toBe('ERR_CACHE_CLOSED');
  expect((await http.get('/')).cache.reason).toBe('closed');
});

async function useAndLeave(storage: CacheStorage & ClosableStorage): Promise<unknown> {
  {
    await using held = storage;
    expect(await held.meta('name', () => 'value')).toBe('value');
  }
  return Promise.resolve()
    .then(() => storage.meta('name', () => 'value'))
    .catch(codeOf);
}

describeEachStorage((create) => {
  test('a block closes it at its end', async () => {
    expect(await useAndLeave(create() as CacheStorage & ClosableStorage)).toBe('ERR_CACHE_CLOSED');
  });
});

test('so it is with recordings', async () => {
  const har = new HarStorage(join(newDirectory(), 'recorded.har'));
  const { storage } = recordReplay(har, 'missing');
  expect(await useAndLeave(storage as CacheStorage & ClosableStorage)).toBe('ERR_CACHE_CLOSED');
});

test('a platform without the symbol has a method that nobody calls, and none by the name of undefined', () => {
  const source = readFileSync(join(root, 'lib/support/async-dispose.ts'), 'utf8');
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
  const { outputText } = ts.transpileModule(source, { compilerOptions });
  const exports: { asyncDispose?: symbol } = {};
  runInNewContext(outputText, { Symbol: () => Symbol(), exports });
  expect(typeof exports.asyncDispose).toBe('symbol');
  expect(exports.asyncDispose).not.toBe(Symbol.asyncDispose);
});
