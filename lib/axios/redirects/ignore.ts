import type { Located } from '../request/locate.js';

/** The same request, which no stored redirect answers. */
export const ignoringRedirects = (located: Located): Located => ({
  ...located,
  asked: { ...located.asked, policy: { ...located.asked.policy, ignoresRedirects: true } },
});
