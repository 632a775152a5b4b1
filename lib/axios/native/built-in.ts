/** This file looks up the adapters that axios itself brings. */
import type { AxiosAdapter, InternalAxiosRequestConfig } from 'axios';
import axios from './library.js';

/** Returns axios' adapter of this name. It is `undefined` where the environment has none, for which axios throws. */
export function builtInAdapter(name: string, config?: InternalAxiosRequestConfig): AxiosAdapter | undefined {
  try {
    return axios.getAdapter(name, config);
  } catch {
    return undefined;
  }
}
