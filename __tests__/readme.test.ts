/** README, pages and doc comments keep their promises: their code compiles, and what pages have runs and prints. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import {
  type Block,
  blocksOf,
  docPages,
  type Documented,
  documentedIn,
  ENGINE_PLACES,
  outputOf,
  type Place,
  promisedOutput,
  typeErrorsIn,
} from './support/doc-blocks.js';
import { root } from './support/root.js';
import { databaseAt } from './support/mongo.js';
import { describeService } from './support/services.js';
import { startDocOrigin } from './support/doc-origin.js';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const pages = docPages();
const blocks = pages.flatMap(blocksOf);
const rowsOf = (place: Place): [string, Block][] =>
  blocks.filter((block) => block.place === place).map((block) => [block.name, block]);

const likeText = (promised: string): unknown =>
  promised.includes('…') ? expect.stringMatching(patternOf(promised)) : promised;
const patternOf = (promised: string): RegExp =>
  new RegExp(`^${promised.split('…').map((text) => text.replaceAll(/[^\w ]/g, '\\$&')).join('.*')}$`);

const DRIVERS = { redis: 'redis', mongo: 'mongoose', dynamodb: '@aws-sdk/client-dynamodb' };

async function expectPromised(block: Block, engine?: string): Promise<void> {
  const origin = await startDocOrigin();
  try {
    expect(await outputOf(block, origin.url, engine)).toEqual(promisedOutput(block).map(likeText));
  } finally {
    await origin.close();
  }
}

describe('code', () => {
  test('the README begins with what it promises to run', () => {
    expect(blocksOf('README.md').slice(0, 2).map(promisedOutput)).toEqual([['false', 'true'], ['false', 'true']]);
  });

  test('has the types that a user sees', () => {
    expect(typeErrorsIn(blocks)).toEqual([]);
  }, 60_000);

  test('says where it runs, if not in Node alone', () => {
    const places: readonly unknown[] = ['node', 'browser', 'compiled', ...ENGINE_PLACES];
    expect(blocks.filter(({ place }) => !places.includes(place)).map(({ name }) => name)).toEqual([]);
  });

  test.each(rowsOf('node'))('%s runs and prints what it says', async (_name, block) => {
    await expectPromised(block);
  });
});

describe.each(ENGINE_PLACES)('code that needs a database', (place) => {
  describeService(place, (engine) => {
    // A call of the cache has a time limit, within which jest may not be ready with a large driver.
    beforeAll(() => { jest.requireActual(DRIVERS[place]); });

    test.each(rowsOf(place))('%s runs and prints what it says', async (_name, block) => {
      // The database of a page is one of the tests, whatever stands behind the address of the server.
      await expectPromised(block, place === 'mongo' ? databaseAt(engine().url) : engine().url);
    });
  });
});

describe('pages whose examples use what stands elsewhere', () => {
  const bare = blocks.filter(({ code }) => !/^import |\brequire\(/m.test(code)).map(({ name }) => name.split(':')[0] ?? '');
  test.each([...new Set(bare)])('%s says what it is', (page) => {
    expect(read(page)).toMatch(/`http` is (this instance|the instance of (the first one|\[getting started\]))/);
  });
});

describe('doc comments of the options and of all that a user sees', () => {
  const inApi = readdirSync(join(root, 'lib/api')).map((name) => `lib/api/${name}`);
  const files = [...inApi, 'lib/setup-cache.ts', 'lib/options/resolve.ts'];
  const documented = new Map(files.map((file) => [file, documentedIn(file)]));
  const options = documented.get('lib/api/options.ts') ?? [];
  const namesOf = (all: readonly Documented[]): string[] => all.map(({ name }) => name);

  test('their examples compile', () => {
    const examples = [...documented.values()].flat().flatMap((each) => each.examples);
    expect(examples.length).toBeGreaterThanOrEqual(50);
    expect(typeErrorsIn(examples)).toEqual([]);
  }, 60_000);

  test('every option says what it is, what it refuses and how it is used', () => {
    const isOption = ({ name }: Documented): boolean => /^Cache(Policy|RequestOptions|Options)\./.test(name);
    const isWhole = ({ text, tags }: Documented): boolean =>
      text !== '' && ['default', 'throws', 'example'].every((tag) => tags.includes(tag));
    expect(options.filter(isOption).length).toBeGreaterThanOrEqual(34);
    expect(namesOf(options.filter(isOption).filter((each) => !isWhole(each)))).toEqual([]);
  });

  test.each(['lib/api/options.ts', 'lib/api/manager.ts'])('everything in %s has a doc comment', (file) => {
    expect(namesOf((documented.get(file) ?? []).filter(({ text }) => text === ''))).toEqual([]);
  });
});

/** Gives the names in a type that lib/ exports: members of an interface, or strings of a union. */
function namesIn(type: string): string[] {
  const inLib = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' });
  const files = inLib.filter((each) => each.endsWith('.ts'));
  const file = files.find((each) => new RegExp(`^export (interface|type) ${type}\\b`, 'm').test(read(`lib/${each}`)));
  if (file === undefined) throw new Error(`Nothing in lib/ exports a type ${type}`);
  const source = ts.createSourceFile(file, read(`lib/${file}`), ts.ScriptTarget.ES2022, true);
  const names: string[] = [];
  source.forEachChild((node) => {
    if (ts.isInterfaceDeclaration(node) && node.name.text === type) {
      names.push(...node.members.map((member) => member.name?.getText(source) ?? ''));
    }
    if (!ts.isTypeAliasDeclaration(node) || node.name.text !== type || !ts.isUnionTypeNode(node.type)) return;
    names.push(...node.type.types.map((each) => each.getText(source).replaceAll("'", '')));
  });
  return names;
}

/** Gives the names in the first column of the tables below a heading. */
function listedUnder(page: string, heading: string): string[] {
  const section = read(page).split(/^(?=#{2,3} )/m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return section
    .split('\n')
    .flatMap((line) => [...(/^\| *(`[^|]*)\|/.exec(line)?.[1] ?? '').matchAll(/`'?([\w-]+)'?`/g)])
    .map(([, name = '']) => name);
}

describe('tables', () => {
  test.each([
    ['README.md', '### For a session, a URL pattern or one request', 'CachePolicy'],
    ['README.md', '### For one request', 'CacheRequestOptions'],
    ['README.md', '### For a session', 'CacheOptions'],
    ['README.md', '### Modes', 'CacheMode'],
    ['docs/troubleshooting.md', '## The five statuses', 'CacheStatus'],
    ['docs/troubleshooting.md', '## Why it came from there', 'CacheReason'],
    ['docs/troubleshooting.md', '## Why it was not stored', 'NotStoredReason'],
    ['docs/storages/sqlite.md', '## Options', 'SqliteStorageOptions', 'RecordOptions'],
    ['docs/storages/mongodb.md', '## Options', 'MongoStorageOptions', 'RecordOptions'],
    ['docs/expiration.md', '## Which rung it was', 'ExpirySource'],
  ] as const)('%s, %s: what the sources have, no more and no less', (page, heading, ...types) => {
    expect(listedUnder(page, heading).sort()).toEqual(types.flatMap(namesIn).sort());
  });
});

describe('pages of storages', () => {
  const ofAll = ['performance', 'record-options', 'your-own'].map((name) => `docs/storages/${name}.md`);
  const ofOne = pages.filter((page) => page.startsWith('docs/storages/') && !ofAll.includes(page));
  test.each(ofOne)('%s has the parts that all have, in the same order', (page) => {
    const parts = ['Options', 'Expiry', 'Several processes', 'Limits'];
    const headings = [...read(page).matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading);
    expect(headings.filter((heading) => parts.includes(heading))).toEqual(parts);
  });
});

describe('links', () => {
  test('the README has an index of its parts', () => {
    const text = read('README.md');
    const parts = [...text.matchAll(/^## (.*)$/gm)].map(([, title = '']) => title);
    const listed = [...text.matchAll(/^- \[(.*)\]\(#(.*)\)$/gm)].map(([, title = '', anchor]) => [title, anchor]);
    const anchorOf = (title: string): string => title.toLowerCase().replaceAll(' ', '-');
    const expected = parts.filter((title) => title !== 'License').map((title) => [title, anchorOf(title)]);
    expect(listed).toEqual(expected);
  });

  test.each(pages)('%s names files that exist', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = '']) => path);
    expect(links.filter((path) => !existsSync(join(root, dirname(page), path)))).toEqual([]);
  });
});
