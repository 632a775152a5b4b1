/** Files: the storage against reading one file, and against writing one and renaming it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FilesystemStorage } from 'axios-client-cache/filesystem';
import { rawHit, rawMiss, rawSet, type RawStore } from './on-raw.js';
import { hitOn, missOn, setOn } from './on-storage.js';
import { type Group, inBothModes, type OpenGroup } from './scenario.js';

const TITLE = 'FilesystemStorage';

function rawStore(folder: string): RawStore {
  let written = 0;
  return {
    read: async (key) => {
      try {
        return await readFile(join(folder, key));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    write: async (key, body) => {
      const temporary = join(folder, `temporary-${written++}`);
      await writeFile(temporary, body);
      await rename(temporary, join(folder, key));
    },
  };
}

export const filesystem: Group = {
  name: 'filesystem',
  title: 'Files',
  about:
    'Node alone does one `readFile`, or one `writeFile` and the `rename` without which others could read half a ' +
    'file. The storage has a file for the head of an entry and one for its body, and one for each token.',
  open: async (): Promise<OpenGroup> => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-files-'));
    const raw = rawStore(folder);
    const storage = new FilesystemStorage({ directory: join(folder, 'cache'), maxBytes: Infinity });
    return {
      engine: `files in ${tmpdir()}`,
      close: async () => {
        await storage.close();
        rmSync(folder, { recursive: true, force: true });
      },
      scenarios: [
        ...inBothModes('filesystem-hit', 'A hit in files', [await rawHit('readFile', raw), await hitOn(TITLE, storage)]),
        ...inBothModes('filesystem-set', 'A write to files', [rawSet('writeFile, rename', raw), setOn(TITLE, storage)]),
        ...inBothModes('filesystem-miss', 'A miss in files', [
          rawMiss('readFile, then writeFile, rename', raw),
          missOn(TITLE, storage),
        ]),
      ],
    };
  },
};
