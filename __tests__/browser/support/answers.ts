/** Answers of servers: those that count, and those that pages of other origins may read. */
import type { Handler, Reply, Route, Routes } from '../../support/origin.js';

type Headers = NonNullable<Reply['headers']>;

/** `{ "n": 1 }`, `{ "n": 2 }`, …: how often it has answered, whatever conditions a request has. */
export function counting(headers: Headers = {}): Handler {
  let n = 0;
  return () => {
    n += 1;
    return { headers, body: { n } };
  };
}

/** Everybody may read the answer. */
export const OPEN: Headers = { 'access-control-allow-origin': '*' };

/** The answer to a preflight that allows all headers and methods. */
export const ALLOWING: Reply = {
  status: 204,
  headers: { ...OPEN, 'access-control-allow-headers': '*', 'access-control-allow-methods': '*' },
};

/** A path that pages of other origins may ask; `preflight` answers what they ask first. @default allows everything */
export const openTo = (path: string, route: Route, preflight: Route = ALLOWING): Routes => ({
  [path]: route,
  [`OPTIONS ${path}`]: preflight,
});
