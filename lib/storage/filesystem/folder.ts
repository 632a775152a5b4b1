/** The folder of the cache: made before the first call, seen to be ours, and swept of what a killed process left. */
import { join } from 'node:path';
import { chmod } from 'node:fs/promises';
import { CacheError } from '../../api/errors.js';
import type { Files } from './files.js';
import type { Places } from './places.js';
import { encoder } from '../../support/utf8.js';

/** So old is nothing that is still being written: then whoever wrote it has ended. */
export const ORPHANED_MS = 60 * 60 * 1000;

/** https://bford.info/cachedir/: backups leave folders out that have such a file. */
const TAG_NAME = 'CACHEDIR.TAG';
const TAG_TEXT = `Signature: 8a477f597d28d172789f06886806bc55
# This folder is a cache of the npm package axios-client-cache. It can be deleted at any time.
# For information about cache directory tags see https://bford.info/cachedir/
`;

/** @throws CacheError `ERR_CACHE_STORAGE` where the folder belongs to somebody else. */
export async function openFolder(files: Files, { layout, root, temporary }: Places): Promise<void> {
  await files.makeFolder(layout);
  await seeThatItIsOurs(files, layout);
  try {
    await files.makeFolder(temporary);
    await files.makeIfAbsent(join(layout, TAG_NAME), encoder.encode(TAG_TEXT));
  } catch (error) {
    // A cache that cannot be written can still be read.
    if ((await files.stat(root)) === undefined) throw error;
  }
}

/** In a folder that everybody may write to, such as /tmp, somebody else could have been there first. */
async function seeThatItIsOurs(files: Files, layout: string): Promise<void> {
  const stats = await files.stat(layout);
  const own = process.getuid?.();
  if (stats?.isDirectory() !== true) throw refused(layout, 'is no folder, or a link to one');
  if (own === undefined) return;
  if (stats.uid !== own) throw refused(layout, 'belongs to somebody else, who could change what is in it');
  if ((stats.mode & 0o077) === 0) return;
  // It was made by hand, or was unpacked.
  await chmod(layout, 0o700);
}

/** Removes what was being written, or removed, when its process ended. */
export async function sweepTemporary(files: Files, { temporary }: Places): Promise<void> {
  for (const name of await files.names(temporary)) {
    const path = join(temporary, name);
    const stats = await files.stat(path);
    if (stats !== undefined && stats.mtimeMs < Date.now() - ORPHANED_MS) await files.removeTree(path);
  }
}

const refused = (path: string, reason: string): CacheError =>
  new CacheError('ERR_CACHE_STORAGE', `FilesystemStorage: ${path} ${reason}. Give another directory.`);
