/**
 * This file stands in for follow.ts in browsers, which do not show redirects, so that none is stored to be followed.
 */
import type { Follow, Followed } from './follow.js';
import type { AxiosRequest } from '../request/axios-request.js';
import type { Outcome } from '../../engine/exchange/outcome.js';

export const followBy = (): Follow => () => undefined;

export const followStored = (request: AxiosRequest, outcome: Outcome): Promise<Followed> =>
  Promise.resolve({ outcome, request, redirects: 0 });

export const redirectIn = (): string | undefined => undefined;
