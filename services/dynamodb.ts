/** DynamoDB: dynalite, which lives in this process and keeps its tables in memory. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';
import type { OwnService, ServiceSource } from './service.js';
import manifest from '../package.json' with { type: 'json' };

export const dynamodb: ServiceSource = {
  name: 'dynamodb',
  variable: 'DYNAMODB_URL',
  versionAt: async (url) => {
    // Any answer will do: without a signature it is an error, and none tells a version.
    await fetch(url);
    return 'DynamoDB';
  },
  missing: () => undefined,
  start: startDynalite,
};

async function startDynalite(): Promise<OwnService> {
  // Its server never listens: what it would have answered is answered here, where it can be held up and broken off.
  const [answer] = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }).listeners('request');
  const dynamo = new Dynalite(answer as RequestListener);
  await dynamo.start();
  return dynamo;
}

class Dynalite implements OwnService {
  readonly name = 'dynamodb';
  readonly version = `dynalite ${manifest.devDependencies.dynalite}`;
  readonly #answer: RequestListener;
  #server: Server | undefined;
  #port = 0;
  /** Requests that came while it was frozen; undefined while it is not. */
  #held: (readonly [IncomingMessage, ServerResponse])[] | undefined;

  constructor(answer: RequestListener) {
    this.#answer = answer;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    if (this.#server !== undefined) throw new Error(`${this.name} runs already`);
    const server = createServer((request, response) => {
      if (this.#held === undefined) this.#answer(request, response);
      else this.#held.push([request, response]);
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    // A server that a test forgot does not keep the tests from ending.
    server.unref();
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  pause(): Promise<void> {
    this.#held ??= [];
    return Promise.resolve();
  }

  resume(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const [request, response] of held) this.#answer(request, response);
  }

  async kill(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    this.#held = undefined;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  stop(): Promise<void> {
    return this.kill();
  }
}
