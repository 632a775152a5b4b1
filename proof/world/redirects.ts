/** The URLs that lead elsewhere: where to at present, and what was told of that when. */
import { AxiosHeaders, type InternalAxiosRequestConfig } from 'axios';
import type { Source } from './resources.js';

/** A redirect, as it was told to one request. */
export interface Lead {
  readonly source: number;
  /** A path, of a resource or of another source. */
  readonly to: string;
  readonly sentAt: number;
  readonly madeAt: number;
  readonly sentMs: number;
  receivedMs: number | undefined;
  receivedAt: number | undefined;
}

/** What the adapter tells of redirects: each of them and the last URL, or none and not even that. */
export type Tells = 'redirects' | 'nothing';

export const ORIGIN = 'http://origin.test';

export const sourceIn = (url = ''): number | undefined => {
  const [, source] = /\/m(\d)/.exec(url) ?? [];
  return source === undefined ? undefined : Number(source);
};

export class Redirects {
  readonly leads: Lead[] = [];
  readonly #sources: readonly Source[];
  readonly #to: string[];

  constructor(sources: readonly Source[]) {
    this.#sources = sources;
    this.#to = sources.map(({ to }) => to);
  }

  /** A source leads to those before it alone, so that none leads around in a circle. */
  retarget(source: number, to: string): void {
    if ((sourceIn(to) ?? -1) < source) this.#to[source] = to;
  }

  /** What is told now to a request of a source; `undefined` for other URLs. */
  lead(config: InternalAxiosRequestConfig, sent: { at: number; ms: number }, madeAt: number): Lead | undefined {
    const source = sourceIn(config.url);
    const to = source === undefined ? undefined : this.#to[source];
    if (source === undefined || to === undefined) return undefined;
    const lead = { source, to, sentAt: sent.at, madeAt, sentMs: sent.ms, receivedMs: undefined, receivedAt: undefined };
    this.leads.push(lead);
    return lead;
  }

  /** The request that follows, as axios' http adapter makes it; what is told `beforeRedirect` may stop it. */
  follow(config: InternalAxiosRequestConfig, { source, to }: Lead): InternalAxiosRequestConfig {
    const { status, cacheControl } = this.#sources[source] as Source;
    const said = { location: to, ...(cacheControl === undefined ? {} : { 'cache-control': cacheControl }) };
    const options = {
      href: `${ORIGIN}${to}`,
      method: (config.method ?? 'get').toUpperCase(),
      headers: { ...config.headers.toJSON() } as Record<string, string>,
    };
    const sent = { headers: options.headers, url: `${ORIGIN}${config.url}`, method: options.method };
    config.beforeRedirect?.(options, { headers: said, statusCode: status }, sent);
    return Object.assign(Object.create(config) as InternalAxiosRequestConfig, { url: to, headers: new AxiosHeaders(options.headers) });
  }
}
