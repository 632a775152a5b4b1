/** Programs that the machine has, and those that `npm run services:install` has put into the user's cache folder. */
import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

export const INSTALL = 'npm run services:install';

const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');

/** The folder that the installation keeps `name` in. */
export const cacheFolder = (name: string): string => join(cache, 'axios-client-cache', 'services', name);

/** The path of the first of these programs that is on PATH. */
export function onPath(...programs: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return programs.flatMap((program) => folders.map((folder) => join(folder, program))).find(isProgram);
}

export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
