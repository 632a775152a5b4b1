import axios, { type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios';

/** The adapter of axios that has this name; `undefined` where the environment has none, for which axios throws. */
export function builtInAdapter(name: string, config?: InternalAxiosRequestConfig): AxiosAdapter | undefined {
  try {
    return axios.getAdapter(name, config);
  } catch {
    return undefined;
  }
}
