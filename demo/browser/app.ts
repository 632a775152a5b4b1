/** The program of the page: requests by a script that goes round, and what the cache does with them, drawn as it happens. */
import axios from 'axios';
import { setupCache } from 'axios-client-cache';
import { defineDevtools } from 'axios-client-cache/devtools';
import { createLog } from './log.js';
import { createTimeline } from './timeline.js';

/** What is asked, one line after the other; `POST` changes the users. */
const SCRIPT = [
  'GET /api/users', 'GET /api/logo', 'GET /api/rates', 'GET /api/users', 'GET /api/news', 'GET /api/cart',
  'GET /api/users', 'GET /api/rates', 'GET /api/logo', 'GET /api/news', 'GET /api/users', 'GET /api/rates',
  'POST /api/users', 'GET /api/users', 'GET /api/rates', 'GET /api/logo', 'GET /api/news', 'GET /api/users',
  'GET /api/cart', 'GET /api/rates',
];
const EVERY_MS = 550;

const find = (id: string): HTMLElement => {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no #${id}`);
  return element;
};

const http = setupCache(axios.create(), { expireAfter: '1m' });

defineDevtools();
const panel = document.createElement('axios-client-cache-devtools');
panel.cache = http.cache;
document.querySelector('.devtools')?.append(panel);

const timeline = createTimeline(find('lanes'), [
  ['/api/users', 'max-age=6'],
  ['/api/rates', 'max-age=3, swr=4'],
  ['/api/news', 'no-cache, ETag'],
  ['/api/logo', 'immutable'],
  ['/api/cart', 'no-store'],
]);
const log = createLog(find('log'), find('sums'));

async function send(line: string): Promise<void> {
  const [method = 'GET', url = '/'] = line.split(' ');
  const started = performance.now();
  const { cached, cache } = await http.request({ method, url });
  timeline.add(url, cache);
  log.add({ line, cached, cache, ms: performance.now() - started });
}

let next = 0;
let isPaused = false;
find('pause').addEventListener('click', ({ currentTarget }) => {
  isPaused = !isPaused;
  const button = currentTarget as HTMLElement;
  button.setAttribute('aria-pressed', String(isPaused));
  button.textContent = isPaused ? 'Go on' : 'Pause';
});

setInterval(() => {
  if (isPaused || document.hidden) return;
  // A server that is stopped leaves a page that says so in its console, and goes on once it is there again.
  send(SCRIPT[next % SCRIPT.length] ?? '').catch(console.error);
  next += 1;
}, EVERY_MS);
