import type { InternalAxiosRequestConfig } from 'axios';

/** How many redirects follow-redirects follows where the request does not say. */
export const MAX_REDIRECTS = 21;

export const maxRedirectsOf = ({ maxRedirects }: InternalAxiosRequestConfig): number => maxRedirects || MAX_REDIRECTS;
