/** A bus over Redis: what processes tell each other, by publish and subscribe. */
import { isCacheError } from '../../api/errors.js';
import { isUnawaited } from '../../support/user-promise.js';
import { adoptClient, type RedisLink } from './client.js';
import { RedisKeys } from './keys.js';
import { type RedisBusOptions, type RedisTarget, resolveBusOptions } from './options.js';
import { type OpenedClient, type OwnClient, ownClientOf, ownCopyOf } from './own-client.js';

/**
 * Tells the processes that share a namespace what one of them says. Redis keeps no messages: who is not connected never
 * hears them.
 *
 * @throws CacheError `ERR_CACHE_OPTION` from the constructor for an option that is unknown or wrong; `ERR_CACHE_DRIVER`
 * from the first call where the package redis is not installed.
 */
export class RedisBus {
  readonly #target: RedisTarget;
  readonly #channel: string;
  readonly #publisher: RedisLink;

  /** @param target the address of the server, or options. */
  constructor(target?: string | RedisBusOptions) {
    const options = resolveBusOptions(target);
    this.#target = options.target;
    this.#channel = new RedisKeys(options.namespace).channel;
    this.#publisher = options.target.kind === 'client'
      ? adoptClient(options.target.client)
      : ownClientOf('RedisBus', options.target);
  }

  /** Rejects where Redis cannot be told. */
  async publish(message: string): Promise<void> {
    await this.#publisher.run(this.#channel, ['PUBLISH', this.#channel, message]);
  }

  /**
   * Hears what others say, and what this process says itself, on a connection of its own. It resolves once it hears, or
   * with Redis away once that is known: it then goes on trying. It rejects where the package redis is missing.
   * @param onLost is called each time that it hears again after it did not: messages may have been lost meanwhile.
   * @returns what ends the subscription.
   */
  async subscribe(onMessage: (message: string) => void, onLost: () => void): Promise<() => void> {
    let hasMissed = false;
    const hear = (message: string): void => {
      try {
        isUnawaited(onMessage(message));
      } catch {
        // What a listener does wrong must not break the connection.
      }
    };
    const listener = this.#listener({
      onConnected: async (client) => {
        await client.subscribe(this.#channel, hear);
        if (hasMissed) onLost();
        hasMissed = false;
      },
      onLost: () => { hasMissed = true; },
    });
    try {
      await listener.connected();
    } catch (error) {
      if (isCacheError(error) && error.code !== 'ERR_CACHE_STORAGE') throw error;
    }
    return () => void listener.close();
  }

  #listener(listeners: {
    readonly onConnected: (client: OpenedClient) => Promise<void>;
    readonly onLost: () => void;
  }): OwnClient {
    if (this.#target.kind === 'own') return ownClientOf('RedisBus', this.#target, listeners);
    return ownCopyOf('RedisBus', this.#target.client as OpenedClient, listeners);
  }

  /** Ends what the bus opened itself to publish. Subscriptions end by themselves. */
  close(): Promise<void> {
    return this.#publisher.close();
  }
}
