/** Finds the code blocks of pages and doc comments, makes them whole programs, type-checks them and runs them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'node:util';
import ts from 'typescript';
import { root } from './root.js';

export interface Block {
  /** Where it stands, such as `README.md:30`. */
  readonly name: string;
  readonly language: 'ts' | 'js';
  readonly code: string;
  /** Left out of examples in doc comments, which are compiled alone. */
  readonly place?: Place;
}

/** Where a block runs: what stands behind its language, such as "```ts redis"; `compiled` runs nowhere. */
export type Place = 'node' | 'browser' | 'compiled' | EnginePlace;
export type EnginePlace = (typeof ENGINE_PLACES)[number];
export const ENGINE_PLACES = ['redis', 'mongo', 'dynamodb'] as const;

/** What stands before a block that has no imports of its own. */
const PREAMBLE = `import axios from 'axios';
import { getCache, isCacheError, MemoryStorage, rfc9111, setupCache } from 'axios-client-cache';
const http = setupCache(axios.create({ baseURL: 'https://api.example.com' }), { expireAfter: '1h' });
void [axios, getCache, isCacheError, MemoryStorage, rfc9111, http];
`;

const pagesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.md'));

/** Every page that people read. */
export const docPages = (): string[] =>
  ['README.md', 'CONTRIBUTING.md', 'examples/README.md', ...pagesIn('contributing'), ...pagesIn('docs')];

/** Finds the fenced blocks in TypeScript and JavaScript. */
export function blocksOf(page: string): Block[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```(ts|js)(?: (.+))?\n([^]*?)^```$/gm)].map(
    ({ 1: language, 2: place = 'node', 3: code = '', index }) => ({
      name: `${page}:${text.slice(0, index).split('\n').length}`,
      language: language as Block['language'],
      code,
      place: place as Place,
    }),
  );
}

/** An exported name of a source, or a member of an exported interface, with what its doc comment has. */
export interface Documented {
  /** Such as `CacheOptions.storage`. */
  readonly name: string;
  readonly text: string;
  readonly tags: readonly string[];
  readonly examples: readonly Block[];
}

/** Reads the doc comments of a TypeScript file of the project. */
export function documentedIn(file: string): Documented[] {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.ES2022, true);
  const describe = (node: ts.Node, name: string): Documented => {
    const tags = ts.getJSDocTags(node);
    const textOf = (comment: ts.JSDocTag['comment']): string => ts.getTextOfJSDocComment(comment) ?? '';
    return {
      name,
      text: ts.getJSDocCommentsAndTags(node).map(({ comment }) => textOf(comment)).join('\n'),
      tags: tags.map(({ tagName }) => tagName.text),
      examples: tags
        .filter(({ tagName }) => tagName.text === 'example')
        .map(({ comment }) => ({ name: `${file}: ${name}`, language: 'ts', code: `${textOf(comment)}\n` })),
    };
  };
  return source.statements.flatMap((node) => {
    const isExported = ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(isExport);
    const declared = ts.isVariableStatement(node) ? node.declarationList.declarations[0] : node;
    if (!isExported || declared === undefined) return [];
    const own = describe(node, ts.getNameOfDeclaration(declared as ts.Declaration)?.getText(source) ?? '');
    if (!ts.isInterfaceDeclaration(node)) return [own];
    return [own, ...node.members.map((member) => describe(member, `${own.name}.${member.name?.getText(source)}`))];
  });
}

const isExport = ({ kind }: ts.Modifier): boolean => kind === ts.SyntaxKind.ExportKeyword;

export const programOf = ({ code }: Block): string =>
  /^import |\brequire\(/m.test(code) ? code : `${PREAMBLE}{\n${code}}\nexport {};\n`;

/** Gives what the type checker says of the blocks in TypeScript, by the project's own rules. */
export function typeErrorsIn(blocks: readonly Block[]): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: ['lib/index.ts'] }, ts.sys, root);
  const programs = new Map(
    blocks
      .filter(({ language }) => language === 'ts')
      .map((block) => [join(root, `${block.name.replaceAll(/[^\w]/g, '-')}.ts`), block]),
  );
  const host = ts.createCompilerHost(options);
  const disk = { ...host };
  const textOf = (path: string): string | undefined => {
    const block = programs.get(path);
    return block === undefined ? undefined : programOf(block);
  };
  host.fileExists = (path) => programs.has(path) || disk.fileExists(path);
  host.readFile = (path) => textOf(path) ?? disk.readFile(path);
  host.getSourceFile = (path, target, ...rest) => {
    const text = textOf(path);
    return text === undefined ? disk.getSourceFile(path, target, ...rest) : ts.createSourceFile(path, text, target);
  };
  const program = ts.createProgram([...programs.keys()], { ...options, types: ['node'], noUnusedLocals: false }, host);
  return [...programs].flatMap(([path, { name }]) => {
    const source = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText }) => `${name}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
  });
}

/** Gives what a block says that it prints: the comment after each `console.log`, in which `…` stands for anything. */
export const promisedOutput = ({ code }: Block): string[] =>
  [...code.matchAll(/\bconsole\.log\(.*?;(?: \/\/ (.*))?$/gm)].map(([, promised = '']) => promised);

type Print = (...values: unknown[]) => void;
type Printer = { log: Print; error: Print };
type Run = (require: (name: string) => unknown, exports: object, console: Printer) => Promise<void>;
/** Makes a function of a block in the test's own realm, in which it may use `await` and a console of its own. */
const AsyncFunction = (async () => undefined).constructor as new (...parametersAndCode: string[]) => Run;

/** Where pages say that an engine is. For DynamoDB the environment says it. */
const ENGINE_URL = /(?:redis|mongodb):\/\/localhost:\d+(?:\/app)?/g;

/** Gives a block as JavaScript, with `origin` in place of its API and `engine` in place of its database. */
export function scriptOf(block: Block, module: ts.ModuleKind, origin: string, engine = ''): string {
  const local = programOf(block)
    .replaceAll('https://api.example.com', origin)
    .replaceAll('api.example.com', new URL(origin).host)
    .replaceAll(ENGINE_URL, engine);
  const compilerOptions = { module, target: ts.ScriptTarget.ES2022, esModuleInterop: true };
  return ts.transpileModule(local, { compilerOptions }).outputText;
}

/** What blocks call a file or a folder of theirs. */
const FILES = /'(\.\/(?:http-cache|recordings)[\w./-]*|demo_cache)'/g;

/** A program of a user finds its DynamoDB by these, and is not run by CI, where nothing would be recorded. */
function environmentOf(engine: string): NodeJS.ProcessEnv {
  const { CI: _, ...environment } = process.env;
  const aws = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' };
  return { ...environment, ...aws, AWS_ENDPOINT_URL: engine };
}

/** Runs a block with its API and its database elsewhere, and its files too, and gives what it printed. */
export async function outputOf(block: Block, origin: string, engine = ''): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'doc-blocks-'));
  const script = scriptOf(block, ts.ModuleKind.CommonJS, origin, engine)
    .replaceAll(FILES, (_, name: string) => JSON.stringify(join(folder, name)));
  const lines: string[] = [];
  const print: Print = (...values) => void lines.push(format(...values));
  const run = new AsyncFunction('require', 'exports', 'console', script);
  const exported: { http?: { cache: { close(): Promise<void> } } } = {};
  const environment = process.env;
  try {
    process.env = environmentOf(engine);
    await run((name) => jest.requireActual(name), exported, { log: print, error: print });
  } finally {
    // An instance that is exported lives as long as its program.
    await exported.http?.cache.close();
    process.env = environment;
    rmSync(folder, { recursive: true });
  }
  return lines;
}
