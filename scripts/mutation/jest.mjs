// What the tests that mutants meet use of `jest`. `__tests__/mutation.test.ts` says where one of them uses more.
import { ModuleMocker } from 'jest-mock';

const mocker = new ModuleMocker(globalThis);

/** For one file of tests at `path`, with what `loader` loads for it. */
export const jestFor = (timers, loader, path) => ({
  fn: mocker.fn.bind(mocker),
  spyOn: mocker.spyOn.bind(mocker),
  restoreAllMocks: mocker.restoreAllMocks.bind(mocker),
  resetModules: loader.forget,
  isolateModulesAsync: (work) => {
    loader.forget();
    return work();
  },
  requireActual: (name) => loader.loadItself(loader.find(name, path)),
  doMock: (name, make) => loader.substitute(loader.find(name, path), make),
  useFakeTimers: (options) => timers.useFakeTimers(options),
  useRealTimers: () => timers.useRealTimers(),
  advanceTimersByTimeAsync: (ms) => timers.advanceTimersByTimeAsync(ms),
  getTimerCount: () => timers.getTimerCount(),
});
