/** The client under test: an axios instance with the cache as configured, or without one as a baseline. */
import axios, { type AxiosInstance } from 'axios';
import { openStorage, type StorageName } from './storages.js';

export const ADAPTERS = ['http', 'fetch'] as const;
export const OPTIONS = ['rfc9111', 'default', 'none'] as const;

export interface Configuration {
  readonly storage: StorageName;
  readonly adapter: (typeof ADAPTERS)[number];
  /** `none`: axios alone. */
  readonly options: (typeof OPTIONS)[number];
  readonly shared: boolean;
}

export interface Subject {
  readonly http: AxiosInstance;
  close(): Promise<void>;
}

export async function createSubject(configuration: Configuration): Promise<Subject> {
  const http = axios.create({ adapter: configuration.adapter, proxy: false });
  return configuration.options === 'none'
    ? { http, close: () => Promise.resolve() }
    : installCache(http, configuration);
}

/**
 * Imported late, so that the baseline runs without the library. `partition: false`: the suite thinks of one cache for
 * everybody, in which a Cookie on the second request changes nothing.
 */
async function installCache(
  instance: AxiosInstance,
  { storage: kind, options, shared }: Configuration,
): Promise<Subject> {
  const { setupCache, rfc9111 } = await import('../lib/index.js');
  const { storage, remove } = await openStorage(kind);
  const preset = options === 'rfc9111' ? rfc9111 : {};
  // What a slow engine leaves out says nothing about HTTP.
  const http = setupCache(instance, { ...preset, storage, shared, partition: false, storageTimeout: '30s' });
  const close = async (): Promise<void> => {
    await http.cache.close();
    await remove();
  };
  return { http, close };
}
