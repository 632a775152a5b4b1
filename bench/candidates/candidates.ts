/** All candidates, by the names that `--candidates` takes. */
import { axiosAlone, axiosReady } from './axios.js';
import { cacheableRequest } from './cacheable-request.js';
import type { Candidate } from './candidate.js';
import { interceptor, interceptorClone } from './interceptor.js';
import { makeFetchHappen } from './make-fetch-happen.js';
import { ours, oursFrozen, oursHeard, oursNodeSqlite, oursSqlite3, oursTraced } from './ours.js';
import { undici } from './undici.js';

export const CANDIDATES = {
  'axios-ready': axiosReady,
  axios: axiosAlone,
  ours,
  'ours-frozen': oursFrozen,
  'ours-heard': oursHeard,
  'ours-traced': oursTraced,
  'ours-sqlite3': oursSqlite3,
  'ours-node-sqlite': oursNodeSqlite,
  interceptor,
  'interceptor-clone': interceptorClone,
  undici,
  'cacheable-request': cacheableRequest,
  'make-fetch-happen': makeFetchHappen,
} as const satisfies Readonly<Record<string, Candidate>>;

export type CandidateName = keyof typeof CANDIDATES;

/** The order is that of the tables. */
export const CANDIDATE_NAMES = Object.keys(CANDIDATES) as readonly CandidateName[];
