/** A proxy between a driver and its engine that lets the connection go wrong in the ways that networks do. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * - `refuses`: nobody listens, and connections that were open are reset.
 * - `hangs`: connections are taken, and no byte goes either way.
 * - `is silent`: the engine hears everything, and its replies are held up.
 * - `is slow`: each reply comes late.
 * - `cuts`: half of a reply comes, then the end of the connection.
 * - `garbles`: replies have their length and nothing else.
 */
export type NetworkFault = 'refuses' | 'hangs' | 'is silent' | 'is slow' | 'cuts' | 'garbles';

export interface TcpProxy {
  /** The address of the engine with that of the proxy in its place. */
  readonly url: string;
  /** How many connections were made to it. */
  readonly connections: () => number;
  begin(fault: NetworkFault): Promise<void>;
  /** What was held up goes on. */
  end(): Promise<void>;
  close(): Promise<void>;
}

/** How long a slow reply takes: longer than any test waits for a call. */
const SLOW_MS = 2000;

export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const links = new Set<Link>();
  let fault: NetworkFault | undefined;
  let connections = 0;

  const server = createServer((client) => {
    connections += 1;
    const link = new Link(client, connect(Number(port), hostname), () => fault);
    links.add(link);
    client.once('close', () => links.delete(link));
  });
  await listen(server, 0);
  const address = server.address() as AddressInfo;
  const url = new URL(target);
  url.host = `127.0.0.1:${address.port}`;

  const drop = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    for (const link of links) link.destroy();
    await closed;
  };
  return {
    url: url.href.replace(/\/$/, ''),
    connections: () => connections,
    begin: async (given) => {
      fault = given;
      if (given === 'refuses') await drop();
    },
    end: async () => {
      fault = undefined;
      if (!server.listening) await listen(server, address.port);
      for (const link of links) link.goOn();
    },
    close: async () => {
      if (server.listening) await drop();
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

type Part = readonly [to: Socket, bytes: Buffer];

/** One connection of the driver and the one to the engine that belongs to it. */
class Link {
  readonly #client: Socket;
  readonly #engine: Socket;
  readonly #fault: () => NetworkFault | undefined;
  #held: Part[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isGarbled = false;

  constructor(client: Socket, engine: Socket, fault: () => NetworkFault | undefined) {
    this.#client = client;
    this.#engine = engine;
    this.#fault = fault;
    for (const socket of [client, engine]) {
      socket.on('error', () => this.destroy());
      socket.on('close', () => this.destroy());
    }
    client.on('data', (bytes) => this.#ask(bytes));
    engine.on('data', (bytes) => this.#reply(bytes));
  }

  /** Sends what was held up. A connection that carried garbage is of no use to anybody any more. */
  goOn(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isGarbled) this.destroy();
    const held = this.#held;
    this.#held = [];
    for (const [to, bytes] of held) to.write(bytes);
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.#client.destroy();
    this.#engine.destroy();
  }

  #ask(bytes: Buffer): void {
    if (this.#fault() === 'hangs') this.#held.push([this.#engine, bytes]);
    else this.#engine.write(bytes);
  }

  #reply(bytes: Buffer): void {
    switch (this.#fault()) {
      case 'hangs':
      case 'is silent':
        this.#held.push([this.#client, bytes]);
        return;
      case 'is slow':
        this.#held.push([this.#client, bytes]);
        this.#timer ??= setTimeout(() => this.goOn(), SLOW_MS);
        return;
      case 'cuts':
        this.#client.end(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => this.destroy());
        return;
      case 'garbles':
        this.#isGarbled = true;
        this.#client.write(Buffer.alloc(bytes.length, '\xf7\0?', 'latin1'));
        return;
      case 'refuses':
      case undefined:
        this.#client.write(bytes);
    }
  }
}
