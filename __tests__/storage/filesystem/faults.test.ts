/** Whatever goes wrong with a folder, requests are answered by the origin. */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { FilesystemStorage } from '../../../lib/filesystem.js';
import { fillDisk, mountDisk, newDirectory } from '../../support/filesystem.js';
import { allowNoUnhandledRejection } from '../../support/unhandled.js';
import { type Concerns, describeGuard } from '../describe-guard.js';

allowNoUnhandledRejection();

describeGuard('FilesystemStorage in a folder', { 'is none any more': 'writes' }, () => {
  const directory = newDirectory();
  const aside = `${directory}-aside`;
  let isAside = false;
  return {
    storage: new FilesystemStorage(directory),
    begin: () => {
      if (existsSync(directory)) renameSync(directory, aside);
      writeFileSync(directory, 'no folder');
      isAside = true;
    },
    end: () => {
      if (!isAside) return;
      rmSync(directory);
      if (existsSync(aside)) renameSync(aside, directory);
      isAside = false;
    },
  };
});

const DISK_BYTES = 2 * 1024 * 1024;
const probe = mountDisk(DISK_BYTES);
probe?.unmount();

const ON_DISK: Readonly<Record<'is full' | 'is read-only', Concerns>> = {
  'is full': 'writes',
  'is read-only': 'writes',
};

(probe === undefined ? describe.skip : describe)('a disk of its own', () => {
  describeGuard('FilesystemStorage on a disk', ON_DISK, () => {
    const disk = mountDisk(DISK_BYTES);
    if (disk === undefined) throw new Error('no disk can be mounted');
    let free: (() => void) | undefined;
    return {
      storage: new FilesystemStorage(disk.path),
      begin: (fault) => {
        if (fault === 'is full') free = fillDisk(disk.path, DISK_BYTES);
        else {
          disk.makeReadOnly();
          free = disk.makeWritable;
        }
      },
      end: () => {
        free?.();
        free = undefined;
      },
      close: () => { disk.unmount(); },
    };
  });
});
