/** What an engine under test is to its users, and where one comes from. */

export interface Service {
  /** Such as `redis`. */
  readonly name: string;
  /** Name and version of the engine that answers, such as `Redis 7.0.15`. */
  readonly version: string;
  /** Where it answers: a URL that its driver takes. A cluster gives that of its first node. */
  readonly url: string;
}

/** A service that was started here: it may be tormented. */
export interface OwnService extends Service {
  /** Freezes it: it keeps its connections, takes new ones, and says nothing. Resolves when it does. */
  pause(): Promise<void>;
  resume(): void;
  /** Ends it as a power cut would, frozen or not. Its files stay. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, at the same address and with its files. Resolves when it answers. */
  start(): Promise<void>;
  /** `kill`, then `start`. */
  restart(): Promise<void>;
  /** Ends it for good and removes its files. */
  stop(): Promise<void>;
}

/** An engine of several processes. What is done to it is done to each. */
export interface OwnCluster extends OwnService {
  readonly nodes: readonly OwnService[];
}

export interface ServiceSource<Own extends OwnService = OwnService> {
  readonly name: string;
  /** The variable of the environment that names a server which is there already. */
  readonly variable?: string;
  /** Name and version of the server at `url`; rejects where it does not answer. */
  versionAt(url: string): Promise<string>;
  /** Why none can be started here, in a sentence; undefined where one can. */
  missing(): string | undefined;
  start(): Promise<Own>;
}
