/** Rejections that nobody hears of, which would end a process. */

const heard: unknown[] = [];
process.on('unhandledRejection', (reason) => { heard.push(reason); });

/** Gives those since it was last called. */
export const unhandled = (): unknown[] => heard.splice(0);
