// The texts that are made of the list of pages: the index in docs/, and llms.txt, by which language models find pages.

const SUMMARY = 'A persistent HTTP cache for axios: RFC 9111 in the client, one call to set up, any storage.';

/** docs/README.md, which is the first page of the site too. */
export const indexOf = (groups) => `# axios-client-cache

<!-- This page is written by \`npm run docs\` from site/pages.mjs. Changes made by hand are lost. -->

${SUMMARY}

\`\`\`sh
npm install axios axios-client-cache
\`\`\`

\`\`\`ts
import axios from 'axios';
import { setupCache } from 'axios-client-cache';

const api = axios.create({ baseURL: 'https://api.example.com' });
const http = setupCache(api, { expireAfter: '1h' });
console.log((await http.get('/users')).cached); // false
console.log((await http.get('/users')).cached); // true
\`\`\`

[Getting started](getting-started.md) takes three minutes. The pages below have the rest.

${listsOf(groups, ({ title, path, use }) => `- [${title}](${path}): ${use}`)}`;

/** As llmstxt.org describes it; pages are linked as Markdown, below `base`. */
export const llmsOf = (groups, base) => `# axios-client-cache

> ${SUMMARY}

Every page has code that is compiled and run in the tests of the package. Durations are seconds, or texts such as '5m'.

${listsOf(groups, ({ title, path, use }) => `- [${title}](${base}${path}): ${use}`)}`;

const listsOf = (groups, line) =>
  groups.map(({ title, pages }) => `## ${title}\n\n${pages.map(line).join('\n')}\n`).join('\n');
