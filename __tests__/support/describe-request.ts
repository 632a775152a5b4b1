/** What an adapter does to describe a request, in one call, with the session's defaults. */
import { AxiosHeaders, type InternalAxiosRequestConfig } from 'axios';
import type { AxiosRequest, RequestContext } from '../../lib/axios/request/axios-request.js';
import { buildUrl } from '../../lib/axios/request/build-url.js';
import { describeRequest } from '../../lib/axios/request/key.js';
import { textOfResource } from '../../lib/entries/addresses.js';
import { normaliseUrl } from '../../lib/axios/request/url.js';
import { credentialTest } from '../../lib/options/credentials.js';
import { policyFor, type RequestPolicy } from '../../lib/options/policy.js';
import { resolveOptions } from '../../lib/options/resolve.js';
import { secretParams } from '../../lib/options/secrets.js';
import { createDigest } from '../../lib/support/digest.js';

export const digest = createDigest('a secret for tests');

export interface Given {
  readonly options?: Partial<RequestContext['options']>;
  readonly policy?: Partial<RequestPolicy>;
}

/** An adapter's config: null prototype, AxiosHeaders, everything else as given. */
export function configOf(given: object): InternalAxiosRequestConfig {
  const { headers, ...rest } = given as { headers?: Record<string, string> };
  const config = { method: 'get', ...rest, headers: new AxiosHeaders(headers) };
  return Object.assign(Object.create(null) as object, config) as InternalAxiosRequestConfig;
}

/** A promise only where describing the request takes one. */
export function describedAtOnce(config: object, { options, policy }: Given = {}): AxiosRequest | Promise<AxiosRequest> {
  const full = configOf(config);
  const raw = buildUrl(full);
  const redactedParams = secretParams([]);
  const own = { ...policyFor(resolveOptions({}), 'http://api.test/', undefined), ...policy };
  const socketPath = full.socketPath ?? undefined;
  const rules = { ignoredParams: own.ignoredParams, redactedParams, digest, socketPath };
  const normalUrl = normaliseUrl(raw ?? 'no url:', rules);
  if (normalUrl === undefined) throw new TypeError(`Not a URL that is cached: ${raw}`);
  const target = {
    href: normalUrl.url,
    normalUrl,
    resource: textOfResource(normalUrl.keyUrl),
    rules,
    policy: own,
    latestKey: undefined,
  };
  const isCredential = credentialTest([]);
  const session = { isCredential, partition: 'credentials' as const, shared: false, redactedParams, ...options };
  const text = (value: string): string => digest.text(value);
  const ofAnybody = { digest: text, isAnswered: () => false };
  const ofNamed = { digest: text, isAnswered: isCredential };
  const address = (text: string): string => text;
  const addressOfKey = (start: string, rest: string): string => start + rest;
  const common = { digest, records: false, address, addressOfKey };
  const context = { options: session, ...common, ofAnybody, ofNamed };
  return describeRequest(full, target, context, { dialect: undefined, follows: true });
}

export const described = async (config: object, given: Given = {}): Promise<AxiosRequest> =>
  describedAtOnce(config, given);
export const keyOf = async (config: object, given: Given = {}): Promise<string> => (await described(config, given)).key;
