/**
 * `npm run soak:load -- [--only load|unique|day] [--short] [--seed 1] [--docs]`: 100,000 requests by 200 callers with and
 * without a cache, a million URLs, and a day's clock. Ends with code 1 where a request failed that would not have failed
 * without the cache, where an answer or a number was wrong, or where the heap grew. `--docs` writes the figures into
 * docs/reliability.md. `npm run proof` plays the short form.
 */
import { parseArgs } from 'node:util';
import { formatTable, markdownTable } from '../../demo/table.js';
import { LOAD_PARTS, type LoadPartName, type PlayedPart } from './parts.js';
import { writePart } from '../../scripts/page-part.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    short: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    docs: { type: 'boolean', default: false },
  },
});

const all = Object.keys(LOAD_PARTS) as LoadPartName[];
const names = values.only === undefined ? all : all.filter((name) => name === values.only);
if (names.length === 0) {
  console.error(`--only is one of ${all.join(', ')}`);
  process.exit(2);
}
const length = values.short ? 'short' : 'long';
// Each error's stack would be looked up in the source map, at a hundred times its own cost.
process.setSourceMapsEnabled(false);

function pageOf(command: string, { played, failures, rows }: PlayedPart): string {
  const [titles, ...others] = rows;
  const table = titles === undefined ? [] : ['', markdownTable(titles, others)];
  return [`\`${command}\`: ${played}; ${failures.length} failures.`, ...table].join('\n');
}

let failed = 0;
for (const name of names) {
  const sinceMs = performance.now();
  const part = await LOAD_PARTS[name]({ seed: Number(values.seed), length });
  const seconds = (performance.now() - sinceMs) / 1000;
  const [titles, ...rows] = part.rows;
  console.log(`${name}: ${part.played}; ${part.failures.length} failures, ${seconds.toFixed(0)} s`);
  console.log(`held, MB: ${part.held.map((bytes) => (bytes / 1e6).toFixed(1)).join(' ')}`);
  if (titles !== undefined) console.log(`\n${formatTable(titles, rows)}\n`);
  for (const failure of part.failures) console.error(`WRONG: ${failure}`);
  failed += part.failures.length;
  const command = `npm run soak:load -- --only ${name} --seed ${values.seed}${values.short ? ' --short' : ''}`;
  const place = { page: 'docs/reliability.md', name, command: 'npm run soak:load -- --docs' };
  if (values.docs) writePart(place, pageOf(command, part));
}
console.log(`${failed} failures`);
process.exitCode = failed > 0 ? 1 : 0;
// What is left open would keep the process: that is a failure too.
setTimeout(() => {
  console.error(`WRONG: still open: ${process.getActiveResourcesInfo().join(', ')}`);
  process.exit(1);
}, 5_000).unref();
