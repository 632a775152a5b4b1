/** What an adapter does to describe a request, in one call, with the session's defaults. */
import { AxiosHeaders, type InternalAxiosRequestConfig } from 'axios';
import {
  type DescribedRequest,
  describeRequest,
  type RequestContext,
  resourceOf,
} from '../../lib/axios/request/key.js';
import { buildUrl } from '../../lib/axios/request/build-url.js';
import { normaliseUrl } from '../../lib/axios/request/url.js';
import { createDigest } from '../../lib/support/digest.js';
import { DEFAULTS } from '../../lib/options/resolve.js';

export const digest = createDigest('a secret for tests');

export interface Given {
  readonly options?: Partial<RequestContext['options']>;
  readonly policy?: Partial<RequestContext['policy']>;
}

/** An adapter's config: null prototype, AxiosHeaders, everything else as given. */
export function configOf(given: object): InternalAxiosRequestConfig {
  const { headers, ...rest } = given as { headers?: Record<string, string> };
  const config = { method: 'get', ...rest, headers: new AxiosHeaders(headers) };
  return Object.assign(Object.create(null) as object, config) as InternalAxiosRequestConfig;
}

export async function described(config: object, { options, policy }: Given = {}): Promise<DescribedRequest> {
  const full = configOf(config);
  const ignoredParams = policy?.ignoredParams ?? new Set<string>();
  const raw = buildUrl(full);
  const { redactedParams, credentialHeaders } = DEFAULTS;
  const socketPath = full.socketPath ?? undefined;
  const normalUrl = normaliseUrl(raw ?? 'no url:', { ignoredParams, redactedParams, digest, socketPath });
  if (normalUrl === undefined) throw new TypeError(`Not a URL that is cached: ${raw}`);
  return describeRequest(full, {
    options: { credentialHeaders, partition: 'credentials', shared: false, ...options },
    policy: { cacheControl: true, includeHeaders: [], key: undefined, partition: undefined, ...policy, ignoredParams },
    normalUrl,
    resource: resourceOf(normalUrl),
    digest,
  });
}

export const keyOf = async (config: object, given: Given = {}): Promise<string> => (await described(config, given)).key;
