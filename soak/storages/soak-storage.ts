/** What a soak needs to know of a storage. */
import type { CacheStorage } from 'axios-client-cache';

/** What storages of one kind are opened on. Its address is a text, as it goes to other processes. */
export interface SoakPlace {
  readonly address: string;
  /** What shows that the engine was damaged: names of what it has put aside. */
  damage(): Promise<readonly string[]>;
  /** Takes away what was made for the place. */
  remove(): Promise<void>;
}

export interface SoakStorage {
  /** Makes an empty place. */
  prepare(): Promise<SoakPlace>;
  /** A storage on a place, in any process. */
  open(address: string): CacheStorage | Promise<CacheStorage>;
  /** Loses some of what fences go by, as an engine that is short of memory does. */
  loseTokens?(address: string): Promise<void>;
}
