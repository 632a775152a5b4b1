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
});

test('is shared by two who wait for it, however they wait, and not by one', async () => {
  type Wait = (flight: Flight<string, undefined>) => Promise<string>;
  const isSharedBy = (...waits: Wait[]): boolean => {
    const flight = new Flight(says('one'), true, undefined);
    for (const wait of waits) void wait(flight);
    return flight.isShared;
  };
  const join: Wait = (flight) => flight.join();
  const wait: Wait = (flight) => flight.wait(patient);
  expect([isSharedBy(join), isSharedBy(wait)]).toEqual([false, false]);
  expect([isSharedBy(join, join), isSharedBy(wait, wait)]).toEqual([true, true]);
});

test('counts those who wait, until they leave or the flight ends', async () => {
  const held = gate();
  const flight = new Flight(() => held.passed.then(() => 'one'), true, undefined);
  const caller = new Caller();
  const leaving = flight.wait(caller.race);
  const staying = flight.wait(patient);
  expect(flight.waiters).toBe(2);
  caller.leave();
  await expect(leaving).rejects.toThrow(Gone);
  expect(flight.waiters).toBe(1);
  held.open();
  await staying;
  expect(flight.waiters).toBe(0);
});

test('of one who waits to the end is not aborted by another who leaves', async () => {
  let signal: AbortSignal | undefined;
  const held = gate();
  const flight = new Flight((given) => {
    signal = given;
    return held.passed.then(() => 'one');
  }, true, undefined);
  const joined = flight.join();
  const caller = new Caller();
  const leaving = flight.wait(caller.race);
  caller.leave();
  await expect(leaving).rejects.toThrow(Gone);
  expect([signal?.aborted, flight.isJoinable]).toEqual([false, true]);
  held.open();
  expect(await joined).toBe('one');
});

test('that is not to be aborted goes on when all have left', async () => {
  const held = gate();
  const flight = new Flight(() => held.passed.then(() => 'one'), false, undefined);
  const caller = new Caller();
  const leaving = flight.wait(caller.race);
  caller.leave();
  await expect(leaving).rejects.toThrow(Gone);
  held.open();
  expect(await flight.wait(patient)).toBe('one');
});

test('tells early what its source has, and nothing where it has no source', () => {
  const flight = new Flight(never, true, undefined);
  expect(flight.early()).toBeUndefined();
  flight.source = { early: () => 'early' };
  expect(flight.early()).toBe('early');
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

  test('an invalidation of many detaches those that it concerns, and those of which nothing is known', () => {
    const flights = new Flights<string, Traveller>();
    const enter = (name: string) =>
      flights.enter(name, name, { head: { url: `http://${name}.test/` }, originOf: (url) => url });
    const [one, other, unknown] = [enter('one'), enter('other'), flights.enter('key', 'unknown')];
    flights.invalidateAll({ name: 'one', concerns: ({ head }) => head.url === 'http://one.test/' });
    expect([one, other, unknown].map(({ generation }) => generation)).toEqual([1, 0, 1]);
    expect(flights.sweeps).toBe(1);
    flights.invalidateAll();
    expect([one, other, unknown].map(({ generation }) => generation)).toEqual([2, 1, 2]);
    expect(flights.sweeps).toBe(2);
  });

  test('an invalidation is known to who still holds the resource, under whichever key', () => {
    const flights = new Flights<string, Traveller>();
    const [one, other] = [flights.enter('key', 'resource'), flights.enter('other key', 'resource')];
    one.release();
    flights.invalidate('resource');
    expect([other.generation, flights.size]).toEqual([1, 1]);
  });

  test('of those under way the one that began last is joined, and before it one that has ended', async () => {
    const flights = new Flights<string, Traveller>();
    const [leader, late] = [flights.enter('key', 'resource'), flights.enter('key', 'resource')];
    const held = gate();
    const first = leader.lead(identity('same'), () => held.passed.then(() => 'first'), true);
    const last = leader.lead(identity('same'), never, true);
    expect(late.joinable(identity('same'))).toBe(last);
    held.open();
    await first.join();
    expect(late.joinable(identity('same'))).toBe(first);
  });

  test('one that fails is joined by who came before its end, and by nobody else', async () => {
    const flights = new Flights<string, Traveller>();
    const [leader, late] = [flights.enter('key', 'resource'), flights.enter('key', 'resource')];
    const failed = leader.lead(identity('same'), () => Promise.reject(new Error('reset')), true);
    await expect(failed.join()).rejects.toThrow('reset');
    const later = flights.enter('key', 'resource');
    expect([late, later].map((hold) => hold.joinable(identity('same')))).toEqual([failed, undefined]);
  });

  test('only the last two that have ended are joined by who came before their end', async () => {
    const flights = new Flights<string, Traveller>();
    const [leader, late] = [flights.enter('key', 'resource'), flights.enter('key', 'resource')];
    const ended = ['one', 'two', 'three'].map((text) => leader.lead(identity('same'), says(text), true));
    for (const flight of ended) await flight.join();
    expect([1, 2, 3].map(() => late.joinable(identity('same')))).toEqual([ended[1], ended[2], undefined]);
  });

  test('a flight that ends while nobody else is under way is joined by nobody, and not shared', async () => {
    const leader = new Flights<string, Traveller>().enter('key', 'resource');
    const flight = leader.lead(identity('same'), says('one'), true);
    await flight.join();
    expect([flight.isShared, leader.joinable(identity('same'))]).toEqual([false, undefined]);
  });

  test('who has waited in vain joins only what began after the end of that, or what begins from now on', async () => {
    const flights = new Flights<string, Traveller>();
    const [leader, late] = [flights.enter('key', 'resource'), flights.enter('key', 'resource')];
    const held = gate();
    const slow = leader.lead(identity('same'), () => held.passed.then(() => 'slow'), true);
    const ended = leader.lead(identity('same'), says('ended'), true);
    await ended.join();
    expect(late.joinable(identity('same'))).toBe(ended);
    const after = leader.lead(identity('same'), says('after'), true);
    await after.join();
    late.joinOnlyLater();
    held.open();
    await slow.join();
    expect([late.joinable(identity('same')), late.joinable(identity('same'))]).toEqual([after, undefined]);
    const early = leader.lead(identity('same'), never, true);
    expect(late.joinable(identity('same'))).toBe(early);
    const another = leader.lead(identity('same'), says('another'), true);
    await another.join();
    late.joinOnlyLater();
    expect(late.joinable(identity('same'))).toBeUndefined();
    const stranger = flights.enter('key', 'resource');
    stranger.joinOnlyLater();
    expect(stranger.joinable(identity('same'))).toBeUndefined();
    const last = leader.lead(identity('same'), never, true);
    expect([late, stranger].map((hold) => hold.joinable(identity('same')))).toEqual([last, last]);
  });

  test('what has ended comes too late for what was asked for before, and not for itself', () => {
    const hold = new Flights<string, Traveller>().enter('key', 'resource');
    const [first, second, third] = [hold.beginFetch(), hold.beginFetch(), hold.beginFetch()];
    expect(hold.isEnded(first)).toBe(false);
    hold.noteEnd(second);
    hold.noteEnd(first);
    expect([first, second, third].map((fetch) => hold.isEnded(fetch))).toEqual([true, false, false]);
  });

  test('there may be too many variants only where those known and those written since are more', () => {
    const hold = new Flights<string, Traveller>().enter('key', 'resource');
    expect([1, 2].map((limit) => hold.mayExceed(limit, ['a', 'b']))).toEqual([true, false]);
    hold.noteWrite(hold.beginFetch(), 'b');
    hold.noteWrite(hold.beginFetch(), 'c');
    expect([2, 3].map((limit) => hold.mayExceed(limit, ['a', 'b']))).toEqual([true, false]);
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
