/** What carries invalidations between the processes, or the tabs, that share a storage. */

/** It carries short texts between processes. None need arrive: what is lost is made good by `onLost`. */
export interface InvalidationBus {
  publish(message: string): Promise<void>;
  /**
   * Calls `onMessage` for each message of the others (its own may be among them), and `onLost` where some may have been
   * lost, as after each reconnection. Resolves once it listens, with the function that ends it.
   */
  subscribe(onMessage: (message: string) => void, onLost: () => void): Promise<() => void>;
}
