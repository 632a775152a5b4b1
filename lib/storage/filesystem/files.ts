/**
 * What FilesystemStorage does with files. They are for their owner alone, are written whole or not at all, and no link
 * is followed, as it would lead the cache to files that are none of its own.
 */
import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { copyFile, link, lstat, mkdir, open, readdir, rename, rm, rmdir, unlink, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createGate } from './gate.js';

/** Answers may be anybody's private data: the owner reads and writes, nobody else. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** So many files are open at once: macOS allows a process 256 unless it is told otherwise. */
const OPEN_AT_ONCE = 64;
/** How often a step is tried again whose folder was missing, or whose file another process held. */
const RETRIES = 5;
/** The first wait for a file that another process holds; each one after it is twice as long. */
const FIRST_WAIT_MS = 5;

/**
 * A link is not followed, and a pipe that lies there does not hold the process up. Windows has neither of the two, and
 * what is undefined adds nothing here.
 */
const WITH_CARE = constants.O_NOFOLLOW | constants.O_NONBLOCK;

export interface FileContent {
  readonly bytes: Uint8Array;
  readonly changedMs: number;
}

/** `'unfit'`: something lies there that the cache has not written: a folder, a link, a pipe, or far too many bytes. */
export type Found = FileContent | 'absent' | 'unfit';

export class Files {
  /** In which files are written before they get their names; on the disk of the others, as names cannot cross disks. */
  readonly #temporary: string;
  readonly #fsync: boolean;
  readonly #gate = createGate(OPEN_AT_ONCE);

  constructor(temporary: string, fsync: boolean) {
    this.#temporary = temporary;
    this.#fsync = fsync;
  }

  /** @param limit More bytes than these are not read. */
  read(path: string, limit: number): Promise<Found> {
    return this.#gate(async () => {
      try {
        return await readWhole(path, limit);
      } catch (error) {
        if (hasCode(error, 'ENOENT', 'ENOTDIR')) return 'absent';
        if (hasCode(error, 'ELOOP', 'EISDIR', 'ENXIO', 'EAGAIN', 'EMLINK')) return 'unfit';
        throw error;
      }
    });
  }

  async stat(path: string): Promise<Stats | undefined> {
    try {
      return await lstat(path);
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
      throw error;
    }
  }

  /** What is in a folder, in no order; nothing where there is no folder. */
  names(folder: string): Promise<readonly string[]> {
    return this.#gate(async () => {
      try {
        return await readdir(folder);
      } catch (error) {
        if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
        throw error;
      }
    });
  }

  /** The folders in a folder; links to folders are none. */
  folders(folder: string): Promise<readonly string[]> {
    return this.#gate(async () => {
      try {
        const found = await readdir(folder, { withFileTypes: true });
        return found.filter((each) => each.isDirectory()).map(({ name }) => name);
      } catch (error) {
        if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
        throw error;
      }
    });
  }

  /** Writes a file that is not there yet; false where one is. Of several who do so at once one succeeds. */
  makeIfAbsent(path: string, bytes: Uint8Array): Promise<boolean> {
    return this.#withTemporary(path, bytes, async (temporary) => {
      const isMade = await linkOrCopy(temporary, path);
      await unlink(temporary);
      return isMade;
    });
  }

  /** Makes a file without content, where there is nothing of that name. */
  async makeEmpty(path: string): Promise<void> {
    await this.#gate(() =>
      this.#inFolder(path, async () => {
        try {
          await (await open(path, 'wx', FILE_MODE)).close();
        } catch (error) {
          if (!hasCode(error, 'EEXIST')) throw error;
        }
      }),
    );
  }

  /** Writes a file, in the place of what is there. Who reads it meanwhile has one or the other, whole. */
  replace(path: string, bytes: Uint8Array): Promise<void> {
    return this.#withTemporary(path, bytes, (temporary) =>
      patiently(async () => {
        try {
          await rename(temporary, path);
        } catch (error) {
          // A folder lies where a file of the cache should be.
          if (!hasCode(error, 'EISDIR')) throw error;
          await rm(path, { recursive: true });
          await rename(temporary, path);
        }
      }),
    );
  }

  /** Makes a file one byte longer; appends of several processes add up. */
  async append(path: string): Promise<void> {
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | WITH_CARE;
    await this.#gate(() =>
      this.#inFolder(path, async () => {
        const file = await open(path, flags, FILE_MODE);
        try {
          await file.write('.');
          if (this.#fsync) await file.sync();
        } finally {
          await file.close();
        }
      }),
    );
  }

  /** Whether it was there. */
  remove(path: string): Promise<boolean> {
    return this.#gate(async () => {
      try {
        await patiently(() => unlink(path));
        return true;
      } catch (error) {
        if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
        // A folder lies where a file of the cache should be.
        if (!hasCode(error, 'EISDIR', 'EPERM') || (await lstat(path)).isDirectory() === false) throw error;
        await rm(path, { recursive: true });
        return true;
      }
    });
  }

  /** Removes a folder that is empty, and leaves one that is not. */
  async removeEmpty(folder: string): Promise<void> {
    try {
      await rmdir(folder);
    } catch (error) {
      if (!hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR', 'EPERM', 'EBUSY')) throw error;
    }
  }

  /** Writes down when a file was used. */
  async noteUse(path: string, usedMs: number): Promise<void> {
    try {
      await utimes(path, usedMs / 1000, usedMs / 1000);
    } catch {
      // It is gone, or may not be written: then it counts as used when it was written.
    }
  }

  /** Moves a folder out of the way and gives its new path; `undefined` where there is none. */
  async putAside(folder: string): Promise<string | undefined> {
    const aside = join(this.#temporary, uniqueName());
    if ((await this.stat(folder)) === undefined) return undefined;
    try {
      await this.#inFolder(aside, () => patiently(() => rename(folder, aside)));
      return aside;
    } catch (error) {
      // Another process was faster.
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  /** Follows no link. */
  async removeTree(path: string): Promise<void> {
    await rm(path, { recursive: true, force: true, maxRetries: RETRIES });
  }

  async makeFolder(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  }

  /** `finish` gives the file its name. */
  #withTemporary<T>(path: string, bytes: Uint8Array, finish: (temporary: string) => Promise<T>): Promise<T> {
    return this.#gate(async () => {
      const temporary = join(this.#temporary, uniqueName());
      try {
        await this.#inFolder(temporary, () => this.#write(temporary, bytes));
        const result = await this.#inFolder(path, () => finish(temporary));
        if (this.#fsync) await syncFolder(dirname(path));
        return result;
      } catch (error) {
        await unlink(temporary).catch(() => undefined);
        throw error;
      }
    });
  }

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    const file = await open(path, 'wx', FILE_MODE);
    try {
      await file.writeFile(bytes);
      if (this.#fsync) await file.sync();
    } finally {
      await file.close();
    }
  }

  /** Folders are made when one is missing: an empty one is removed at any time, and people delete a cache in use. */
  async #inFolder<T>(path: string, work: () => Promise<T>): Promise<T> {
    for (let retries = 0; ; retries += 1) {
      try {
        if (retries > 0) await this.makeFolder(dirname(path));
        return await work();
      } catch (error) {
        // A folder that goes while those in it are made looks like one that is none.
        if (retries === RETRIES || !hasCode(error, 'ENOENT', 'ENOTDIR', 'EEXIST')) throw error;
      }
    }
  }
}

/** No two are the same, in this process or another: a name that two share would mix what they write. */
const uniqueName = (): string => `${process.pid}-${randomBytes(9).toString('hex')}`;

async function readWhole(path: string, limit: number): Promise<FileContent | 'unfit'> {
  const file = await open(path, constants.O_RDONLY | WITH_CARE);
  try {
    const stats = await file.stat();
    if (!stats.isFile() || stats.size > limit) return 'unfit';
    const bytes = new Uint8Array(stats.size);
    for (let at = 0; at < bytes.byteLength; ) {
      const { bytesRead } = await file.read(bytes, at, bytes.byteLength - at, at);
      // It was cut meanwhile, and what is missing shows as damage.
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return { bytes, changedMs: stats.mtimeMs };
  } finally {
    await file.close();
  }
}

/**
 * Gives a file a second name; false where that name is taken. Disks of some kinds know no second names, and a copy may
 * be seen before it is whole: it is damaged then, and is made anew.
 */
async function linkOrCopy(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to).catch(async (error: unknown) => {
      if (!hasCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK')) throw error;
      await copyFile(from, to, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Windows refuses to rename or remove what another process has open just now, a virus scanner for example. */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let retries = 0; ; retries += 1) {
    try {
      return await work();
    } catch (error) {
      if (retries === RETRIES || !hasCode(error, 'EPERM', 'EBUSY', 'EACCES')) throw error;
      await wait(FIRST_WAIT_MS * 2 ** retries);
    }
  }
}

/** A new name is safe only once its folder is on the disk. Windows does not open folders, and needs none of this. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!hasCode(error, 'EPERM', 'EISDIR', 'EINVAL', 'EACCES')) throw error;
  }
}

/** An error of the system is told by its code, as it may be of another realm. */
const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  codes.includes(String((error as { readonly code?: unknown } | undefined)?.code));
