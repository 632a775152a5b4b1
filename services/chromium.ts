/** Where the Chromium is that pages are tested in, and how it gets onto a machine. */
import { isProgram, onPath } from './commands.js';

/** The one that the variable `CHROMIUM` names, else the first of its usual names on PATH. */
export function findChromium(): string | undefined {
  const named = process.env['CHROMIUM'];
  if (named !== undefined && named !== '') return isProgram(named) ? named : undefined;
  return onPath('chromium', 'chromium-browser', 'google-chrome');
}

/** Why there is none; undefined where there is one. */
export function missingChromium(): string | undefined {
  if (findChromium() !== undefined) return undefined;
  const named = process.env['CHROMIUM'];
  const where = named === undefined || named === '' ? 'on PATH' : `at ${named} (CHROMIUM)`;
  return `there is no Chromium ${where} (as root on Debian: npm run services:install)`;
}
