/** This file knows how many redirects a request may follow. */
import type { InternalAxiosRequestConfig } from 'axios';

/** The package follow-redirects, which axios uses, follows this many where the request does not say. */
export const MAX_REDIRECTS = 21;

export const maxRedirectsOf = ({ maxRedirects }: InternalAxiosRequestConfig): number => maxRedirects || MAX_REDIRECTS;
