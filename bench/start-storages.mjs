// `npm run bench:storages` starts here.
import { runBundled } from './run-bundled.mjs';

await runBundled({ main: 'storages/main.ts', child: 'storages/child.ts' });
