/** This file looks up the adapters that axios itself brings. */
import axios, { type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios';

/** Returns axios' adapter of this name. It is `undefined` where the environment has none, for which axios throws. */
export function builtInAdapter(name: string, config?: InternalAxiosRequestConfig): AxiosAdapter | undefined {
  try {
    return axios.getAdapter(name, config);
  } catch {
    return undefined;
  }
}
