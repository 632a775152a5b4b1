/**
 * This is the one file that imports axios itself. All of it is read from the default export, which tests often replace
 * by an object with little in it: that must not keep this package from loading, as the module under test would not load
 * either.
 */
import * as library from 'axios';
import type { AxiosError as AnError, AxiosHeaders as SomeHeaders, AxiosStatic } from 'axios';

const axios = defaultOf(library);

export default axios;

export const { Axios, AxiosError, AxiosHeaders, CanceledError } = axios;
export type AxiosError = AnError;
export type AxiosHeaders = SomeHeaders;

/** A replaced module may have no default export, or throw where a name is read that it does not have. */
function defaultOf(module: { readonly default?: AxiosStatic }): AxiosStatic {
  try {
    return module.default ?? (module as AxiosStatic);
  } catch {
    return module as AxiosStatic;
  }
}
