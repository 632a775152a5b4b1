/** The proxy does to a connection what it says: else tests behind it would prove nothing. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { until } from '../../services/until.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

let heard = '';
const engine = createServer((socket) => {
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    heard += String(bytes);
    socket.write(`reply to ${String(bytes)}`);
  });
});
let proxy: TcpProxy;
let client: Socket;
let got = '';

async function open(): Promise<void> {
  const { port, hostname } = new URL(proxy.url);
  client = connect(Number(port), hostname);
  client.on('error', () => undefined);
  client.on('data', (bytes) => { got += bytes.toString('latin1'); });
  await once(client, 'connect');
}

const untilGot = (text: string): Promise<void> =>
  until(async () => expect(got).toBe(text), { limitMs: 5000 });

beforeAll(async () => {
  engine.listen(0, '127.0.0.1');
  await once(engine, 'listening');
});
afterAll(() => engine.close());
beforeEach(async () => {
  [heard, got] = ['', ''];
  proxy = await startTcpProxy(`redis://127.0.0.1:${(engine.address() as AddressInfo).port}`);
  await open();
  client.write('one');
  await untilGot('reply to one');
});
afterEach(async () => {
  client.destroy();
  await proxy.close();
});

test('refuses: what was open is closed, and nobody listens until it ends', async () => {
  const closed = once(client, 'close');
  await proxy.begin('refuses');
  await closed;
  await expect(open()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await proxy.end();
  await open();
  client.write('two');
  await untilGot('reply to onereply to two');
});

test.each([
  ['hangs', 'one'],
  ['is silent', 'onetwo'],
] as const)('%s: replies come when it ends', async (fault, reached) => {
  await proxy.begin(fault);
  client.write('two');
  await new Promise((resolve) => { setTimeout(resolve, 100); });
  expect([heard, got]).toEqual([reached, 'reply to one']);
  await proxy.end();
  await untilGot('reply to onereply to two');
});

test('is slow: the reply comes late', async () => {
  await proxy.begin('is slow');
  const started = performance.now();
  client.write('two');
  await untilGot('reply to onereply to two');
  expect(performance.now() - started).toBeGreaterThan(1900);
});

test('cuts: half of a reply comes, and then the end', async () => {
  await proxy.begin('cuts');
  const closed = once(client, 'close');
  client.write('two');
  await closed;
  expect(got).toBe('reply to onereply ');
});

test('garbles: as many bytes come, and others', async () => {
  await proxy.begin('garbles');
  client.write('two');
  await until(async () => expect(got).toHaveLength('reply to onereply to two'.length), { limitMs: 5000 });
  expect(got).not.toContain('two');
});
