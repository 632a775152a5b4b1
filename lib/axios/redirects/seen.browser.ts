/** Browsers show no redirect, so nothing is told and nothing was seen. */
import type { Redirection } from '../../engine/exchange/answer.js';

export class Redirections {
  readonly seen: readonly Redirection[] = [];

  note(): void {}
}
