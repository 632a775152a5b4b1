/** Node's tracing channels: they tell what is under way to whoever subscribes, and cost next to nothing otherwise. */
import type { MaybePromise } from './maybe-promise.js';
import { nodeDiagnostics } from './platform.js';

/** What the subscribers of a channel are given: one object for each call, which grows while the call goes on. */
export interface TracedCall {
  /** What went wrong; it is absent where nothing did. */
  error?: unknown;
}

/** Two of Node's tracing events end a call that is there at once, `start` and `end`; four a call that takes time. */
export interface TracingChannel<Call extends TracedCall> {
  /** False: a call need not be described, since nobody would see it. */
  readonly isHeard: boolean;
  /**
   * Makes a call between the events of the channel. `finish` completes the description before the last event; it is
   * given what the call brought, or what it failed with.
   */
  trace<T>(call: Call, make: () => MaybePromise<T>, finish: (call: Call, ended: Ended<T>) => void): MaybePromise<T>;
}

export type Ended<T> = { readonly value: T } | { readonly failure: unknown };

/** Gives the tracing channel of that name; `undefined` where the platform has none. */
export function tracingChannel<Call extends TracedCall>(name: string): TracingChannel<Call> | undefined {
  const channel = nodeDiagnostics()?.tracingChannel<object, Call>(name);
  if (channel === undefined) return undefined;
  const { start, end, asyncStart, asyncEnd, error } = channel;

  return {
    get isHeard() {
      const isWaitedFor = asyncStart.hasSubscribers || asyncEnd.hasSubscribers;
      return start.hasSubscribers || end.hasSubscribers || isWaitedFor || error.hasSubscribers;
    },
    trace(call, make, finish) {
      const ended = (by: Parameters<typeof finish>[1], ...events: { publish(message: unknown): void }[]): void => {
        finish(call, by);
        for (const event of events) event.publish(call);
      };
      // Subscribers may bind a store to `start`, which holds for all that the call does.
      return start.runStores(call, () => {
        let answer;
        try {
          answer = make();
        } catch (failure) {
          ended({ failure }, error, end);
          throw failure;
        }
        if (!(answer instanceof Promise)) {
          ended({ value: answer }, end);
          return answer;
        }
        end.publish(call);
        return answer.then(
          (value) => {
            ended({ value }, asyncStart, asyncEnd);
            return value;
          },
          (failure: unknown) => {
            ended({ failure }, error, asyncStart, asyncEnd);
            throw failure;
          },
        );
      });
    },
  };
}
