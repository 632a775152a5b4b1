/** `ui`: a local page to look into a storage with, until the command is ended. */
import { once } from 'node:events';
import axios from 'axios';
import { type CacheManager, setupCache } from 'axios-client-cache';
import { UsageError } from '../faults.js';
import { listed } from '../listing.js';
import { type Opened, type OpenOptions, openStorage } from '../open.js';
import type { Output } from '../output.js';
import { findBy } from '../transfer.js';
import { answersOf } from '../ui/answers.js';
import { openBrowser } from '../ui/open-browser.js';
import { startServer } from '../ui/server.js';

export interface UiOptions extends OpenOptions {
  readonly port?: string | number | undefined;
  readonly open?: boolean | undefined;
  readonly readOnly?: boolean | undefined;
}

/** @returns the exit code 0, once the command is interrupted and the storage closed. */
export async function ui(given: string, options: UiOptions, output: Output): Promise<number> {
  const port = portOf(options.port);
  const ended = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const opened = await openStorage(given, { namespace: options.namespace });
  let isChanged = false;
  try {
    const onChange = (): void => { isChanged = true; };
    await isThere(opened);
    const answers = answersOf(opened, await managerOf(opened), { readOnly: options.readOnly === true, onChange });
    const server = await startServer(answers, port);
    if (output.isJson) output.json({ url: server.url });
    else output.line(`${opened.place} is shown at\n${server.url}\nCtrl+C ends it.`);
    if (options.open === true) openBrowser(server.url);
    await ended;
    await server.close();
    return 0;
  } finally {
    // A file of requests is written anew only where something in it was changed.
    await opened.close({ finish: isChanged });
  }
}

/** Storages connect late: what is wrong with one is to be told here, and not in the page. */
async function isThere({ storage }: Opened): Promise<void> {
  for await (const _first of listed(storage)) return;
}

function portOf(given: string | number = 0): number {
  const port = Number(given);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new UsageError('--port takes a number up to 65535.');
  return port;
}

/** Gives a manager of the storage: that of a module, or one of a cache without options. */
async function managerOf({ storage, manager }: Opened): Promise<CacheManager> {
  return manager ?? (await findBy(storage)) ?? setupCache(axios.create(), { storage }).cache;
}
