/** What the copies of axios that the tests run with lack: the newest nothing, so that no test excuses it. */
import axios from 'axios';
import { AXIOS_FEATURES, type AxiosFeature, axiosHas } from '../support/axios-features.js';

const SINCE_1_13: readonly AxiosFeature[] = [
  'rawTextOfBrokenJson',
  'refusesSchemeWithoutSlashes',
  'codeOfEveryStatus',
  'fetchTimeoutInWords',
  'fetchMaxContentLength',
  'fetchMaxBodyLength',
  'responseOfBrokenAnswer',
  'fetchUserInfo',
  'decodesUserInfo',
];
const LACKING: Readonly<Record<string, readonly AxiosFeature[]>> = {
  '1.7': ['allowAbsoluteUrls', 'parseReviver', 'fetchOfEnv', ...SINCE_1_13],
  '1.13': SINCE_1_13,
};

test('this axios lacks what its version lacks', async () => {
  const lacking: AxiosFeature[] = [];
  for (const feature of AXIOS_FEATURES) if (!(await axiosHas(feature))) lacking.push(feature);
  const version = axios.VERSION.split('.', 2).join('.');
  expect({ version, lacking }).toEqual({ version, lacking: LACKING[version] ?? [] });
});
