/** `npm run demo:browser`: a page that shows a cache at work, on a loopback port. `-- --port 8080` chooses the port. */
import { parseArgs } from 'node:util';
import { openBrowser } from '../../lib/cli/ui/open-browser.js';
import { startDemo } from './server.js';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
const { url } = await startDemo(Number(values.port));
console.log(`The demo is at ${url}\nCtrl+C ends it.`);

if (process.stdout.isTTY && process.env['CI'] === undefined) openBrowser(url);
