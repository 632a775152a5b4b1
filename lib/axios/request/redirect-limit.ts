/** This file knows how many redirects a request may follow. */
import type { InternalAxiosRequestConfig } from 'axios';
import { type Dialect, showsRedirects } from '../native/dialect.js';

/** The package follow-redirects, which axios uses, follows this many where the request does not say. */
export const MAX_REDIRECTS = 21;

export const maxRedirectsOf = ({ maxRedirects }: InternalAxiosRequestConfig): number => maxRedirects || MAX_REDIRECTS;

/** Tells whether a request would fail after fewer redirects than usual. The adapters that hide them know no limit. */
export const limitsRedirects = (config: InternalAxiosRequestConfig, dialect: Dialect | undefined): boolean =>
  maxRedirectsOf(config) < MAX_REDIRECTS && showsRedirects(config, dialect);
