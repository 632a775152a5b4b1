/** What stands in browser builds for what only Node can use: it has the same exports of the same types. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './support/root.js';
import * as dialectTwin from '../lib/axios/native/dialect.browser.js';
import * as dialect from '../lib/axios/native/dialect.js';
import * as followTwin from '../lib/axios/redirects/follow.browser.js';
import * as follow from '../lib/axios/redirects/follow.js';
import * as seenTwin from '../lib/axios/redirects/seen.browser.js';
import * as seen from '../lib/axios/redirects/seen.js';
import * as watchTwin from '../lib/axios/redirects/watch.browser.js';
import * as watch from '../lib/axios/redirects/watch.js';
import * as certificatesTwin from '../lib/axios/request/certificates.browser.js';
import * as certificates from '../lib/axios/request/certificates.js';
import * as httpDataTwin from '../lib/axios/respond/http-data.browser.js';
import * as httpData from '../lib/axios/respond/http-data.js';
import * as httpRequestTwin from '../lib/axios/respond/http-request.browser.js';
import * as httpRequest from '../lib/axios/respond/http-request.js';
import * as nodeStreamsTwin from '../lib/axios/send/node-streams.browser.js';
import * as nodeStreams from '../lib/axios/send/node-streams.js';
import * as storeChainTwin from '../lib/engine/storing/store-chain.browser.js';
import * as storeChain from '../lib/engine/storing/store-chain.js';
import * as suggestTwin from '../lib/options/suggest.browser.js';
import * as suggest from '../lib/options/suggest.js';
import * as platformTwin from '../lib/support/platform.browser.js';
import * as platform from '../lib/support/platform.js';
import * as tracingTwin from '../lib/support/tracing.browser.js';
import * as tracing from '../lib/support/tracing.js';

/** A class as its users see it: its private members belong to no other class. */
type Seen<T> = T extends abstract new (...given: infer Given) => infer Instance
  ? new (...given: Given) => Pick<Instance, keyof Instance>
  : T;
type Exports<T> = { readonly [Name in keyof T]: Seen<T[Name]> };

/** The type checker refuses a twin that could not be used in the place of its file. */
const pair = <T>(path: string, file: T, twin: Exports<T>) => [path, file, twin] as const;

const PAIRS = [
  pair('axios/native/dialect', dialect, dialectTwin),
  pair('axios/redirects/follow', follow, followTwin),
  pair('axios/redirects/seen', seen, seenTwin),
  pair('axios/redirects/watch', watch, watchTwin),
  pair('axios/request/certificates', certificates, certificatesTwin),
  pair('axios/respond/http-data', httpData, httpDataTwin),
  pair('axios/respond/http-request', httpRequest, httpRequestTwin),
  pair('axios/send/node-streams', nodeStreams, nodeStreamsTwin),
  pair('engine/storing/store-chain', storeChain, storeChainTwin),
  pair('options/suggest', suggest, suggestTwin),
  pair('support/platform', platform, platformTwin),
  pair('support/tracing', tracing, tracingTwin),
];

test('each twin in lib/ is compared here', () => {
  const twins = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.browser.ts'));
  expect(twins.sort()).toEqual(PAIRS.map(([path]) => `${path}.browser.ts`).sort());
});

test.each(PAIRS)('%s has the same exports in browsers', (_path, file, twin) => {
  expect(Object.keys(twin).sort()).toEqual(Object.keys(file as object).sort());
});
