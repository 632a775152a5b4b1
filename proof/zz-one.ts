import { memoryArena } from './model/arenas.js';
import { play } from './model/play.js';
import { judge } from './model/judge.js';
import { VirtualTime } from './time/virtual-time.js';
const time = new VirtualTime(); 
const restore = time.install();
const res = { kind: 'alternating', validator: 'none', varies: false, confuses: true } as const;
const R = (given: object) => ({ do: 'request', on: 0, resource: 0, method: 'GET', user: '', named: false, variant: 'a', mode: 'default', directive: '', lifetime: 0, type: 'json', timeout: 0, drops: false, ...given });
const rel = (nth: number) => ({ do: 'release', nth, ending: 'whole' });
const change = { do: 'change', resource: 0 };
const schedule = { resources: [res, res, res], second: 'none', inProcess: true, storage: 'at once', hasFences: true, made: 'when asked',
 steps: [R({}), change, rel(0), R({ mode: 'reload' }), R({ method: 'HEAD', mode: 'no-cache' }), R({ type: 'stream' }), rel(2), change, rel(0), R({}), change] };
const played = await play(schedule as never, memoryArena()(time));
restore();
for (const a of played.asked) console.log(a.index, a.step.method, a.step.mode, a.step.type, JSON.stringify(a.given), a.at, a.settledAt);
console.log(played.confirmations.map((c) => JSON.stringify(c)).join('\n'));
console.log(judge(played));
