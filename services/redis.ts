/** Redis, or Valkey, in three shapes: one node, one that evicts, and a cluster of three. */
import { execFileSync } from 'node:child_process';
import { INSTALL, onPath } from './commands.js';
import { startDaemon } from './daemon.js';
import { ask } from './dialogue.js';
import type { OwnCluster, OwnService, ServiceSource } from './service.js';
import { until } from './until.js';

const SLOTS = 16_384;
const CLUSTER_LIMIT_MS = 30_000;

export const redis: ServiceSource = {
  name: 'redis',
  variable: 'REDIS_URL',
  versionAt,
  missing,
  start: () => startNode('redis'),
};

/** So little memory that what a test stores drives out what it stored before, tokens too. */
export const redisEvicting: ServiceSource = {
  name: 'redis-evicting',
  versionAt,
  missing,
  start: () => startNode('redis-evicting', '--maxmemory', '4mb', '--maxmemory-policy', 'allkeys-lru'),
};

/** Three masters without replicas. */
export const redisCluster: ServiceSource<OwnCluster> = {
  name: 'redis-cluster',
  versionAt,
  missing,
  start: startCluster,
};

const findServer = (): string | undefined => onPath('redis-server', 'valkey-server');

function missing(): string | undefined {
  return findServer() === undefined ? `there is no redis-server on PATH; ${INSTALL} installs one on Debian` : undefined;
}

async function startNode(name: string, ...args: readonly string[]): Promise<OwnService> {
  const command = findServer();
  if (command === undefined) throw new Error(missing());
  const own = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  return startDaemon({
    name,
    version: installedVersion(command),
    command,
    args: (port, folder) => [...own, '--port', String(port), '--dir', folder, ...args],
    urlAt: (port) => `redis://127.0.0.1:${port}`,
    answers: versionAt,
  });
}

async function startCluster(): Promise<OwnCluster> {
  const name = 'redis-cluster';
  const args = ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf', '--cluster-node-timeout', '2000'];
  const nodes = await Promise.all([1, 2, 3].map(() => startNode(name, ...args)));
  const [first] = nodes;
  if (first === undefined) throw new Error('a cluster has nodes');
  const all = async (work: (node: OwnService) => unknown): Promise<void> => void (await Promise.all(nodes.map(work)));
  const cluster: OwnCluster = {
    name,
    version: first.version,
    url: first.url,
    nodes,
    pause: () => all((node) => node.pause()),
    resume: () => { for (const node of nodes) node.resume(); },
    kill: () => all((node) => node.kill()),
    start: async () => {
      await all((node) => node.start());
      await all(untilWhole);
    },
    restart: async () => {
      await cluster.kill();
      await cluster.start();
    },
    stop: () => all((node) => node.stop()),
  };
  try {
    await join(nodes);
    await all(untilWhole);
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** Shares the slots out and makes the nodes known to each other. */
async function join(nodes: readonly OwnService[]): Promise<void> {
  const bounds = nodes.map((_, index) => Math.round((index * SLOTS) / nodes.length));
  for (const [index, { url }] of nodes.entries()) {
    const [from, to] = [bounds[index] ?? 0, (bounds[index + 1] ?? SLOTS) - 1];
    await command(url, 'CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
    await command(url, 'CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
  }
  const [first, ...others] = nodes;
  const port = new URL(first?.url ?? '').port;
  for (const { url } of others) await command(url, 'CLUSTER', 'MEET', '127.0.0.1', port);
}

/** Waits until a node knows all others and who has each slot. */
async function untilWhole({ url }: OwnService): Promise<void> {
  await until(async () => {
    const info = await command(url, 'CLUSTER', 'INFO');
    if (!/cluster_state:ok/.test(info) || !/cluster_size:3/.test(info)) throw new Error(`no whole cluster: ${info}`);
  }, { limitMs: CLUSTER_LIMIT_MS });
}

function installedVersion(command: string): string {
  const said = execFileSync(command, ['--version'], { encoding: 'utf8' });
  const [, name = 'Redis', version = '?'] = /^(\w+) server v=(\S+)/.exec(said) ?? [];
  return `${name} ${version}`;
}

/** Name and version of the server at `url`. */
async function versionAt(url: string): Promise<string> {
  const info = await command(url, 'INFO', 'server');
  const [, name = 'Redis'] = /^server_name:(\S+)/m.exec(info) ?? [];
  const [, version = '?'] = /^(?:valkey|dragonfly|redis)_version:(\S+)/m.exec(info) ?? [];
  return `${name[0]?.toUpperCase()}${name.slice(1)} ${version}`;
}

/** The answer to one command, as text. Nothing else is asked on the connection, but for the password. */
export function command(url: string, ...words: readonly string[]): Promise<string> {
  const { hostname, port, protocol, username, password } = new URL(url);
  const [user, secret] = [username, password].map(decodeURIComponent);
  const login = secret === '' ? [] : [['AUTH', ...(user === '' ? [] : [user ?? '']), secret ?? '']];
  const commands = [...login, words];
  const target = { hostname, port: Number(port === '' ? 6379 : port), secure: protocol === 'rediss:' };
  return ask(target, commands.map(encode).join(''), (answer) => {
    let rest = answer.toString('latin1');
    let last: string | undefined;
    for (const _ of commands) {
      const [reply, length] = readReply(rest) ?? [];
      if (reply === undefined) return undefined;
      last = reply;
      rest = rest.slice(length);
    }
    return last;
  });
}

const encode = (words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

/** The first reply in `text` and its length; undefined where it is not whole yet. */
function readReply(text: string): readonly [reply: string, length: number] | undefined {
  const [line, kind, rest = ''] = /^(.)(.*?)\r\n/.exec(text) ?? [];
  if (line === undefined) return undefined;
  if (kind === '-') throw new Error(rest);
  if (kind !== '$') return [rest, line.length];
  const end = line.length + Number(rest);
  return text.length < end + 2 ? undefined : [text.slice(line.length, end), end + 2];
}
