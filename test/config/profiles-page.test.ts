import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { code, list, prose, table } from '../../scripts/profiles/markdown.ts';
import { profilesPage, type BuiltInProfile } from '../../scripts/profiles/page.ts';
import { listSettings, type Schema } from '../../scripts/profiles/settings.ts';
import { jsonSchema } from '../../src/config/schema/json-schema.ts';
import { profileSchema } from '../../src/config/schema/profile-schema.ts';
import { profilesFolder } from './fixtures.ts';

const builtIns = readdirSync(profilesFolder).map(
  (file) => JSON.parse(readFileSync(join(profilesFolder, file), 'utf8')) as BuiltInProfile,
);
const schema = jsonSchema(profileSchema) as Schema;

test('docs/profiles.md is what schema and profiles say (if not: npm run schema)', () => {
  const page = readFileSync(join(profilesFolder, '..', '..', 'docs', 'profiles.md'), 'utf8');
  expect(profilesPage(schema, builtIns)).toBe(page);
});

const small: Schema = {
  properties: {
    supports: {
      properties: {
        groups: { description: 'Whether it has groups.' },
        values: {
          description: 'What may stand there.',
          additionalProperties: { properties: { maxLength: { description: 'In characters.' } } },
        },
        lists: {
          description: 'What it may hold.',
          additionalProperties: { properties: { maxItems: { description: 'At most.' } } },
        },
      },
    },
    protocol: {
      properties: {
        endpoints: { description: 'Where.', properties: { users: { description: 'Where users are.' } } },
        update: { description: 'How.', enum: ['patch', 'put'] },
        memberSubAttributes: { description: 'Beside the value.', items: { enum: ['display'] } },
      },
    },
    limits: {
      properties: {
        quotas: { description: 'Limits.', items: { properties: { requests: { description: 'So many.' } } } },
      },
    },
  },
};
const generic: BuiltInProfile = {
  name: 'generic',
  description: 'The standard.',
  sources: ['RFC 7644'],
  supportLevel: 'documented',
  verifiedOn: '2026-01-02',
  supports: { groups: true, values: {}, lists: {} },
  protocol: { endpoints: { users: '/Users' }, update: 'patch', memberSubAttributes: [] },
  limits: { quotas: [] },
};

test('every word is told, with its meaning, what it may be, and what generic says', () => {
  expect(listSettings(small, generic)).toEqual([
    { name: 'supports.groups', meaning: 'Whether it has groups.', choices: [], defaultValue: true },
    { name: 'supports.values', meaning: 'What may stand there.', choices: [], defaultValue: {} },
    { name: 'supports.values.<path>.maxLength', meaning: 'In characters.', choices: [], defaultValue: undefined },
    { name: 'supports.lists', meaning: 'What it may hold.', choices: [], defaultValue: {} },
    { name: 'supports.lists.<attribute>.maxItems', meaning: 'At most.', choices: [], defaultValue: undefined },
    { name: 'protocol.endpoints.users', meaning: 'Where users are.', choices: [], defaultValue: '/Users' },
    { name: 'protocol.update', meaning: 'How.', choices: ['patch', 'put'], defaultValue: 'patch' },
    { name: 'protocol.memberSubAttributes', meaning: 'Beside the value.', choices: ['display'], defaultValue: [] },
    { name: 'limits.quotas', meaning: 'Limits.', choices: [], defaultValue: [] },
    { name: 'limits.quotas[].requests', meaning: 'So many.', choices: [], defaultValue: undefined },
  ]);
});

test('of the real vocabulary, only what is inside of an empty word has no default', () => {
  const without = listSettings(schema, builtIns.find(({ name }) => name === 'generic') ?? generic).filter(
    ({ defaultValue }) => defaultValue === undefined,
  );
  expect(without.map(({ name }) => name.replace(/\.\w+$/, '')).filter((name) => !/[\]>]$/.test(name))).toEqual([]);
});

describe('the page', () => {
  const app: BuiltInProfile = {
    name: 'app',
    description: 'An [app].',
    url: 'https://{host}/scim',
    auth: ['bearer', 'basic'],
    sources: ['update: app.example.com'],
    notes: ['Mind the *gap*.'],
    verifiedOn: '2026-03-04',
    supportLevel: 'seen in code',
    protocol: { update: 'put' },
    misbehaviours: [1, 2],
  };
  const unknown: BuiltInProfile = {
    name: 'zoo',
    description: 'Unknown.',
    url: 'not published',
    sources: ['nothing'],
    supportLevel: 'untested against the vendor',
    verifiedOn: '2026-03-04',
    misbehaviours: [],
  };
  const page = profilesPage(small, [unknown, generic, app]);

  test.each([
    ['a word in the table of words', '| `protocol.update` | How. | `"patch"`, `"put"` | `"patch"` |'],
    ['a word without a default', '| `supports.values.<path>.maxLength` | In characters. |  |  |'],
    [
      'generic, first in the table',
      '|---|---|---|---|\n| [generic](#generic) | documented | 2026-01-02 | is what the others extend |\n| [app](#app) | seen in code | 2026-03-04 | `update` |',
    ],
    ['one that differs in nothing', '| [zoo](#zoo) | untested against the vendor | 2026-03-04 | nothing |'],
    [
      'a section',
      '### app\n\nAn \\[app\\].\n\n- Base URL: `https://{host}/scim`\n- Credentials: `bearer`, `basic`\n- Support level: seen in code, verified on 2026-03-04\n- Misbehaviours that the sandbox plays: 1, 2\n',
    ],
    ['its notes', 'What an administrator should know:\n\n- Mind the \\*gap\\*.\n'],
    ['its words', '| word | value |\n|---|---|\n| `protocol.update` | `"put"` |'],
    ['its sources', 'Sources:\n\n- update: app.example.com\n'],
    [
      'what is not known',
      '- Base URL: not published\n- Credentials: not known\n- Support level: untested against the vendor, verified on 2026-03-04\n\nSources:',
    ],
  ])('has %s', (_, text) => {
    expect(page).toContain(text);
  });

  test('needs generic', () => {
    expect(() => profilesPage(small, [app])).toThrow('there is no profile generic');
  });
});

describe('Markdown', () => {
  test.each<[unknown, string]>([
    ['a', '`"a"`'],
    [[], '`[]`'],
    [{}, '`{}`'],
    [['a', 'b'], '`["a", "b"]`'],
    [{ a: { maxItems: 1, primary: true } }, '`{"a": {"maxItems": 1, "primary": true}}`'],
    [[{ a: null }], '`[{"a": null}]`'],
    ['emails[type eq "work"].value', '`"emails[type eq \\"work\\"].value"`'],
  ])('%j as code is %s', (value, text) => {
    expect(code(value)).toBe(text);
  });

  test.each([
    ['plain', 'plain'],
    ['emails[type eq "work"] and a_b*', 'emails\\[type eq "work"\\] and a\\_b\\*'],
    ['<b>', '\\<b\\>'],
  ])('%s in prose is %s', (text, written) => {
    expect(prose(text)).toBe(written);
  });

  test('a bar in a cell does not end it', () => {
    expect(table(['a', 'b'], [['1|2', '3']])).toBe('| a | b |\n|---|---|\n| 1\\|2 | 3 |');
  });

  test('a list', () => {
    expect(list(['a', 'b_'])).toBe('- a\n- b\\_');
  });
});
