/** A clock that moves only when a test moves it. */

export interface ManualClock {
  /** Epoch milliseconds; can be handed out without its object. */
  readonly now: () => number;
  advance(seconds: number): void;
  set(ms: number): void;
}

export function manualClock(start = Date.UTC(2030, 0, 1)): ManualClock {
  let time = start;
  return {
    now: () => time,
    advance: (seconds) => {
      time += seconds * 1000;
    },
    set: (ms) => {
      time = ms;
    },
  };
}
