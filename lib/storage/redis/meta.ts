/** The `meta` values, which stand in the record of the namespace. */
import { CacheError } from '../../api/errors.js';
import type { RedisContext } from './context.js';
import { ENSURE_NAMESPACE, REPLACE_META } from './scripts.js';
import { FLIGHT_MS, newToken, readMetaValue, readNamespace, writeMetaName, writeMetaValue } from './tokens.js';
import { openValue, sealValue } from '../record/values.js';

export async function readMeta(context: RedisContext, name: string, makeIfAbsent: () => string): Promise<string> {
  const { codec, keys, meta } = context;
  const writtenName = writeMetaName(name);
  const writtenIn = (record: Buffer | null): string | undefined => readNamespace(record)?.meta.get(writtenName);
  const opened = (written: string | undefined): Promise<string | undefined> =>
    openValue(codec, name, written === undefined ? undefined : readMetaValue(written));
  let written = writtenIn((await context.command('GET', keys.namespace)) as Buffer | null);
  let value = await opened(written);
  if (value === undefined) {
    const made = await sealValue(codec, name, makeIfAbsent());
    // Where another process was faster, its value stays; one of other keys does not.
    if (written !== undefined) {
      await context.run(REPLACE_META, [keys.namespace], [writtenName, written, writeMetaValue(made)]);
    }
    const args = [newToken(), String(FLIGHT_MS), meta.written({ name, value: made }), ''];
    const [now = null] = (await context.run(ENSURE_NAMESPACE, [keys.namespace], args)) as Buffer[];
    written = writtenIn(now);
    value = await opened(written);
  }
  if (written === undefined || value === undefined) {
    throw new CacheError('ERR_CACHE_STORAGE', `RedisStorage: meta "${name}" is lost`);
  }
  meta.hold(writtenName, written);
  return value;
}
