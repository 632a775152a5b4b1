/**
 * Recordings that are replayed: whatever the file is, a request has a recorded answer or an error of axios that says why
 * not, no server is asked, and a file that is written anew gives the same.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios, { type AxiosRequestConfig, isAxiosError } from 'axios';
import { setupCache } from 'axios-client-cache';
import { HarStorage, recordReplay } from 'axios-client-cache/testing';
import { isCacheError } from '../../../lib/api/errors.js';
import { harTexts } from './har.js';
import { described, target } from '../target.js';

const folder = mkdtempSync(join(tmpdir(), 'proof-fuzz-'));
process.on('exit', () => { rmSync(folder, { recursive: true, force: true }); });
const file = join(folder, 'the.har');

const REQUESTS: readonly AxiosRequestConfig[] = [
  { method: 'post', url: 'https://api.test/a?b=1', data: 'abc', headers: { 'Content-Type': 'text/plain' } },
  { method: 'get', url: 'https://api.test/a', params: { b: 1 } },
];
const REFUSALS = ['ERR_CACHE_NOT_RECORDED', 'ERR_CACHE_RECORD'];

/** What is given to a caller, as a text; what is wrong is thrown. */
async function answersOf(storage: HarStorage): Promise<string> {
  let isAsked = false;
  const instance = axios.create({
    validateStatus: null,
    adapter: (config) => {
      isAsked = true;
      return Promise.resolve({ data: '', status: 200, statusText: '', headers: {}, config });
    },
  });
  const http = setupCache(instance, recordReplay(storage, 'replay'));
  const answers: unknown[] = [];
  for (const request of REQUESTS) {
    try {
      const { status, headers, data } = await http.request<unknown>(request);
      answers.push([status, { ...headers, age: '' }, data]);
    } catch (error) {
      if (!isAxiosError(error) || !REFUSALS.includes(String(error.code))) {
        throw new Error(described(error), { cause: error });
      }
      answers.push(error.code);
    }
  }
  if (isAsked) throw new Error('a server is asked');
  return JSON.stringify(answers);
}

/** True where it is written: what is no HAR is not. */
async function isFinished(storage: HarStorage): Promise<boolean> {
  try {
    await storage.finish();
    return true;
  } catch (error) {
    if (!isCacheError(error) || error.code !== 'ERR_CACHE_RECORD') throw error;
    return false;
  }
}

/** axios reads the stack of each error, which takes longer here than all else. */
async function faultOf(text: string): Promise<string | undefined> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return await faultOfFile(text);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

async function faultOfFile(text: string): Promise<string | undefined> {
  writeFileSync(file, text);
  const storage = new HarStorage(file);
  const first = await answersOf(storage);
  const isWritten = await isFinished(storage);
  await storage.close();
  if (!isWritten) return undefined;
  const again = await answersOf(new HarStorage(file));
  return again === first ? undefined : `it gave ${first}, and once written ${again}`;
}

export const recordings = target<string>({
  name: 'recordings',
  inputs: harTexts,
  faultOf,
  // What is read of a text is told by the target of HAR files: here files are written.
  read: () => undefined,
  parts: [],
});
