/** What came of a request, in few words, even if nothing ever does. */
import type { AxiosError, AxiosResponse } from 'axios';

/** What takes longer, with nothing left that it could wait for, never ends. */
const LIMIT_MS = 4000;

export const NEVER = 'never settles';

/** `pending`, or `otherwise` when nothing has come of it in time. */
async function inTime<Value, Other>(pending: Promise<Value>, otherwise: Other): Promise<Other | Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Other>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), LIMIT_MS);
  });
  try {
    return await Promise.race([pending, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether something that must happen did. */
export const happens = (event: Promise<unknown>): Promise<boolean> =>
  inTime(
    event.then(() => true),
    false,
  );

/** A promise and what resolves it. */
export function signal(): { readonly given: Promise<void>; readonly give: () => void } {
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give };
}

export type View = (response: AxiosResponse) => unknown;

const dataOf: View = ({ data }) => data as unknown;
/** The data, with `cached` before it where the origin was not asked. */
export const withOrigin: View = ({ cached, data }) => `${cached === true ? 'cached' : 'asked'} ${String(data)}`;

/** Text of the failure: status or code, or what was thrown in its place. */
function failureOf(error: unknown): string {
  const { response, code, message } = error as Partial<AxiosError>;
  return `rejects ${String(response?.status ?? code ?? message ?? JSON.stringify(error))}`;
}

/** Watches a request from now on; what is returned gives what was seen of it, and waits no longer than the limit. */
export function watch(pending: Promise<AxiosResponse>, view: View = dataOf): () => Promise<unknown> {
  const seen = pending.then(view, failureOf);
  return () => inTime(seen, NEVER);
}

/** What is seen of one request. */
export const outcome = (pending: Promise<AxiosResponse>, view?: View): Promise<unknown> => watch(pending, view)();

/** What is seen of requests made one after another. */
export async function outcomes(
  requests: readonly (() => Promise<AxiosResponse>)[],
  view?: View,
): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for (const request of requests) all.push(await outcome(request(), view));
  return all;
}

/** What is seen of a request that is made again until it gives `wanted`, which work in the background may bring. */
export async function eventually(request: () => Promise<AxiosResponse>, wanted: unknown): Promise<unknown> {
  const end = performance.now() + LIMIT_MS;
  for (;;) {
    const seen = await outcome(request());
    if (seen === wanted || performance.now() > end) return seen;
    // A turn of the event loop: answers from memory alone would leave the background none.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** `request` so many times. */
export const times = <Request>(count: number, request: Request): Request[] => Array.from({ length: count }, () => request);
