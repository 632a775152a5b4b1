/** Ports that nobody listens on at the moment. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Nodes of a Redis cluster talk to each other on their port and this many more. */
const BUS_OFFSET = 10_000;
/** Below the ports that systems hand out by themselves. */
const [FIRST, LAST] = [15_000, 22_000];

/** A port of 127.0.0.1 that is free, and so is that of a cluster's bus which belongs to it. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if ((await isFree(port)) && (await isFree(port + BUS_OFFSET))) return port;
  }
  throw new Error('no free port was found');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
