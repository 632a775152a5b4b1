/** One question and one answer over a connection of their own: what asks a server for its version without a driver. */
import { connect, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';

const LIMIT_MS = 2000;

/**
 * Sends `question` and resolves with what `parse` makes of the answer as far as it has come; where `parse` gives
 * undefined, more is waited for.
 */
export function ask<T>(
  { hostname, port, secure }: { readonly hostname: string; readonly port: number; readonly secure: boolean },
  question: string | Buffer,
  parse: (answer: Buffer) => T | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const target = { host: hostname, port };
    const socket: Socket = secure ? connectSecurely({ ...target, servername: hostname }) : connect(target);
    let answer: Buffer = Buffer.alloc(0);
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(LIMIT_MS, () => fail(new Error(`no answer from ${hostname}:${port} within ${LIMIT_MS} ms`)));
    socket.once('error', fail);
    socket.once('end', () => fail(new Error(`${hostname}:${port} ended the connection`)));
    socket.on('data', (bytes) => {
      answer = Buffer.concat([answer, bytes]);
      try {
        const result = parse(answer);
        if (result === undefined) return;
        socket.destroy();
        resolve(result);
      } catch (error) {
        fail(error as Error);
      }
    });
    socket.write(question);
  });
}
