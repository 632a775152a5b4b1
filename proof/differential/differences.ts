/**
 * The ways in which a caller may see that there is a cache. Everything else is equal to axios alone, at the first call
 * and at the second. docs/reliability.md has this list, made by `npm run proof -- --docs`.
 */
import type { AxiosRequestConfig } from 'axios';

export interface Difference {
  /** The part of what a caller sees, as `seen.ts` names it. */
  readonly part: RegExp;
  /** Which call it is about: the second one may be a hit. */
  readonly at: 'both calls' | 'second call';
  /** Which requests it is about, where it is not about all. */
  readonly of?: (config: AxiosRequestConfig, withAxiosAlone: unknown) => boolean;
  /** In a sentence. */
  readonly what: string;
}

export const DIFFERENCES: readonly Difference[] = [
  {
    part: /^(error\.)?config\.adapter$/,
    at: 'both calls',
    what: '`config.adapter` is the adapter of the cache, which has the one that was named below it.',
  },
  {
    part: /^(error\.)?config\.headers\.(user-agent|accept-encoding|content-length|authorization)$/,
    at: 'both calls',
    what: '`config.headers` has what the caller and axios have set, and not what an adapter adds while it sends them.',
  },
  {
    part: /^(error\.)?config\.headers\.content-type$/,
    at: 'both calls',
    of: ({ data }) => data instanceof Blob,
    what: 'For that reason it has no `Content-Type` that only a `Blob` tells.',
  },
  {
    part: /^error\.code$/,
    at: 'both calls',
    of: (_config, withAxiosAlone) => withAxiosAlone === undefined,
    what: 'An error by `validateStatus` has a `code` with each axios; older copies alone leave it out below status 400.',
  },
  {
    part: /^headers\.(connection|keep-alive|transfer-encoding)$/,
    at: 'second call',
    what: 'A hit has no header fields of the connection, such as `Connection` and `Transfer-Encoding`.',
  },
  {
    part: /^request\./,
    at: 'second call',
    of: (_config, withAxiosAlone) => withAxiosAlone === undefined,
    what: 'The `request` of a hit has what those of all adapters have, and so may have more.',
  },
  {
    part: /^request\.res\.responseUrl$/,
    at: 'second call',
    what: 'The URL in the `request` of a hit has no user and password.',
  },
  {
    part: /^request\.(path|res\.responseUrl)$/,
    at: 'second call',
    of: ({ url = '' }) => /%[\da-f]*[a-f]/.test(url),
    what: 'Behind redirects that URL is in the normal form: sorted parameters, escapes in upper case, `***` for secrets.',
  },
  {
    part: /^request\.(path|res\.responseUrl)$/,
    at: 'second call',
    of: ({ url, params }) => url?.endsWith('?') === true && params !== undefined,
    what: 'That URL has `?&` where the URL of the request ends in `?` and `params` are added.',
  },
  {
    part: /^((request\.res\.)?status(Code|Text|Message)?|data|headers\.content-(length|range))$/,
    at: 'second call',
    of: ({ headers }) => headers?.['Range'] !== undefined,
    what: 'A range of what is stored is answered with 206, though the server may ignore `Range`.',
  },
  { part: /^headers\.age$/, at: 'second call', what: 'A hit has `Age`.' },
  {
    part: /^headers\.set-cookie$/,
    at: 'second call',
    what: 'A hit has `Set-Cookie` only where the server or the request itself gave the lifetime.',
  },
];
