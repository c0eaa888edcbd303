import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { code, list, prose, table } from '../../scripts/profiles/markdown.ts';
import { profilesPage, type BuiltIn } from '../../scripts/profiles/page.ts';
import { wordsOf, type Schema } from '../../scripts/profiles/words.ts';
import { jsonSchema } from '../../src/config/json-schema.ts';
import { profileSchema } from '../../src/config/profile-schema.ts';
import { profilesFolder } from './written.ts';

const builtIns = readdirSync(profilesFolder).map(
  (file) => JSON.parse(readFileSync(join(profilesFolder, file), 'utf8')) as BuiltIn,
);
const schema = jsonSchema(profileSchema) as Schema;

test('docs/profiles.md is what schema and profiles say (if not: npm run schema)', () => {
  const page = readFileSync(join(profilesFolder, '..', '..', 'docs', 'profiles.md'), 'utf8');
  expect(profilesPage(schema, builtIns)).toBe(page);
});

const small: Schema = {
  properties: {
    holds: {
      properties: {
        groups: { description: 'Whether it has groups.' },
        values: {
          description: 'What may stand there.',
          additionalProperties: { properties: { longest: { description: 'In characters.' } } },
        },
        lists: {
          description: 'What it may hold.',
          additionalProperties: { properties: { most: { description: 'At most.' } } },
        },
      },
    },
    speaks: {
      properties: {
        endpoints: { description: 'Where.', properties: { users: { description: 'Where users are.' } } },
        update: { description: 'How.', enum: ['patch', 'put'] },
        memberParts: { description: 'Beside the value.', items: { enum: ['display'] } },
      },
    },
    allows: {
      properties: {
        windows: { description: 'Limits.', items: { properties: { requests: { description: 'So many.' } } } },
      },
    },
  },
};
const generic: BuiltIn = {
  name: 'generic',
  description: 'The standard.',
  sources: ['RFC 7644'],
  supportLevel: 'documented',
  verifiedOn: '2026-01-02',
  holds: { groups: true, values: {}, lists: {} },
  speaks: { endpoints: { users: '/Users' }, update: 'patch', memberParts: [] },
  allows: { windows: [] },
};

test('every word is told, with its meaning, what it may be, and what generic says', () => {
  expect(wordsOf(small, generic)).toEqual([
    { name: 'holds.groups', meaning: 'Whether it has groups.', choices: [], byDefault: true },
    { name: 'holds.values', meaning: 'What may stand there.', choices: [], byDefault: {} },
    { name: 'holds.values.<path>.longest', meaning: 'In characters.', choices: [], byDefault: undefined },
    { name: 'holds.lists', meaning: 'What it may hold.', choices: [], byDefault: {} },
    { name: 'holds.lists.<attribute>.most', meaning: 'At most.', choices: [], byDefault: undefined },
    { name: 'speaks.endpoints.users', meaning: 'Where users are.', choices: [], byDefault: '/Users' },
    { name: 'speaks.update', meaning: 'How.', choices: ['patch', 'put'], byDefault: 'patch' },
    { name: 'speaks.memberParts', meaning: 'Beside the value.', choices: ['display'], byDefault: [] },
    { name: 'allows.windows', meaning: 'Limits.', choices: [], byDefault: [] },
    { name: 'allows.windows[].requests', meaning: 'So many.', choices: [], byDefault: undefined },
  ]);
});

test('of the real vocabulary, only what is inside of an empty word has no default', () => {
  const without = wordsOf(schema, builtIns.find(({ name }) => name === 'generic') ?? generic).filter(
    ({ byDefault }) => byDefault === undefined,
  );
  expect(without.map(({ name }) => name.replace(/\.\w+$/, '')).filter((name) => !/[\]>]$/.test(name))).toEqual([]);
});

describe('the page', () => {
  const app: BuiltIn = {
    name: 'app',
    description: 'An [app].',
    url: 'https://{host}/scim',
    auth: ['bearer', 'basic'],
    sources: ['update: app.example.com'],
    notes: ['Mind the *gap*.'],
    verifiedOn: '2026-03-04',
    supportLevel: 'seen in code',
    speaks: { update: 'put' },
    plays: [1, 2],
  };
  const unknown: BuiltIn = {
    name: 'zoo',
    description: 'Unknown.',
    url: 'not published',
    sources: ['nothing'],
    supportLevel: 'untested against the vendor',
    verifiedOn: '2026-03-04',
    plays: [],
  };
  const page = profilesPage(small, [unknown, generic, app]);

  test.each([
    ['a word in the table of words', '| `speaks.update` | How. | `"patch"`, `"put"` | `"patch"` |'],
    ['a word without a default', '| `holds.values.<path>.longest` | In characters. |  |  |'],
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
    ['its words', '| word | value |\n|---|---|\n| `speaks.update` | `"put"` |'],
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
    [{ a: { most: 1, primary: true } }, '`{"a": {"most": 1, "primary": true}}`'],
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
