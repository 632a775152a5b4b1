/** Starts the origin of the load in another process, as a server is: it takes no turn of those who ask. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { buildWorker } from '../storages/worker-file.js';
import type { LoadOrigin, LoadOriginSettings } from './origin.js';

export async function forkOrigin(settings: LoadOriginSettings): Promise<LoadOrigin> {
  const program = await buildWorker('load/origin-process.ts');
  const child = fork(program, [JSON.stringify(settings)], { execArgv: ['--no-warnings'] });
  const [url] = (await once(child, 'message')) as [string];
  return {
    url,
    close: async () => {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}
