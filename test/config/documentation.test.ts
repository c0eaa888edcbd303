import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { configSchema } from '../../src/config/schema/config-schema.ts';
import { profileSchema } from '../../src/config/schema/profile-schema.ts';
import { jsonSchema, type JsonSchema } from '../../src/config/schema/json-schema.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Lines of the pages that explain the configuration file, and of the one that explains profiles. */
const lines = [read('docs/configuration.md'), read('docs/csv.md'), read('docs/ldap.md')].join('\n').split('\n');
const profileLines = read('docs/profiles.md').split('\n');

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
    'tells the default of $name: $byDefault',
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

test.each(pages)('links in %s lead somewhere', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, to = '']) => to);
  expect(links.filter((to) => !existsSync(join(root, dirname(page), to)))).toEqual([]);
});
