/** This file tells of a request to those who trace it: the channel `axios-client-cache:request`, and OpenTelemetry. */
import type { CacheInfo } from '../api/response.js';
import { withoutRequest } from '../events.js';
import type { CacheSession, TracedRequest } from '../session.js';
import type { MaybePromise } from '../support/maybe-promise.js';
import { tracingChannel } from '../support/tracing.js';
import { owns } from '../support/owns.js';

/** It is what the subscribers of the channel are given: no key, no body and no credential stands in it. */
type ChannelRequest = Pick<TracedRequest, 'method' | 'url' | 'info' | 'error'>;

const channel = tracingChannel<ChannelRequest>('axios-client-cache:request');

/** Tells whether anybody traces the requests of this session, so that they have to be described. */
export const isTraced = ({ tracers }: CacheSession): boolean => tracers !== undefined || channel?.isHeard === true;

/**
 * Makes a request for all who trace it. `ended` gives what is known of it in the end, whether or not it got an answer.
 */
export function traced<T>(
  { tracers = [] }: CacheSession,
  described: Pick<TracedRequest, 'method' | 'url'>,
  make: () => MaybePromise<T>,
  ended: () => { readonly info: CacheInfo; readonly savedBytes: number },
): MaybePromise<T> {
  const request: TracedRequest = { ...described, info: undefined, savedBytes: 0 };
  const known = (): MaybePromise<T> => completed(request, make, ended);
  const own = channel?.isHeard === true ? onChannel(described, known, request) : known;
  return tracers.reduce((inner, tracer) => () => tracer(request, inner), own)();
}

/** Completes the description before anybody is told that the request has ended. */
function completed<T>(
  request: TracedRequest,
  make: () => MaybePromise<T>,
  ended: () => { readonly info: CacheInfo; readonly savedBytes: number },
): MaybePromise<T> {
  const fail = (error: unknown): never => {
    Object.assign(request, ended(), { error: withoutRequest(error) });
    throw error;
  };
  const succeed = (value: T): T => {
    Object.assign(request, ended());
    return value;
  };
  let answer: MaybePromise<T>;
  try {
    answer = make();
  } catch (error) {
    return fail(error);
  }
  return answer instanceof Promise ? answer.then(succeed, fail) : succeed(answer);
}

const onChannel =
  <T>(
    { method, url }: Pick<TracedRequest, 'method' | 'url'>,
    make: () => MaybePromise<T>,
    request: TracedRequest,
  ): (() => MaybePromise<T>) =>
  () =>
    channel === undefined
      ? make()
      : channel.trace<T>({ method, url, info: undefined }, make, (call, outcome) => {
          call.info = request.info;
          if (owns(outcome, 'failure')) call.error = request.error;
        });
