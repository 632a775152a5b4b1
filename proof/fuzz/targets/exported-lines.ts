/** Files of `export`, which `import` reads: entries that a storage takes, or one line about the first that is none. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { MemoryStorage } from 'axios-client-cache';
import { UsageError } from '../../../lib/cli/faults.js';
import { readLines } from '../../../lib/cli/ndjson.js';
import { textNear } from '../mutate.js';
import { target } from '../target.js';

const HEAD = JSON.stringify({ url: 'https://api.test/a', method: 'GET', status: 200, headers: [] });
const ENTRY = {
  key: 'k', resource: 'r', variant: '', revision: '1', tags: ['t'], createdAtMs: 1, expiresAtMs: null, purgeAtMs: 2e12,
  head: HEAD, body: 'YWJj',
};
const FILE = `${JSON.stringify({ secretDigest: 'abc' })}\n${JSON.stringify(ENTRY)}\n`;

const oddMember = fc.oneof(
  fc.constantFrom<unknown>(null, true, -1, 1e300, '', '__proto__', '\n', [], {}, [null], [[]], '\ud800', '===='),
  fc.jsonValue({ maxDepth: 1 }),
);
const changedLine = fc
  .array(fc.tuple(fc.constantFrom(...Object.keys(ENTRY)), oddMember), { maxLength: 3 })
  .map((changes) => `{"secretDigest":"abc"}\n${JSON.stringify({ ...ENTRY, ...Object.fromEntries(changes) })}\n`);

const folder = mkdtempSync(join(tmpdir(), 'proof-fuzz-'));
process.on('exit', () => { rmSync(folder, { recursive: true, force: true }); });
const file = join(folder, 'lines');

async function faultOf(text: string): Promise<string | undefined> {
  writeFileSync(file, text);
  const storage = new MemoryStorage();
  try {
    await readLines(file, storage);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
  }
  for await (const { head } of storage.entries()) if (typeof head !== 'string') return 'an entry has no head';
  return undefined;
}

export const exportedLines = target<string>({
  name: 'lines of export',
  inputs: fc.oneof(changedLine, textNear([FILE], ['"body"', 'null', '[]'])),
  faultOf,
  // A line is read as JSON, whose time is the platform's.
  read: () => undefined,
  parts: [],
});
