/** axios without a cache, once with the cheapest adapter there can be and once with the origin behind it. */
import { AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { headersOf } from '../origins.js';
import type { Candidate } from './candidate.js';
import { clientOf, createInstance } from './on-axios.js';

const common = { needsServer: false, package: 'axios' } as const;

export const axiosReady: Candidate = {
  ...common,
  title: 'axios, ready answer',
  about:
    'axios with an adapter that returns one ready response object, parsed already and shared by all callers. ' +
    'No cache does less: it is the floor.',
  reaches: 'never',
  data: 'shared',
  open: (setting) => {
    const text = setting.textOf('/items/1');
    const response: AxiosResponse = {
      data: JSON.parse(text),
      status: 200,
      statusText: 'OK',
      headers: headersOf(text, 'fresh'),
      config: { headers: new AxiosHeaders() } as InternalAxiosRequestConfig,
      request: {},
    };
    return Promise.resolve(clientOf(createInstance({ ...setting, adapter: () => Promise.resolve(response) }), {}));
  },
};

export const axiosAlone: Candidate = {
  ...common,
  title: 'axios, no cache',
  about: 'axios alone: each request goes to the origin, and each caller gets data parsed anew.',
  reaches: 'always',
  data: 'own',
  open: (setting) => Promise.resolve(clientOf(createInstance(setting), {})),
};
