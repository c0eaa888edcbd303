import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { exempt, longLinesIn, pending, retiredWordsIn } from './retired-words.ts';

/** Each folder of src/ and the other folders that it may import (docs/ARCHITECTURE.md). */
const rooms: Readonly<Record<string, readonly string[]>> = {
  model: [],
  source: ['model'],
  desired: ['model'],
  plan: ['model'],
  scim: ['model'],
  store: ['model'],
  config: ['model'],
  sandbox: ['model'],
  probe: ['model', 'scim'],
  sync: ['model', 'source', 'desired', 'plan', 'scim', 'store'],
  daemon: ['model', 'sync'],
  page: ['model'],
  metrics: ['model', 'sync', 'page'],
  notify: ['model'],
  tracing: ['model', 'sync'],
  cli: [
    'model',
    'source',
    'desired',
    'plan',
    'scim',
    'store',
    'config',
    'sandbox',
    'probe',
    'sync',
    'daemon',
    'page',
    'metrics',
    'notify',
    'tracing',
  ],
  library: ['model', 'config', 'sync', 'cli'],
};

/** The file or folders that may import a package, so that another package can replace it in one place. */
const knownBy: Readonly<Record<string, readonly string[]>> = {
  '@opentelemetry/api': ['tracing/'],
  '@opentelemetry/exporter-trace-otlp-http': ['tracing/open-tracer.ts'],
  '@opentelemetry/exporter-trace-otlp-proto': ['tracing/open-tracer.ts'],
  '@opentelemetry/resources': ['tracing/open-tracer.ts'],
  '@opentelemetry/sdk-trace-base': ['tracing/open-tracer.ts'],
  '@marcbachmann/cel-js': ['desired/expressions/cel/'],
  'async-mutex': ['scim/', 'store/'],
  axios: ['scim/transport/network/stream-client.ts'],
  undici: ['scim/transport/network/exchange.ts'],
  'better-sqlite3': ['store/'],
  commander: ['cli/'],
  'csv-parse': ['source/csv/'],
  hono: ['page/'],
  '@hono/node-server': ['page/server/'],
  'iconv-lite': ['source/csv/'],
  'jsonc-parser': ['config/parse/json.ts'],
  ldapts: ['source/ldap/'],
  luxon: ['model/dates/'],
  'node-cron': ['daemon/'],
  nodemailer: ['cli/notify/mail-server.ts'],
  'p-limit': ['scim/'],
  'p-queue': ['scim/', 'sync/'],
  pg: ['store/postgres/'],
  picocolors: ['cli/'],
  pino: ['cli/'],
  'pino-pretty': ['cli/'],
  re2js: ['desired/expressions/cel/patterns.ts'],
  'prom-client': ['metrics/'],
  zod: ['config/'],
};

/** At most one file may import each of these packages. */
const knownByOneFile = ['p-queue', 'axios', 'undici', 'ldapts', 're2js', 'node-cron'];

/** Modules of Node that reach the disk, the network or other processes, and the folders that may import them. */
const worldly: Readonly<Record<string, readonly string[]>> = {
  'node:fs': ['source', 'store', 'config', 'cli'],
  'node:fs/promises': ['source', 'store', 'config', 'cli'],
  'node:http': ['scim', 'sandbox', 'page', 'cli'],
  'node:https': ['scim', 'sandbox', 'page', 'cli'],
  'node:net': ['source', 'scim', 'sandbox', 'cli'],
  'node:tls': ['scim', 'cli'],
  'node:child_process': ['source', 'cli'],
  'node:os': ['cli'],
  // sync/ only yields to the event loop between batches. For waiting, it uses the injected clock.
  'node:timers/promises': ['sync', 'cli'],
};

/**
 * Differences between vendors are settings of profiles, so that no code names a vendor. Names that are also English
 * words (box, linear, notion) are not in this list.
 */
const vendors = [
  'workos',
  'frontegg',
  'auth0',
  'mojoauth',
  'ssojet',
  'okta',
  'onelogin',
  'jumpcloud',
  'entra',
  'azure',
  'microsoft',
  'office365',
  'google',
  'gsuite',
  'aws',
  'amazon',
  'oracle',
  'slack',
  'github',
  'gitlab',
  'bitbucket',
  'atlassian',
  'jira',
  'zoom',
  'webex',
  'cisco',
  'salesforce',
  'servicenow',
  'workday',
  'zendesk',
  'hubspot',
  'databricks',
  'snowflake',
  'tableau',
  'dropbox',
  'docusign',
  'miro',
  'figma',
  'asana',
  'pagerduty',
  'datadog',
  'keycloak',
  'authentik',
  'zitadel',
  'pingfederate',
  'pingone',
  'forgerock',
  'sailpoint',
  'cyberark',
  'stytch',
  'clerk',
  'descope',
  'fusionauth',
  'scalekit',
  'boxyhq',
  'scimmy',
];

/** Names of files and folders that do not describe their content. */
const nameless = [
  'utils?',
  'helpers?',
  'managers?',
  'services?',
  'common',
  'shared',
  'misc',
  'lib',
  'index',
  'types',
  'constants',
];

const src = join(import.meta.dirname, '..', 'src');
const files: ReadonlyMap<string, string> = new Map(
  readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path.slice(src.length + 1), readFileSync(path, 'utf8')]),
);
/** What scripts write from other files, and tests compare with them. */
const generated: readonly string[] = ['src/store/migrations/current/schema.sql'];
/** The maximum number of files directly in one folder of src/. In a longer list, a file is hard to find. */
const maxFilesPerFolder = 20;

const root = join(src, '..');
/** All that a person reads: code, tests, scripts, documentation, and the prose of profiles. */
const prose: readonly string[] = [
  ...['src', 'test', 'scripts', 'docs', 'config/profiles', 'config/directories', '.ci'].flatMap(filesUnder),
  ...['README.md', 'CHANGELOG.md', 'sync.config.example.json'],
].filter((file) => !pending.some((path) => file.startsWith(path)));

const modules: ReadonlyMap<string, readonly string[]> = new Map(
  [...files].filter(([file]) => /\.tsx?$/.test(file)).map(([file, text]) => [file, importsOf(text)]),
);

describe('src/', () => {
  test('consists of the folders in the table', () => {
    expect([...files.keys()].filter((file) => !Object.hasOwn(rooms, roomOf(file)))).toEqual([]);
    expect(modules.size).toBeGreaterThan(10);
  });

  test('every import between folders is in the table', () => {
    expect(wrongRooms(modules)).toEqual([]);
  });

  test('every package is imported only where the table allows it', () => {
    expect(wrongPackages(modules)).toEqual([]);
  });

  test.each(knownByOneFile)('at most one file imports %s', (name) => {
    const knowers = [...modules]
      .filter(([, imports]) => imports.some((specifier) => packageOf(specifier) === name))
      .map(([file]) => file);
    expect(knowers.slice(1)).toEqual([]);
  });

  test('there are no import cycles', () => {
    expect(cycles(modules)).toEqual([]);
  });

  test('no vendor is named', () => {
    expect(
      [...files].flatMap(([file, text]) => vendorsIn(`${file}\n${text}`).map((name) => `${file}: ${name}`)),
    ).toEqual([]);
  });

  test('no file or folder has a generic name', () => {
    expect([...files.keys()].filter(isNameless)).toEqual([]);
  });

  test('no file is longer than 300 lines', () => {
    const written = [...files].filter(([file]) => !generated.includes(`src/${file}`));
    expect(written.filter(([, text]) => text.split('\n').length - 1 > 300).map(([file]) => file)).toEqual([]);
  });

  test(`no folder holds more than ${maxFilesPerFolder} files`, () => {
    const names = [...files.keys()].filter((file) => !pending.some((path) => `src/${file}`.startsWith(path)));
    expect(crowdedFolders(names)).toEqual([]);
  });
});

test('no retired word is in use', () => {
  const hits = (file: string): readonly string[] => retiredWordsIn(proseOf(file)).map((hit) => `${file}:${hit}`);
  expect(prose.filter((file) => !Object.hasOwn(exempt, file)).flatMap(hits)).toEqual([]);
});

test('every file exempt from the check of retired words exists and contains one', () => {
  expect(Object.keys(exempt).filter((file) => retiredWordsIn(proseOf(file)).length === 0)).toEqual([]);
});

test('no line of code is longer than 120 columns', () => {
  const code = prose.filter((file) => /^(?:src|test|scripts)\//.test(file) && !generated.includes(file));
  expect(code.flatMap((file) => longLinesIn(contentOf(file)).map((line) => `${file}:${line}`))).toEqual([]);
});

describe('the checks of this file', () => {
  test.each([
    ["import { a } from './a.ts';", ['./a.ts']],
    ["import type { A } from '../model/a.ts';", ['../model/a.ts']],
    ["export { a } from './a.ts'; export * from './b.ts';", ['./a.ts', './b.ts']],
    ["import 'pino';", ['pino']],
    ["const a = await import('./late.ts');", ['./late.ts']],
    ["type A = import('./a.ts').A;", ['./a.ts']],
    ["const b = require('axios');", ['axios']],
    ["// import { a } from './a.ts';\nconst text = \"import './b.ts'\";", []],
  ])('imports of %s', (text, expected) => {
    expect(importsOf(text)).toEqual(expected);
  });

  test.each([
    ['scim/target.ts', '../model/resource-type.ts', true],
    ['scim/target.ts', './transport/http.ts', true],
    ['scim/target.ts', '../store/store.ts', false],
    ['model/resource-type.ts', '../plan/diff.ts', false],
    ['sync/pass.ts', '../plan/diff.ts', true],
    ['sync/pass.ts', '../config/load.ts', false],
    ['daemon/daemon.ts', '../store/store.ts', false],
    ['cli/main.ts', '../../package.json', false],
    ['cli/main.ts', './commands/../../sync/pass.ts', true],
  ])('%s may import %s: %s', (file, specifier, allowed) => {
    expect(wrongRooms(new Map([[file, [specifier]]])).length === 0).toBe(allowed);
  });

  test.each([
    ['scim/transport/network/stream-client.ts', 'axios', true],
    ['scim/target.ts', 'axios', false],
    ['source/csv/parse-records.ts', 'csv-parse/sync', true],
    ['source/source.ts', 'csv-parse', false],
    ['desired/expressions/cel/parse.ts', '@marcbachmann/cel-js', true],
    ['cli/main.ts', 'left-pad', false],
    ['plan/diff.ts', 'node:fs', false],
    ['store/database.ts', 'node:fs', true],
    ['plan/diff.ts', 'fs', false],
    ['plan/diff.ts', 'node:crypto', true],
  ])('%s may import the package %s: %s', (file, specifier, allowed) => {
    expect(wrongPackages(new Map([[file, [specifier]]])).length === 0).toBe(allowed);
  });

  test('a cycle is reported with its files', () => {
    const ring = new Map([
      ['plan/a.ts', ['./b.ts']],
      ['plan/b.ts', ['./c.ts', '../model/resource-type.ts']],
      ['plan/c.ts', ['./a.ts']],
      ['model/resource-type.ts', []],
    ]);
    expect(cycles(ring)).toEqual(['plan/a.ts → plan/b.ts → plan/c.ts → plan/a.ts']);
    expect(
      cycles(
        new Map([
          ['plan/a.ts', ['./b.ts', './c.ts']],
          ['plan/b.ts', ['./c.ts']],
          ['plan/c.ts', []],
        ]),
      ),
    ).toEqual([]);
  });

  test.each([
    ['if (target === "Okta")', ['okta']],
    ['const azureQuirk = 1', ['azure']],
    ['SLACK_LIMIT', ['slack']],
    ['see GitHub', ['github']],
    ['const zoomed = laws.awsome; clerks', []],
  ])('vendors in %s', (text, expected) => {
    expect(vendorsIn(text)).toEqual(expected);
  });

  test.each([
    ['sync/utils.ts', true],
    ['sync/helpers/a.ts', true],
    ['scim/userService.ts', true],
    ['scim/queue-manager.ts', true],
    ['sync/pass.ts', false],
    ['desired/commonName.ts', false],
  ])('%s is a generic name: %s', (file, expected) => {
    expect(isNameless(file)).toBe(expected);
  });

  test('files of subfolders do not count for the size of a folder', () => {
    const names = (folder: string, count: number): readonly string[] =>
      Array.from({ length: count }, (_, index) => `${folder}/${index}.ts`);
    expect(crowdedFolders([...names('scim', 20), ...names('scim/read', 20)])).toEqual([]);
    expect(crowdedFolders([...names('scim', 3), ...names('scim/read', 21)])).toEqual(['scim/read: 21 files']);
  });

  test.each([
    ['/** Whoever left. */', ['whoever']],
    ['const doubtful = isDoubtful(row);', ['doubtful']],
    ['stirred_records', ['stirred']],
    ['The update is said again\nwithout a reason.', ['said']],
    ['Nobody is gone, and nobody is told.', ['nobody', 'told']],
    ['The profile `speaks` SCIM.', ['speaks', '`speaks`']],
    ['const style = profile.speaks;', ['speaks', 'profile.speaks']],
    ['"holds": { "readBack": true }', ['"holds"', '"readBack"']],
    ['at least so many milliseconds', ['so many']],
    ['The pass gives way to news.', ['gives way']],
    ['The guard holds a plan that is in doubt.', []],
    ['A limit of the profile allows 25 requests, as long as the quota lasts.', []],
    ['essays, unstoppable, soothsayer, assays, parkway, habitat, bystander', []],
    ['The target is asked again; the operation is in doubt; no user is removed.', []],
  ])('retired words in %j', (text, expected) => {
    expect(retiredWordsIn(text).map((hit) => hit.replace(/^\d+ | → use .*$/g, ''))).toEqual(expected);
  });

  test('a retired word is reported with its line and the term to use', () => {
    expect(retiredWordsIn('one\ntwo anew')).toEqual(['2 anew → use again']);
  });

  test.each([
    ['x'.repeat(120), []],
    [`short\n${'word '.repeat(25)}`, [2]],
    [`// ${'word '.repeat(20)} https://example.com/${'path/'.repeat(10)}`, [1]],
    [`  // https://example.com/${'path/'.repeat(30)}`, []],
    [`    /^a ${'long '.repeat(30)}expression$/u,`, []],
    [`const a = 1; // ${'word '.repeat(30)}`, [1]],
  ])('long lines in %j', (text, expected) => {
    expect(longLinesIn(text)).toEqual(expected);
  });
});

function filesUnder(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && !entry.parentPath.includes('node_modules') && entry.name !== 'package-lock.json',
    )
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

function contentOf(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** Of a migration only the comments: the names of its tables and columns are those of an older version. */
function proseOf(file: string): string {
  const text = contentOf(file);
  return file.endsWith('.sql') ? text.replace(/^(?!\s*--).*$/gm, '') : text;
}

/** Migrations are a list in order of their numbers, and each release may add some. */
const isList = (folder: string): boolean => folder.endsWith('/migrations');

function crowdedFolders(names: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(posix.dirname(name), (counts.get(posix.dirname(name)) ?? 0) + 1);
  return [...counts]
    .filter(([folder, count]) => count > maxFilesPerFolder && !isList(folder))
    .map(([folder, n]) => `${folder}: ${n} files`);
}

/** All modules that a file imports, including imports of types only. */
function importsOf(text: string): readonly string[] {
  const found: string[] = [];
  const note = (node: ts.Node | undefined): void => {
    if (node !== undefined && ts.isStringLiteralLike(node)) found.push(node.text);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) note(node.moduleSpecifier);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) note(node.argument.literal);
    else if (
      ts.isCallExpression(node) &&
      (node.expression.kind === ts.SyntaxKind.ImportKeyword || isRequire(node.expression))
    )
      note(node.arguments[0]);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('file.tsx', text, ts.ScriptTarget.Latest));
  return found;
}

function isRequire(expression: ts.Expression): boolean {
  return ts.isIdentifier(expression) && expression.text === 'require';
}

function roomOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : '';
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith('.');
}

/** Relative to src/, as the files are named here. */
function targetOf(file: string, specifier: string): string {
  return posix.join(posix.dirname(file), specifier);
}

function wrongRooms(of: ReadonlyMap<string, readonly string[]>): readonly string[] {
  return [...of].flatMap(([file, imports]) => {
    const room = roomOf(file);
    const allowed = [room, ...(rooms[room] ?? [])];
    return imports
      .filter((specifier) => isRelative(specifier) && !allowed.includes(roomOf(targetOf(file, specifier))))
      .map((specifier) => `${file} imports ${specifier}`);
  });
}

/** "csv-parse/sync" → "csv-parse", "@scope/name/part" → "@scope/name", "fs" → "node:fs". */
function packageOf(specifier: string): string {
  if (builtinModules.includes(specifier)) return `node:${specifier}`;
  if (specifier.startsWith('node:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function wrongPackages(of: ReadonlyMap<string, readonly string[]>): readonly string[] {
  return [...of].flatMap(([file, imports]) =>
    imports
      .filter((specifier) => !isRelative(specifier) && !mayKnow(file, packageOf(specifier)))
      .map((specifier) => `${file} imports ${specifier}`),
  );
}

function mayKnow(file: string, name: string): boolean {
  if (name.startsWith('node:')) return worldly[name]?.includes(roomOf(file)) ?? roomOf(file) !== 'model';
  return (knownBy[name] ?? []).some((knower) => (knower.endsWith('/') ? file.startsWith(knower) : file === knower));
}

/** A depth-first search. Each cycle is reported once, starting with the first visited file. */
function cycles(of: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const found: string[] = [];
  const finished = new Set<string>();
  const walk = (file: string, trail: readonly string[]): void => {
    const met = trail.indexOf(file);
    if (met !== -1) found.push([...trail.slice(met), file].join(' → '));
    if (met !== -1 || finished.has(file)) return;
    for (const specifier of of.get(file) ?? []) {
      if (isRelative(specifier)) walk(targetOf(file, specifier), [...trail, file]);
    }
    finished.add(file);
  };
  for (const file of of.keys()) walk(file, []);
  return found;
}

/** Whole words in any case, and the words that a camelCase or SNAKE_CASE name is made of. */
function vendorsIn(text: string): readonly string[] {
  const apart = `${text}\n${text.replace(/([a-z0-9])([A-Z])/g, '$1 $2')}`.replaceAll('_', ' ');
  return vendors.filter((name) => new RegExp(`\\b${name}\\b`, 'i').test(apart));
}

function isNameless(file: string): boolean {
  const name = new RegExp(
    `^(${nameless.join('|')})$|(Utils?|Helpers?|Manager|Service)$|-(utils?|helpers?|manager|service)$`,
  );
  return file.split('/').some((part) => name.test(part.replace(/\.[^/]*$/, '')));
}
