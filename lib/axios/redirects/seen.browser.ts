/** Browsers show no redirect, so nothing is told and nothing was seen. */
import type { SeenRedirect } from '../../engine/exchange/answer.js';

export class SeenRedirects {
  readonly list: readonly SeenRedirect[] = [];

  note(): void {}
}
