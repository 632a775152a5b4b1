/** This file tells instances of axios from other things, and from what tests put in their place. */
import type { AxiosInstance } from 'axios';
import axios from './library.js';

type Members = Readonly<Record<string, unknown>>;

const membersOf = (value: unknown): Members => (value ?? {}) as Members;

/** Tells an instance of any copy of axios, and an object of a class that extends its class `Axios`. */
export function isInstance(value: unknown): value is AxiosInstance {
  const { defaults, interceptors, request } = membersOf(value);
  const { handlers } = membersOf(membersOf(interceptors)['request']);
  return typeof defaults === 'object' && typeof request === 'function' && Array.isArray(handlers);
}

/** Tells an axios that lacks what this package needs, and is none that a test has made. */
export const isTooOld = (): boolean =>
  (axios.getAdapter as unknown) === undefined && typeof (axios.VERSION as unknown) === 'string';

/**
 * Tells what a test uses in place of an instance: anything at all where axios itself is replaced, or has a `create`
 * that is; otherwise what can make requests. It is no collection, such as a storage, which has a `get` too.
 */
export const isStandIn = (value: unknown): boolean =>
  !isWorking() || [membersOf(axios)['create'], value].some(isDouble) || METHODS.some((name) => requests(value, name));

const METHODS = ['request', 'get', 'post', 'put', 'patch', 'delete', 'head'] as const;

function requests(value: unknown, name: string): boolean {
  const { [name]: method, set } = membersOf(value);
  return isDouble(method) || (typeof method === 'function' && set === undefined);
}

/** Tells whether axios is what it says: then it hands a function back, as that is an adapter already. */
export function isWorking(): boolean {
  const adapter = (): Promise<never> => Promise.reject(new Error('no request is made'));
  try {
    return !isDouble(membersOf(axios)['getAdapter']) && axios.getAdapter(adapter) === adapter;
  } catch {
    return false;
  }
}

/** The functions that jest, vitest, Node's own runner and sinon put in place of others have one of these members. */
export const isDouble = (value: unknown): boolean =>
  typeof value === 'function' && ('mock' in value || 'isSinonProxy' in value);
