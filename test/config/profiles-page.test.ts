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

test('docs/profiles.md is up to date (if not: npm run schema)', () => {
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
        quotas: { description: 'Limits.', items: { properties: { requests: { description: 'A number.' } } } },
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

test('lists every setting with its meaning, its permitted values and the value of generic', () => {
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
    { name: 'limits.quotas[].requests', meaning: 'A number.', choices: [], defaultValue: undefined },
  ]);
});

test('of the real settings, only those inside an empty object have no default', () => {
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
    ['a setting in its table', '| `protocol.update` | How. | `"patch"`, `"put"` | `"patch"` |'],
    ['a setting without a default', '| `supports.values.<path>.maxLength` | In characters. |  |  |'],
    [
      'generic, first in the table',
      [
        '|---|---|---|---|',
        '| [generic](#generic) | documented | 2026-01-02 | (all others extend it) |',
        '| [app](#app) | seen in code | 2026-03-04 | `update` |',
      ].join('\n'),
    ],
    ['one that differs in nothing', '| [zoo](#zoo) | untested against the vendor | 2026-03-04 | nothing |'],
    [
      'a section',
      [
        '### app\n\nAn \\[app\\].\n',
        '- Base URL: `https://{host}/scim`',
        '- Credentials: `bearer`, `basic`',
        '- Support level: seen in code, verified on 2026-03-04',
        '- Misbehaviours that the sandbox imitates: 1, 2\n',
      ].join('\n'),
    ],
    ['its notes', 'Notes for administrators:\n\n- Mind the \\*gap\\*.\n'],
    ['its settings', '| setting | value |\n|---|---|\n| `protocol.update` | `"put"` |'],
    ['its sources', 'Sources:\n\n- update: app.example.com\n'],
    [
      'unknown facts',
      [
        '- Base URL: not published',
        '- Credentials: unknown',
        '- Support level: untested against the vendor, verified on 2026-03-04',
        '\nSources:',
      ].join('\n'),
    ],
  ])('has %s', (_, text) => {
    expect(page).toContain(text);
  });

  test('needs generic', () => {
    expect(() => profilesPage(small, [app])).toThrow('the profile generic is missing');
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
