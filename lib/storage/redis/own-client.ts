/**
 * The client that RedisStorage opens itself, by node-redis 4, 5 or 6. It is watched here and not by node-redis, whose
 * timers would keep the process alive, and which has no limit for a server that is there and does not answer: a client
 * whose server is lost or silent is thrown away, and another one is made after a pause that grows.
 */
import { CacheError } from '../../api/errors.js';
import { unref, within } from '../../support/timers.js';
import { type Argument, BUFFERS, type RedisClient, type RedisLink } from './client.js';
import { LIMITS } from './limits.js';
import type { RedisTarget } from './options.js';

export interface OwnClientOptions {
  /** For messages, such as `RedisStorage`. */
  readonly owner: string;
  /** Where the server is, for messages. */
  readonly where: string;
  /** Makes a client, which is not connected yet. */
  readonly make: () => Promise<OpenedClient>;
  /** Is told once for each time that the server is away. */
  readonly onLost?: (error: CacheError) => void;
  /** Is called with each client that is connected, before anybody uses it. */
  readonly onConnected?: (client: OpenedClient) => Promise<void>;
}

/** What is used of a client besides its commands. */
export interface OpenedClient extends RedisClient {
  /** Those that it was made with. */
  readonly options?: { readonly socket?: object };
  on(event: 'error', listener: (error: Error) => void): unknown;
  duplicate(options: object): OpenedClient;
  connect(): Promise<unknown>;
  ref(): void;
  unref(): void;
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  /** Since version 5. */
  destroy?(): void;
  /** Until version 5. */
  disconnect?(): Promise<void>;
}

interface RedisPackage {
  createClient(options: object): OpenedClient;
}

/** A server that is asked whether it still answers may stay silent so many times. */
const MAX_SILENT_PINGS = 3;
/** The pause before another client is made doubles from the first to the last of these, give or take a fifth. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;

export class OwnClient implements RedisLink {
  readonly isCluster = false;
  readonly #options: OwnClientOptions;
  /** The client that is connected. */
  #client: OpenedClient | undefined;
  /** The first connection: callers wait for it, and for no later one. */
  #first: Promise<void> | undefined;
  #failure: CacheError | undefined;
  #attempts = 0;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #pings: ReturnType<typeof setInterval> | undefined;
  #silentPings = 0;
  #running = 0;
  #isClosed = false;

  constructor(options: OwnClientOptions) {
    this.#options = options;
  }

  run(_key: string, args: readonly Argument[]): Promise<unknown> {
    return this.#client === undefined ? this.#runLater(args) : this.#send(this.#client, args);
  }

  masters(): Promise<readonly ((args: readonly Argument[]) => Promise<unknown>)[]> {
    return Promise.resolve([(args: readonly Argument[]) => this.run('', args)]);
  }

  /** Connects where nothing has tried that yet. */
  async connected(): Promise<void> {
    if (this.#isClosed) throw this.#closedError();
    if (this.#client !== undefined) return;
    // Where the server was away already the answer of the origin is there sooner than the next connection.
    if (this.#failure === undefined) await (this.#first ??= this.#connect());
    if (this.#client === undefined) throw this.#failure ?? this.#closedError();
  }

  #closedError(): CacheError {
    return new CacheError('ERR_CACHE_CLOSED', `${this.#options.owner} is closed`);
  }

  async #runLater(args: readonly Argument[]): Promise<unknown> {
    await this.connected();
    // It may be lost again already.
    return this.run('', args);
  }

  #send(client: OpenedClient, args: readonly Argument[]): Promise<unknown> {
    // A connection keeps the process alive only while somebody waits for an answer.
    if (this.#running === 0) client.ref();
    this.#running += 1;
    const reply = client.sendCommand(args, BUFFERS);
    const end = (): void => {
      this.#running -= 1;
      if (this.#running === 0) this.#client?.unref();
    };
    reply.then(end, end);
    return reply;
  }

  /** Never rejects: what went wrong is in `#failure`. */
  async #connect(): Promise<void> {
    let client: OpenedClient | undefined;
    const isAwaited = this.#failure === undefined;
    try {
      const opened = (client = await this.#options.make());
      if (!isAwaited) opened.unref();
      opened.on('error', (error) => {
        // node-redis has closed it by now, or it is still connecting, which then fails.
        if (this.#client === opened && opened.isReady !== true) this.#lose(error);
      });
      const connecting = connectWhole(opened).then(() => this.#options.onConnected?.(opened));
      await limited(connecting, isAwaited ? 'process-stays' : 'process-may-end');
      if (this.#isClosed) return discard(opened);
      // It may be lost already, which its listener above took for a part of the attempt.
      if (opened.isReady !== true) throw new Error('the connection was closed at once');
      opened.unref();
      this.#client = opened;
      this.#failure = undefined;
      this.#attempts = 0;
      this.#watch(opened);
    } catch (error) {
      if (client !== undefined) discard(client);
      this.#retryAfter(error as Error);
    }
  }

  #watch(client: OpenedClient): void {
    this.#silentPings = 0;
    const ping = (): void => {
      if (this.#silentPings >= MAX_SILENT_PINGS) {
        this.#lose(new Error(`no answer for ${MAX_SILENT_PINGS * LIMITS.pingMs} ms`));
        return;
      }
      this.#silentPings += 1;
      client.sendCommand(['PING']).then(
        () => { this.#silentPings = 0; },
        (error: Error) => {
          // An error that the server answers with is an answer.
          if (client.isReady === true) this.#silentPings = 0;
          else if (this.#client === client) this.#lose(error);
        },
      );
    };
    this.#pings = setInterval(ping, LIMITS.pingMs);
    unref(this.#pings);
  }

  #lose(error: Error): void {
    const client = this.#client;
    this.#client = undefined;
    clearInterval(this.#pings);
    if (client !== undefined) discard(client);
    this.#retryAfter(error);
  }

  #retryAfter(error: Error): void {
    if (this.#isClosed) return;
    const failure = this.#describe(error);
    if (this.#attempts === 0) this.#options.onLost?.(failure);
    this.#failure = failure;
    // A package that is missing does not come while the process runs.
    if (failure.code === 'ERR_CACHE_DRIVER') return;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#attempts, LONGEST_PAUSE_MS) * (0.8 + Math.random() * 0.4);
    this.#attempts += 1;
    this.#pause = setTimeout(() => void this.#connect(), pause);
    unref(this.#pause);
  }

  /** A missing package says so itself. What the client says has no password in it, but the address may. */
  #describe(error: Error): CacheError {
    if (error instanceof CacheError) return error;
    const { owner, where } = this.#options;
    return new CacheError('ERR_CACHE_STORAGE', `${owner} has no connection to ${where}: ${reasonOf(error)}`, {
      cause: error,
    });
  }

  close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#pause);
    clearInterval(this.#pings);
    if (this.#client !== undefined) discard(this.#client);
    this.#client = undefined;
    return Promise.resolve();
  }
}

/** @param clientOptions as the user gave them. */
export function ownClientOf(
  owner: string,
  { url, clientOptions }: Extract<RedisTarget, { kind: 'own' }>,
  listeners: Pick<OwnClientOptions, 'onLost' | 'onConnected'> = {},
): OwnClient {
  const address = url === undefined ? {} : { url };
  const make = async (): Promise<OpenedClient> => {
    const redis = await loadRedis(owner);
    return redis.createClient({ ...clientOptions, ...address, ...watchedHere(clientOptions['socket']) });
  };
  return new OwnClient({ owner, where: url === undefined ? 'the server' : showUrl(url), make, ...listeners });
}

/** A client of our own that reaches what a user's client reaches. */
export function ownCopyOf(
  owner: string,
  client: OpenedClient,
  listeners: Pick<OwnClientOptions, 'onLost' | 'onConnected'>,
): OwnClient {
  const make = (): Promise<OpenedClient> => Promise.resolve(client.duplicate(watchedHere(client.options?.socket)));
  return new OwnClient({ owner, where: 'the server of the client', make, ...listeners });
}

const watchedHere = (socket: unknown): object => ({
  disableOfflineQueue: true,
  pingInterval: 0,
  socket: { connectTimeout: LIMITS.connectMs, ...(socket as object | undefined), reconnectStrategy: false },
});

/** @throws CacheError `ERR_CACHE_DRIVER` that says what to install. */
async function loadRedis(owner: string): Promise<RedisPackage> {
  try {
    const loaded: unknown = await import('redis');
    return loaded as RedisPackage;
  } catch (cause) {
    const message = `${owner} found no package redis to use. Run "npm install redis".`;
    throw new CacheError('ERR_CACHE_DRIVER', message, { cause });
  }
}

/** Resolves once the server has answered: redis 5 takes a connection for ready that broke before the first answer. */
async function connectWhole(client: OpenedClient): Promise<void> {
  await client.connect();
  try {
    await client.sendCommand(['PING']);
  } catch (error) {
    // An error that the server answers with is an answer.
    if (client.isReady !== true) throw error;
  }
}

/** A server may take a connection and never say a word. */
const limited = (connecting: Promise<unknown>, meanwhile: Parameters<typeof within>[2]): Promise<unknown> => {
  connecting.catch(() => undefined);
  return within(LIMITS.connectMs, connecting, meanwhile);
};

/** Ends a client at once; what still waits for it fails. One that is closed already says so by an error. */
function discard(client: OpenedClient): void {
  try {
    if (client.destroy !== undefined) client.destroy();
    else client.disconnect?.().catch(() => undefined);
  } catch {
    // It is closed already.
  }
}

/** Where a name has several addresses the error of all attempts has no message. */
const reasonOf = ({ message, code }: NodeJS.ErrnoException): string => message || (code ?? 'it was closed');

/** An address without what a message must not show. */
function showUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
