/** `why`: makes one request, and tells whether a cache may keep the answer, for how long, and what stops it. */
import axios, { type AxiosResponse } from 'axios';
import { MemoryStorage, rfc9111, setupCache } from 'axios-client-cache';
import { ADVICE, remarksOn } from '../advice.js';
import { lineOf, shownUrl, UsageError } from '../faults.js';
import { duration, size } from '../format.js';
import { wordsOf } from '../lifetime.js';
import { harmless, type Output } from '../output.js';
import { fieldValue, noFields } from '../../rfc9111/fields.js';
import type { ExpirySource, NotStoredReason } from '../../rfc9111/model.js';

export interface WhyOptions {
  readonly method?: string | undefined;
  /** `Name: value`, once or several times. */
  readonly header?: string | readonly string[] | undefined;
}

interface Verdict {
  readonly url: string;
  readonly status: number;
  readonly bytes: number;
  readonly stored: boolean;
  readonly notStored: NotStoredReason | undefined;
  readonly expirySource: ExpirySource | undefined;
  /** Seconds; null: no end. */
  readonly ttl: number | null | undefined;
  readonly verdict: string;
  readonly because: string;
  readonly server: string | undefined;
  readonly caller: string | undefined;
  readonly remarks: readonly string[];
}

/** So long the server may take, in milliseconds. */
const PATIENCE_MS = 30_000;

/** @returns the exit code: 1 where the answer may not be stored. */
export async function why(url: string, options: WhyOptions, output: Output): Promise<number> {
  const response = await ask(/^\w+:\/\//.test(url) ? url : `https://${url}`, options);
  const verdict = judge(response);
  if (output.isJson) output.json(verdict);
  else write(verdict, response, output);
  return verdict.stored ? 0 : 1;
}

async function ask(url: string, { method = 'GET', header = [] }: WhyOptions): Promise<AxiosResponse<ArrayBuffer>> {
  const http = setupCache(axios.create(), { ...rfc9111, storage: new MemoryStorage(), maxEntryBytes: Infinity });
  try {
    return await http.request<ArrayBuffer, AxiosResponse<ArrayBuffer>>({
      url,
      method,
      headers: Object.fromEntries([header].flat().map(parseHeader)),
      responseType: 'arraybuffer',
      validateStatus: null,
      timeout: PATIENCE_MS,
    });
  } catch (error) {
    throw new UsageError(`${shownUrl(url)}: ${lineOf(error)}`);
  } finally {
    await http.cache.close();
  }
}

function parseHeader(line: string): [string, string] {
  const [, name, value = ''] = /^\s*([^:\s]+)\s*:\s*(.*)$/.exec(line) ?? [];
  if (name === undefined) throw new UsageError(`--header takes "Name: value".`);
  return [name, value];
}

function judge(response: AxiosResponse<ArrayBuffer>): Verdict {
  const { cache, status, data } = response;
  const headers = Object.assign(noFields(), JSON.parse(JSON.stringify(response.headers))) as Record<string, string>;
  const ttl = cache?.ttl;
  const facts = {
    url: cache?.url ?? '',
    status,
    bytes: data.byteLength,
    stored: cache?.stored === true,
    notStored: cache?.notStored,
    expirySource: cache?.expirySource,
    ttl: ttl === Infinity ? null : ttl,
  };
  const remarks = facts.stored ? remarksOn(headers) : [];
  if (!facts.stored) {
    const advice = (facts.notStored && ADVICE[facts.notStored]) ?? { because: `of the reason ${facts.notStored ?? '?'}.` };
    const verdict = 'A cache may not keep this answer:';
    return { ...facts, verdict, server: undefined, caller: undefined, ...advice, remarks };
  }
  return { ...facts, ...howLong(headers, facts.ttl, facts.expirySource), remarks };
}

type Words = Pick<Verdict, 'verdict' | 'because' | 'server' | 'caller'>;

function howLong(
  headers: Readonly<Record<string, string>>,
  ttl: number | null | undefined,
  source: ExpirySource | undefined,
): Words {
  const seconds = ttl ?? Infinity;
  if (seconds <= 0) return eachTime(headers);
  return source === 'response' ? forALifetime(headers, seconds) : byAGuess(seconds);
}

const byAGuess = (seconds: number): Words => ({
  verdict: `A cache may keep this answer, and guess how long: ${duration(seconds * 1000)}.`,
  because: 'The server gives no lifetime; a tenth of the time since Last-Modified is usual (RFC 9111 section 4.2.2).',
  server: 'Send `Cache-Control: max-age=…`, so that nobody has to guess.',
  caller: "An `expireAfter`, such as `cache: '5m'`, counts in place of the guess.",
});

function eachTime(headers: Readonly<Record<string, string>>): Words {
  const words = wordsOf(headers);
  const validator = headers['etag'] === undefined ? 'Last-Modified' : 'ETag';
  const said = words === undefined ? 'The server gives no lifetime' : `The response says ${words}`;
  return {
    verdict: 'A cache may keep this answer, and has to ask each time whether it still holds.',
    because: `${said}; by its ${validator} a 304 without a body can answer.`,
    server: 'A lifetime, `Cache-Control: max-age=…`, would save these requests.',
    caller: words === undefined ? "An `expireAfter`, such as `cache: '5m'`, would save these requests." : undefined,
  };
}

function forALifetime(headers: Readonly<Record<string, string>>, seconds: number): Words {
  const age = Number(fieldValue(headers, 'age') ?? 0);
  const spent = age > 0 ? `, of which ${duration(age * 1000)} have passed in a cache on the way` : '';
  return {
    verdict: `A cache may keep this answer, fresh for ${duration(seconds * 1000)}.`,
    because: `The response says ${wordsOf(headers) ?? 'so'}${spent}.`,
    server: undefined,
    caller: undefined,
  };
}

function write(verdict: Verdict, response: AxiosResponse, output: Output): void {
  const { bold, dim, green, red } = output.colours;
  const { url, status, bytes, stored, because, server, caller, remarks } = verdict;
  output.line(bold(harmless(`${url}  ${status} ${response.statusText}, ${size(bytes)}`)));
  output.line();
  output.line(harmless(`${(stored ? green : red)(verdict.verdict)} ${because}`));
  if (server !== undefined) output.line(`  server: ${server}`);
  if (caller !== undefined) output.line(`  caller: ${caller}`);
  for (const remark of remarks) output.line(harmless(`  ${dim('note:')} ${remark}`));
  output.line();
  for (const name of ['cache-control', 'expires', 'etag', 'last-modified', 'vary', 'age', 'date']) {
    const value = (response.headers as Readonly<Record<string, unknown>>)[name];
    if (typeof value === 'string') output.line(harmless(`  ${dim(`${name}:`)} ${value}`));
  }
}
