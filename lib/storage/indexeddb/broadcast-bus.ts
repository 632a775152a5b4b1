/** A bus between the tabs and workers of one origin in a browser. */
import type { InvalidationBus } from '../../api/bus.js';
import { CacheError } from '../../api/errors.js';

/**
 * Carries what is deleted or replaced to the other tabs, by a BroadcastChannel. The browser loses no message, so that
 * nothing has to be made good.
 */
export class BroadcastBus implements InvalidationBus {
  readonly #name: string;
  #channel: BroadcastChannel | undefined;

  /** @param name of the channel. @default 'axios-client-cache' */
  constructor(name = 'axios-client-cache') {
    this.#name = name;
  }

  publish(message: string): Promise<void> {
    return settled(() => { this.#open().postMessage(message); });
  }

  subscribe(onMessage: (message: string) => void): Promise<() => void> {
    return settled(() => this.#listen(onMessage));
  }

  #listen(onMessage: (message: string) => void): () => void {
    const channel = this.#open();
    const listener = ({ data }: MessageEvent): void => { onMessage(String(data)); };
    channel.addEventListener('message', listener);
    return () => {
      channel.removeEventListener('message', listener);
      channel.close();
      this.#channel = undefined;
    };
  }

  #open(): BroadcastChannel {
    if (typeof BroadcastChannel === 'undefined') {
      throw new CacheError('ERR_CACHE_STORAGE', 'BroadcastBus: there is no BroadcastChannel here');
    }
    this.#channel ??= unrefed(new BroadcastChannel(this.#name));
    return this.#channel;
  }
}

/** What throws rejects. */
const settled = <T>(work: () => T): Promise<T> => new Promise((resolve) => { resolve(work()); });

/** In Node an open channel would keep the process alive. */
function unrefed(channel: BroadcastChannel): BroadcastChannel {
  (channel as { unref?: () => void }).unref?.();
  return channel;
}
