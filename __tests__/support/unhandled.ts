/** Rejections that nobody hears of end a process: a suite that makes some in a user's place must leave none. */

/** Fails the suite, or the `describe` that calls it, where a promise was rejected unheard in it. */
export function allowNoUnhandledRejection(): void {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  beforeAll(() => void process.on('unhandledRejection', note));
  afterAll(async () => {
    await new Promise((resolve) => void setTimeout(resolve, 20));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
}
