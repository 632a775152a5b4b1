/** Each call of the origin, the storage and the user's functions goes wrong once, in each way; then pairs of calls. */
import { Engine } from '../../lib/engine/engine.js';
import { seeded, type Random } from '../../soak/requests.js';
import { unhandled } from '../time/unhandled.js';
import { VirtualTime } from '../time/virtual-time.js';
import { type Fault, FAULTS, type Point, Probe } from './probe.js';
import { SCENARIOS } from './scenarios.js';
import { FaultyWorld, PLACES } from './world.js';

/** What is planted in one run: which calls go wrong, and how. */
export interface Planting {
  readonly scenario: string;
  readonly callers: number;
  /** Where it is stored, by the name in `PLACES`. */
  readonly place: string;
  readonly faults: ReadonlyMap<number, Fault>;
}

export interface FaultSettings {
  readonly seed: number;
  /** So many single faults under one caller and under many, and so many pairs, drawn by the seed. */
  readonly alone: number;
  readonly crowded: number;
  readonly pairs: number;
}

export interface FaultResult {
  readonly runs: number;
  readonly points: number;
  readonly failures: readonly string[];
}

const CALLERS = [1, 20] as const;

const engines = new Set<Engine>();
const handle = Object.getOwnPropertyDescriptor(Engine.prototype, 'handle')?.value as Engine['handle'];

/** Plays one scenario with what is planted in it; gives its calls, and all that was wrong. */
export async function plant(time: VirtualTime, { scenario, callers, place, faults }: Planting) {
  const probe = new Probe(faults);
  const world = new FaultyWorld(probe, { callers, place }, time);
  await SCENARIOS[scenario]?.(world);
  await world.end();
  const wrong = [...world.wrong, ...unhandled().map((reason) => `unhandled rejection: ${String(reason)}`)];
  const underWay = [...engines].reduce((sum, { inFlight }) => sum + inFlight, 0);
  engines.clear();
  if (underWay > 0) wrong.push(`${underWay} keys are still under way`);
  if (time.waiting > 0) wrong.push(`${time.waiting} timers are left`);
  return { points: probe.points, wrong };
}

export async function runFaults({ seed, alone, crowded, pairs }: FaultSettings): Promise<FaultResult> {
  const time = new VirtualTime();
  const restore = time.install();
  // The package shows no count of requests under way, so its engines are met on their way.
  Engine.prototype.handle = function (exchange, lookUp) {
    engines.add(this);
    return handle.call(this, exchange, lookUp);
  };
  try {
    const known = await soundRuns(time);
    const random = seeded(seed);
    const singles = shuffled(singlePlantings(known), random);
    const ofOne = singles.filter(({ callers }) => callers === 1).slice(0, alone);
    const ofMany = singles.filter(({ callers }) => callers > 1).slice(0, crowded);
    const plantings = [...ofOne, ...ofMany, ...pairsOf(known, pairs, random)];
    const failures: string[] = [];
    for (const planting of plantings) {
      const { wrong } = await plant(time, planting);
      if (wrong.length > 0) failures.push(`${described(planting, known)}\n    ${wrong.join('\n    ')}`);
    }
    return { runs: plantings.length, points: known.reduce((sum, { points }) => sum + points.length, 0), failures };
  } finally {
    Engine.prototype.handle = handle;
    restore();
  }
}

interface Known extends Omit<Planting, 'faults'> {
  readonly points: readonly Point[];
}

/** Without a fault everything must be right, and the calls are known. */
async function soundRuns(time: VirtualTime): Promise<Known[]> {
  const known: Known[] = [];
  for (const scenario of Object.keys(SCENARIOS)) {
    for (const [callers, place] of CALLERS.flatMap((count) => Object.keys(PLACES).map((name) => [count, name] as const))) {
      const { points, wrong } = await plant(time, { scenario, callers, place, faults: new Map() });
      if (wrong.length > 0) throw new Error(`${scenario}, ${callers} callers, ${place}, without a fault: ${wrong.join('; ')}`);
      known.push({ scenario, callers, place, points });
    }
  }
  return known;
}

const singlePlantings = (known: readonly Known[]): Planting[] =>
  known.flatMap(({ points, ...where }) =>
    points.flatMap((_, index) => FAULTS.map((fault) => ({ ...where, faults: new Map([[index, fault]]) }))));

function pairsOf(known: readonly Known[], count: number, random: Random): Planting[] {
  return Array.from({ length: count }, () => {
    const { points, ...where } = known[random(known.length)] as Known;
    const planted = (): [number, Fault] => [random(points.length), FAULTS[random(FAULTS.length)] ?? 'throws'];
    return { ...where, faults: new Map([planted(), planted()]) };
  });
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const left = [...list];
  for (let last = left.length - 1; last > 0; last -= 1) {
    const other = random(last + 1);
    [left[last], left[other]] = [left[other] as T, left[last] as T];
  }
  return left;
}

function described({ scenario, callers, place, faults }: Planting, known: readonly Known[]): string {
  const points = known.find((each) =>
    each.scenario === scenario && each.callers === callers && each.place === place)?.points ?? [];
  const shown = [...faults].map(([index, fault]) => `call ${index}, ${points[index]?.name ?? 'unknown'}: ${fault}`);
  return `${scenario}, ${callers} callers, ${place}; ${shown.join('; ')}`;
}
