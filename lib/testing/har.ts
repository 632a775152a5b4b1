/** The part of HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec) that is read and written here. */
import { CacheError } from '../api/errors.js';
import { isPlainObject } from '../support/plain-object.js';

export interface HarField {
  readonly name: string;
  readonly value: string;
}

export interface HarEntry {
  readonly startedDateTime: string;
  /** In milliseconds. */
  readonly time: number;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly httpVersion: string;
    readonly headers: readonly HarField[];
    readonly queryString: readonly HarField[];
    readonly cookies: readonly [];
    readonly headersSize: number;
    readonly bodySize: number;
    readonly postData?: { readonly mimeType: string; readonly text: string } | undefined;
  };
  readonly response: {
    readonly status: number;
    readonly statusText: string;
    readonly httpVersion: string;
    readonly headers: readonly HarField[];
    readonly cookies: readonly [];
    readonly content: HarContent;
    readonly redirectURL: string;
    readonly headersSize: number;
    readonly bodySize: number;
  };
  readonly cache: object;
  readonly timings: { readonly send: number; readonly wait: number; readonly receive: number };
}

export interface HarContent {
  readonly size: number;
  readonly mimeType: string;
  readonly text?: string | undefined;
  readonly encoding?: 'base64' | undefined;
  /** The name of a file beside the HAR, as Playwright writes it. */
  readonly _file?: string | undefined;
}

/** What a file holds, as it was read: entries that are not understood are kept as they are. */
export interface HarFile {
  readonly log: { readonly entries: readonly unknown[] } & Readonly<Record<string, unknown>>;
}

export const emptyHar = (): HarFile => ({
  log: { version: '1.2', creator: { name: 'axios-client-cache', version: '1' }, entries: [] },
});

/**
 * Reads the text of a file.
 * @throws CacheError `ERR_CACHE_RECORD` where it is none of HAR.
 */
export function parseHar(text: string, file: string): HarFile {
  let har: unknown;
  try {
    // Some tools write a byte order mark.
    har = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new CacheError('ERR_CACHE_RECORD', `${file} is no HAR file: it is not JSON.`, { cause });
  }
  const log = isPlainObject(har) ? har['log'] : undefined;
  if (!isPlainObject(log) || !Array.isArray(log['entries'])) {
    throw new CacheError('ERR_CACHE_RECORD', `${file} is no HAR file: it has no log.entries.`);
  }
  return har as HarFile;
}

/** True for an entry with an answer: browsers also write requests that were blocked, aborted or answered by nobody. */
export function isAnswered(entry: unknown): entry is HarEntry {
  if (!isPlainObject(entry)) return false;
  const { request, response } = entry;
  if (!isPlainObject(request) || !isPlainObject(response)) return false;
  const isKnown = typeof request['method'] === 'string' && /^https?:/i.test(String(request['url']));
  const { status } = response;
  return isKnown && typeof status === 'number' && status >= 200 && status !== 304 && isPlainObject(response['content']);
}

/** Gives the fields by their names in lower case; what came several times is a list. */
export function fieldsOf(list: unknown): Record<string, string | readonly string[]> {
  const fields = Object.create(null) as Record<string, string | readonly string[]>;
  for (const each of Array.isArray(list) ? (list as unknown[]) : []) {
    if (!isPlainObject(each) || typeof each['name'] !== 'string' || typeof each['value'] !== 'string') continue;
    const name = each['name'].toLowerCase();
    // HTTP/2 has these in place of the first line.
    if (name.startsWith(':')) continue;
    const former = fields[name];
    // Browsers write several lines of one name as one value with line breaks.
    const values = each['value'].split('\n');
    const all = former === undefined ? values : [former, values].flat();
    fields[name] = all.length === 1 ? (all[0] ?? '') : all;
  }
  return fields;
}
