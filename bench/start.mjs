// `npm run bench` starts here.
import { runBundled } from './run-bundled.mjs';

await runBundled({ main: 'main.ts', child: 'child.ts' });
