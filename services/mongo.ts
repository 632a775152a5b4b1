/** MongoDB: a real one where there is one, else SecantusDB; and FerretDB, which knows less than a real one. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { cacheFolder, INSTALL, isProgram, onPath } from './commands.js';
import { startDaemon } from './daemon.js';
import { ask } from './dialogue.js';
import type { OwnService, ServiceSource } from './service.js';

export const SECANTUSDB_VERSION = '0.7.0b3';
export const FERRETDB_VERSION = '1.24.2';

export const secantusFolder = cacheFolder(`secantusdb-${SECANTUSDB_VERSION}`);
export const secantusProgram = join(secantusFolder, 'bin', 'secantusd-py');
export const ferretProgram = join(cacheFolder(`ferretdb-${FERRETDB_VERSION}`), 'ferretdb');

export const mongo: ServiceSource = {
  name: 'mongo',
  variable: 'MONGO_URL',
  versionAt,
  missing: () =>
    onPath('mongod') === undefined && !isProgram(secantusProgram)
      ? `there is neither mongod on PATH nor SecantusDB; ${INSTALL} installs the latter`
      : undefined,
  start: () => {
    const mongod = onPath('mongod');
    return mongod === undefined ? startSecantus() : startMongod(mongod);
  },
};

/** A server of MongoDB's protocol that has no TTL indexes, and is not atomic. */
export const mongoDegraded: ServiceSource = {
  name: 'mongo-degraded',
  versionAt,
  missing: () => (isProgram(ferretProgram) ? undefined : `there is no FerretDB; ${INSTALL} builds it where Go is`),
  start: () =>
    start('mongo-degraded', `FerretDB ${FERRETDB_VERSION}`, ferretProgram, (port, folder) => [
      `127.0.0.1:${port}`,
      folder,
    ]),
};

const startSecantus = (): Promise<OwnService> =>
  start('mongo', `SecantusDB ${SECANTUSDB_VERSION}`, secantusProgram, (port, folder) => [
    ...['--host', '127.0.0.1', '--port', String(port), '--storage-path', folder],
    // Test commands make it fail on purpose.
    '--enable-test-commands',
  ]);

function startMongod(command: string): Promise<OwnService> {
  const said = execFileSync(command, ['--version'], { encoding: 'utf8' });
  const [, version = '?'] = /version v(\S+)/.exec(said) ?? [];
  return start('mongo', `MongoDB ${version}`, command, (port, folder) => [
    ...['--bind_ip', '127.0.0.1', '--port', String(port), '--dbpath', folder, '--nounixsocket'],
    ...['--setParameter', 'enableTestCommands=1'],
  ]);
}

const start = (
  name: string,
  version: string,
  command: string,
  args: (port: number, folder: string) => readonly string[],
): Promise<OwnService> =>
  startDaemon({ name, version, command, args, urlAt: (port) => `mongodb://127.0.0.1:${port}`, answers: versionAt });

const OP_MSG = 2013;
/** Of the message's head: length, number, number of the question, kind. */
const HEAD_BYTES = 16;

/** The version of MongoDB that the server calls its own: the answer to `buildInfo`, read without a driver. */
function versionAt(url: string): Promise<string> {
  // A URL may name several servers. The first one stands for all.
  const [, host = '', port = '27017'] = /^mongodb:\/\/(?:[^@/]*@)?([^:,/]+)(?::(\d+))?/.exec(url) ?? [];
  if (host === '') throw new Error('only URLs that begin with mongodb:// can be asked for the version');
  const target = { hostname: host, port: Number(port), secure: /[?&](?:tls|ssl)=true/.test(url) };
  return ask(target, encodeBuildInfo(), (answer) => {
    if (answer.length < HEAD_BYTES || answer.length < answer.readInt32LE(0)) return undefined;
    const name = Buffer.from('\x02version\0');
    const at = answer.indexOf(name);
    if (at === -1) return 'MongoDB ?';
    const start = at + name.length + 4;
    return `MongoDB ${answer.toString('utf8', start, start + answer.readInt32LE(start - 4) - 1)}`;
  });
}

/** The message `{ buildInfo: 1, $db: 'admin' }`. */
function encodeBuildInfo(): Buffer {
  const database = 'admin\0';
  const fields = Buffer.concat([
    Buffer.from('\x10buildInfo\0'),
    int32(1),
    Buffer.from('\x02$db\0'),
    int32(database.length),
    Buffer.from(`${database}\0`),
  ]);
  // The flags, and the kind of the section that follows.
  const body = Buffer.concat([int32(0), Buffer.from([0]), int32(fields.length + 4), fields]);
  return Buffer.concat([int32(HEAD_BYTES + body.length), int32(1), int32(0), int32(OP_MSG), body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
