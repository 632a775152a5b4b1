/** This file stands in for seen.ts in browsers, which show no redirect, so that none is ever noted. */
import type { Redirection } from '../../engine/exchange/answer.js';

export class Redirections {
  readonly seen: readonly Redirection[] = [];

  note(): void {}
}
