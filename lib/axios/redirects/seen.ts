/**
 * This file notes the redirects on the way to an answer, as the http adapter tells them, even if they are not stored.
 */
import type { AxiosRequestConfig } from 'axios';
import { fieldsOf } from '../native/headers.js';
import { type AboutToSend, withoutUserInfo } from './next-request.js';
import type { SeenRedirect } from '../../engine/exchange/answer.js';

export type BeforeRedirect = NonNullable<AxiosRequestConfig['beforeRedirect']>;

export class SeenRedirects {
  readonly #seen: SeenRedirect[] = [];
  #next: { readonly method: string; readonly url: string };

  /** `first` is the request that is about to be sent. */
  constructor(first: { readonly method: string; readonly url: string }) {
    this.#next = first;
  }

  /** In their order. */
  get list(): readonly SeenRedirect[] {
    return this.#seen;
  }

  note(sent: AboutToSend, { headers, statusCode }: Parameters<BeforeRedirect>[1]): void {
    this.#seen.push({ request: this.#next, response: { status: Number(statusCode), headers: fieldsOf(headers) } });
    this.#next = { method: String(sent.method).toUpperCase(), url: withoutUserInfo(sent.href) ?? '' };
  }
}
