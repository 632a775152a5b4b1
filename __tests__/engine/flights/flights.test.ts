/** One origin request for many callers: joining, leaving, detaching, and that nothing is left behind. */
import { Flight, type FlightIdentity, Flights } from '../../../lib/engine/flights/flights.js';
import { Caller, gate, Gone } from '../../support/exchange.js';

const patient = <T>(promise: Promise<T>): Promise<T> => promise;
const never = (signal: AbortSignal | undefined): Promise<string> =>
  new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error));
  });
/** A request that travels as those of the same name do. */
class Traveller {
  readonly #way: string;
  constructor(way: string) {
    this.#way = way;
  }
  travelsAs(other: Traveller): boolean {
    return this.#way === other.#way;
  }
}

const identity = (way: string): FlightIdentity<Traveller> => ({
  purpose: 'request',
  variant: '',
  leader: new Traveller(way),
});

const says = (text: string) => (): Promise<string> => Promise.resolve(text);

describe('a flight', () => {
  test('brings every waiter the same', async () => {
    const flight = new Flight(says('one'), true, undefined);
    expect(await Promise.all([flight.wait(patient), flight.wait(patient)])).toEqual(['one', 'one']);
    expect(flight.isJoinable).toBe(true);
  });

  test('brings those its outcome who come after it', async () => {
    const flight = new Flight(says('one'), true, undefined);
    await flight.wait(patient);
    expect(await flight.wait(patient)).toBe('one');
  });

  test('goes on until its last waiter leaves', async () => {
    const flight = new Flight(never, true, undefined);
    const callers = [new Caller(), new Caller()];
    const waits = callers.map(({ race }) => flight.wait(race));
    callers[0]?.leave();
    await expect(waits[0]).rejects.toThrow(Gone);
    expect(flight.isJoinable).toBe(true);
    callers[1]?.leave();
    await expect(waits[1]).rejects.toThrow(Gone);
    expect(flight.isJoinable).toBe(false);
    await expect(flight.promise).rejects.toThrow('abort');
  });

  test('that has ended is not aborted any more', async () => {
    let signal: AbortSignal | undefined;
    const flight = new Flight((given) => {
      signal = given;
      return Promise.resolve('one');
    }, true, undefined);
    await flight.wait(patient);
    expect(signal?.aborted).toBe(false);
  });

  test('that fails fails for each waiter, and for nobody where nobody waits', async () => {
    const failing = (): Promise<string> => Promise.reject(new Error('reset'));
    const flight = new Flight(failing, true, undefined);
    await expect(Promise.allSettled([flight.wait(patient), flight.wait(patient)])).resolves.toMatchObject([
      { status: 'rejected' },
      { status: 'rejected' },
    ]);
    // An unhandled rejection would end the test run.
    new Flight(failing, true, undefined);
  });

  test('tells once that it has settled, whatever came', async () => {
    const told: string[] = [];
    const good = new Flight(says('one'), true, undefined, () => told.push('good'));
    const bad = new Flight(() => Promise.reject(new Error('reset')), true, undefined, () => told.push('bad'));
    await Promise.allSettled([good.promise, bad.promise]);
    expect(told.sort()).toEqual(['bad', 'good']);
  });
});

test('of one who cannot leave is never to be aborted', async () => {
  let given: AbortSignal | undefined | 'not called' = 'not called';
  const flight = new Flight((signal) => {
    given = signal;
    return Promise.resolve('one');
  }, false, undefined);
  expect(await flight.join()).toBe('one');
  expect([given, flight.isJoinable]).toEqual([undefined, true]);
});

test('a refresh and a request do not meet, nor do two variants', () => {
  const hold = new Flights<string, Traveller>().enter('key', 'resource');
  void hold.lead(identity('same'), never, true);
  expect(hold.joinable({ ...identity('same'), purpose: 'refresh' })).toBeUndefined();
  expect(hold.joinable({ ...identity('same'), variant: 'en' })).toBeUndefined();
  expect(hold.joinable(identity('same'))).toBeDefined();
});

describe('where flights meet', () => {
  test('who has the same identity joins, until the flight settles', async () => {
    const flights = new Flights<string, Traveller>();
    const held = gate();
    const leader = flights.enter('key', 'resource');
    const follower = flights.enter('key', 'resource');
    const flight = leader.lead(identity('same'), () => held.passed.then(() => 'one'), true);
    expect(follower.joinable(identity('same'))).toBe(flight);
    expect(follower.joinable(identity('other'))).toBeUndefined();
    expect(flights.enter('other key', 'resource').joinable(identity('same'))).toBeUndefined();
    held.open();
    await flight.wait(patient);
    expect(follower.joinable(identity('same'))).toBeUndefined();
  });

  test('who came before the end joins a flight that has ended, once, unless it has left something to find', async () => {
    const flights = new Flights<string, Traveller>();
    const [leader, late] = [flights.enter('key', 'resource'), flights.enter('key', 'resource')];
    const failed = leader.lead(identity('same'), says('failed'), true);
    await failed.join();
    const second = leader.lead(identity('same'), says('second'), true);
    await second.join();
    expect([late.joinable(identity('same')), late.joinable(identity('same'))]).toEqual([failed, second]);
    expect(late.joinable(identity('same'))).toBeUndefined();
    expect(flights.enter('key', 'resource').joinable(identity('same'))).toBeUndefined();
    expect([failed.isShared, second.isShared]).toEqual([true, true]);
    const reader = flights.enter('key', 'resource');
    await leader.lead(identity('same'), async () => {
      leader.noteWrite(leader.beginFetch(), '');
      return 'written';
    }, true).join();
    expect(reader.joinable(identity('same'))).toBeUndefined();
  });

  test('nobody joins what everybody has left; the next flight takes its place and keeps it', async () => {
    const flights = new Flights<string, Traveller>();
    const hold = flights.enter('key', 'resource');
    const caller = new Caller();
    const held = gate();
    const abandoned = hold.lead(identity('same'), () => held.passed.then(() => 'nobody cares'), true);
    const waiting = abandoned.wait(caller.race);
    caller.leave();
    await expect(waiting).rejects.toThrow(Gone);
    expect(hold.joinable(identity('same'))).toBeUndefined();
    const next = hold.lead(identity('same'), never, true);
    held.open();
    await abandoned.promise;
    expect(hold.joinable(identity('same'))).toBe(next);
  });

  test('an invalidation detaches the flights of its resource, under any key, and of no other', () => {
    const flights = new Flights<string, Traveller>();
    const [one, two, other] = ['resource', 'resource', 'other'].map((name, index) =>
      flights.enter(String(index), name),
    );
    for (const hold of [one, two, other]) void hold?.lead(identity('same'), () => new Promise(() => undefined), true);
    flights.invalidate('resource');
    flights.invalidate('a resource that nobody asks for');
    const joinable = [one, two, other].map((hold) => hold?.joinable(identity('same')) !== undefined);
    expect(joinable).toEqual([false, false, true]);
    expect([one?.generation, two?.generation, other?.generation]).toEqual([1, 1, 0]);
    flights.invalidateAll();
    expect([one?.generation, other?.generation]).toEqual([2, 1]);
  });

  test('each caller of a key sees what is written under it', () => {
    const flights = new Flights<string, Traveller>();
    const [writer, reader, other] = ['key', 'key', 'other'].map((key) => flights.enter(key, 'resource'));
    writer?.noteWrite(1, '');
    expect([reader?.writes, other?.writes]).toEqual([1, 0]);
  });

  test('what was asked for before does not follow what was asked for after it, variant by variant', () => {
    const flights = new Flights<string, Traveller>();
    const hold = flights.enter('key', 'resource');
    const [older, newer] = [hold.beginFetch(), hold.beginFetch()];
    hold.noteWrite(newer, 'en');
    expect([hold.isNewest(older, 'en'), hold.isNewest(newer, 'en'), hold.isNewest(older, 'fr')]).toEqual([
      false,
      true,
      true,
    ]);
  });

  test('nobody joins a flight that somebody waited for in vain', () => {
    const hold = new Flights<string, Traveller>().enter('key', 'resource');
    const flight = hold.lead(identity('same'), never, true);
    expect(hold.joinable(identity('same'))).toBe(flight);
    flight.doubt();
    expect(hold.joinable(identity('same'))).toBeUndefined();
  });

  test('nothing is kept for what nobody holds', () => {
    const flights = new Flights<string, Traveller>();
    const holds = [flights.enter('key', 'resource'), flights.enter('key', 'resource')];
    flights.invalidate('resource');
    holds[0]?.noteWrite(1, '');
    holds[0]?.release();
    expect(flights.size).toBe(1);
    holds[1]?.release();
    expect(flights.size).toBe(0);
    const fresh = flights.enter('key', 'resource');
    expect([fresh.generation, fresh.writes]).toEqual([0, 0]);
  });
});
