/** One Chromium for a file of tests: its pages are kept, and what each writes to its console is collected. */
import { type Browser, type BrowserContext, chromium as playwright, type Page } from 'playwright-core';
import type { AxiosStatic } from 'axios';
import type * as main from '../../../lib/index.js';
import type * as indexeddb from '../../../lib/indexeddb.js';
import type * as storageContract from '../../../lib/storage-contract.js';
import type * as tiered from '../../../lib/tiered.js';
import { findChromium, missingChromium } from '../../../services/chromium.js';
import { describeWhere, LIMIT_MS } from '../../support/describe-where.js';
import type { Routes } from '../../support/origin.js';
import { type Site, startSite } from './site.js';

/** What code in a page is given: the main entry, axios, and the subpaths that a module page has imported. */
export type PageScope = typeof main & {
  readonly axios: AxiosStatic;
  readonly subpaths: {
    readonly indexeddb: typeof indexeddb;
    readonly tiered: typeof tiered;
    readonly 'storage-contract': typeof storageContract;
  };
  /** The data of an answer, or the code of an error. */
  readonly outcome: (request: Promise<{ readonly data: unknown }>) => Promise<unknown>;
};

/** Sent to the page as text: it can use its arguments and the globals of the page, and nothing around it. */
export type PageCode<A, T> = (scope: PageScope, argument: A) => T | Promise<T>;

export interface OpenPage {
  readonly page: Page;
  /** Errors and warnings of its console, and uncaught errors, since it was opened. */
  readonly messages: readonly string[];
  /** The second argument is anything that JSON can hold. */
  readonly run: {
    <T>(code: PageCode<undefined, T>): Promise<T>;
    <A, T>(code: PageCode<A, T>, argument: A): Promise<T>;
  };
}

export interface OpenOptions {
  /** One of the test's own, where cookies, being offline or other settings of a context matter. */
  readonly context?: BrowserContext;
}

export interface Chromium {
  readonly browser: Browser;
  /** A site that is closed after the test. */
  site(routes?: Routes): Promise<Site>;
  /** A context that is closed after the test: cookies, storages and settings of its own. */
  context(): Promise<BrowserContext>;
  /** The page at `url`, loaded; it is given back after the test. */
  open(url: string, options?: OpenOptions): Promise<OpenPage>;
  /** Ends what a test has opened. */
  release(): Promise<void>;
  stop(): Promise<void>;
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A host whose pages are no secure context; 127.0.0.1 and localhost are one without TLS too.
  '--host-resolver-rules=MAP insecure.test 127.0.0.1',
];

/** Throws where there is none. */
export async function start(): Promise<Chromium> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(missingChromium());
  const browser = await playwright.launch({
    executablePath,
    args: FLAGS,
    // Users have this cache, and tests go back to its pages.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
  const shared = await browser.newContext();
  const idle: Page[] = [];
  let borrowed: Page[] = [];
  let closing: (() => Promise<void>)[] = [];

  return {
    browser,
    site: async (routes) => {
      const site = await startSite(routes);
      closing.push(() => site.close());
      return site;
    },
    context: async () => {
      const context = await browser.newContext();
      closing.push(() => context.close());
      return context;
    },
    open: async (url, { context } = {}) => {
      if (context !== undefined) return load(await context.newPage(), url);
      const page = idle.pop() ?? (await shared.newPage());
      borrowed.push(page);
      return load(page, url);
    },
    release: async () => {
      const [pages, ends] = [borrowed, closing];
      [borrowed, closing] = [[], []];
      await Promise.all(pages.map((page) => giveBack(page, idle)));
      await Promise.all(ends.map((end) => end()));
    },
    stop: () => browser.close(),
  };
}

async function giveBack(page: Page, idle: Page[]): Promise<void> {
  page.removeAllListeners();
  if (page.isClosed()) return;
  await page.goto('about:blank');
  idle.push(page);
}

async function load(page: Page, url: string): Promise<OpenPage> {
  const messages: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) messages.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => messages.push(`uncaught: ${error.message}`));
  await page.goto(url);
  return {
    page,
    messages,
    run: <T>(code: PageCode<never, T>, argument?: unknown): Promise<T> => page.evaluate<T>(expression(code, argument)),
  };
}

function expression(code: PageCode<never, unknown>, argument: unknown): string {
  const outcome = '(request) => request.then(({ data }) => data, (error) => error.code ?? String(error))';
  const scope = `{ ...globalThis.axiosClientCache, axios: globalThis.axios, subpaths: globalThis.subpaths,
    outcome: ${outcome} }`;
  return `(${String(code)})(${scope}, ${JSON.stringify(argument) ?? 'undefined'})`;
}

/** A `describe` of tests in Chromium: skipped with a line where there is none, failing where `REQUIRE_SERVICES=1`. */
export function describeChromium(tests: (chromium: () => Chromium) => void): void {
  describeWhere('Chromium', missingChromium(), start, (chromium) => {
    afterEach(() => chromium().release());
    afterAll(() => chromium().stop(), LIMIT_MS);
    tests(chromium);
  });
}
