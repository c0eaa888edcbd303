import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { configSchema } from '../../src/config/schema/config-schema.ts';
import { profileSchema } from '../../src/config/schema/profile-schema.ts';
import { jsonSchema, type JsonSchema } from '../../src/config/schema/json-schema.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Lines of the pages that explain the configuration file, and of the one that explains profiles. */
const lines = [
  'configuration',
  'monitoring',
  'notifications',
  'csv',
  'json',
  'command',
  'http',
  'scim',
  'ldap',
  'postgresql',
].flatMap((page) => read(`docs/${page}.md`).split('\n'));
const profileLines = read('docs/profiles.md').split('\n');
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });

interface Key {
  readonly name: string;
  /** As a person would write it; undefined where there is none, or none that is one word. */
  readonly byDefault: string | undefined;
}

/** Those of a profile are in another page; here they end at its name. */
function keysOf(schema: JsonSchema): readonly Key[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, part]) => [
    { name, byDefault: wordOf(part) },
    ...(name === 'profile' ? [] : keysOf(part)),
  ]);
  const { additionalProperties: others } = schema;
  const forms = [
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.items === undefined ? [] : [schema.items]),
    ...(typeof others === 'object' ? [others] : []),
  ];
  return [...own, ...forms.flatMap(keysOf)];
}

function wordOf(schema: JsonSchema): string | undefined {
  const { default: value } = schema as { default?: unknown };
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

const distinct = (keys: readonly Key[]): readonly Key[] => [
  ...new Map(keys.map((key) => [`${key.name} ${key.byDefault ?? ''}`, key])).values(),
];
const keys = distinct(keysOf(jsonSchema(configSchema)));
const profileKeys = distinct(keysOf(jsonSchema(profileSchema)));

/** Lines in which a name stands as code: between backticks, or quoted in an example. */
function linesAbout(name: string, where = lines): readonly string[] {
  const word = new RegExp(`(?<![\\w$])${name.replace('$', '\\$')}(?!\\w)`);
  return where.filter((line) =>
    [...(line.match(/`[^`]+`/g) ?? []), ...(line.match(/"[^"]+"/g) ?? [])].some((code) => word.test(code)),
  );
}

describe('the documentation of the configuration', () => {
  test.each(keys)('names $name', ({ name }) => {
    expect(linesAbout(name)).not.toEqual([]);
  });

  test.each(profileKeys)('names $name of a profile', ({ name }) => {
    expect(linesAbout(name, profileLines)).not.toEqual([]);
  });

  test.each(keys.filter(({ byDefault }) => byDefault !== undefined))(
    'states the default of $name: $byDefault',
    ({ name, byDefault = '' }) => {
      expect(linesAbout(name).filter((line) => line.includes(byDefault))).not.toEqual([]);
    },
  );
});

const pages = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

test('the index of the documentation links to each page', () => {
  const linked = linksIn(read('docs/README.md')).map((link) => join('docs', link.split('#')[0] ?? ''));
  const listed = pages.filter((page) => page.startsWith('docs/') && !page.startsWith('docs/decisions/'));
  expect(listed.filter((page) => page !== 'docs/README.md' && !linked.includes(page))).toEqual([]);
});

describe.each(pages)('%s', (page) => {
  const text = read(page);

  test('has no broken link', () => {
    expect(linksIn(text).filter((link) => isBroken(page, link))).toEqual([]);
  });

  test('names only files that exist', () => {
    // The sources of built-in profiles are files of other projects.
    const [own = ''] = page === 'docs/profiles.md' ? text.split('## Which profiles are built in?') : [text];
    expect(filesNamedIn(own).filter((file) => !isKnownFile(file))).toEqual([]);
  });
});

describe('the judges themselves', () => {
  test.each([
    ['see `src/sync/pass.ts`, which', ['src/sync/pass.ts']],
    ['test/sync/settle.test.ts, test/e2e/guard.test.ts.', ['test/sync/settle.test.ts', 'test/e2e/guard.test.ts']],
    ['`store/mirror/` and `scripts/bench`', ['store/mirror/', 'scripts/bench']],
    ['├ encode/patch.ts   operations', ['encode/patch.ts']],
    [
      '`sandbox/misbehaviours/*.ts`, `config/profiles/` and `sync/plan-*.ts`',
      ['sandbox/misbehaviours/', 'config/profiles/'],
    ],
    ['`./acme.json`, `people.csv`, `/Users`, https://example.com/src/none.ts, `a/b`', []],
  ])('files named in %j', (text, expected) => {
    expect(filesNamedIn(text)).toEqual(expected);
  });

  test.each([
    ['src/config/load.ts', true],
    ['config/load.ts', true],
    ['config/profiles/', true],
    ['src/config/loader.ts', false],
    ['source/elsewhere/', false],
  ])('%s exists: %s', (file, expected) => {
    expect(isKnownFile(file)).toBe(expected);
  });

  test('a link needs its file and its heading', () => {
    expect(isBroken('docs/ldap.md', 'csv.md#rejected-rows')).toBe(false);
    expect(isBroken('docs/ldap.md', 'csv.md#no-such-heading')).toBe(true);
    expect(isBroken('docs/ldap.md', 'no-such-page.md')).toBe(true);
  });
});

function linksIn(text: string): readonly string[] {
  return [...text.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, to = '']) => to);
}

function isBroken(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const file = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(root, file))) return true;
  return anchor !== undefined && !headingsOf(read(file)).includes(anchor);
}

/** Anchors as GitHub makes them: lower case, blanks to hyphens, without punctuation. */
function headingsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/**
 * Paths of this repository: any with a slash that ends in .ts, .mjs, .json or .md, in prose and in pictures; between
 * backticks also folders and scripts. A path with an asterisk stands for the folder before it.
 */
function filesNamedIn(page: string): readonly string[] {
  // Another test checks links.
  const text = page.replaceAll(/\]\([^)]*\)/g, ']');
  const rooms = readdirSync(join(root, 'src')).join('|');
  const folder = new RegExp(`^(?:(?:src|test|scripts|docs)/.+|(?:config|${rooms})/.*/)$`);
  const bare = text.match(/(?<![\w./:@-])[a-z][\w.-]*(?:\/[\w.-]+)+\.(?:ts|mjs|md)\b/g) ?? [];
  const quoted = [...text.matchAll(/`([\w./*-]+)`/g)]
    .map(([, path = '']) => path.replace(/[^/]*\*.*$/, ''))
    .filter((path) => folder.test(path));
  return [...new Set([...quoted, ...bare])];
}

/** Documentation names a file from the root, from src/, or from the part of src/ that a picture shows. */
function isKnownFile(path: string): boolean {
  return (
    existsSync(join(root, path)) ||
    existsSync(join(root, 'src', path)) ||
    sources.some((file) => file.endsWith(`/${path}`))
  );
}
