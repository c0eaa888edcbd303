import { expect, test } from '@jest/globals';
import { configurationPage } from '../../scripts/reference/configuration-page.ts';
import type { Schema } from '../../scripts/reference/schema.ts';

const object = (properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  required,
});
const text: Schema = { anyOf: [{ type: 'string' }, { $ref: '#/$defs/environment' }] };
const secret: Schema = { anyOf: [object({ env: text }), object({ file: text }), { type: 'string' }] };
const typed = (type: string, properties: Readonly<Record<string, Schema>>): Schema =>
  object({ type: { const: type, type: 'string' }, ...properties });

const page = configurationPage(
  object(
    {
      $schema: text,
      state: { ...text, default: './state.db', description: 'The *state*.' },
      history: { ...object({ keepDays: { type: 'integer', minimum: 30, maximum: 900 } }), default: {} },
      source: { oneOf: [typed('csv', { file: text }), typed('ldap', { url: text })] },
      sources: { additionalProperties: { oneOf: [typed('csv', { file: text, join: text })] } },
      notify: { items: { oneOf: [typed('mail', { secret })] } },
      targets: {
        items: object({
          auth: { oneOf: [typed('none', {}), typed('bearer', { token: secret })] },
          groups: { anyOf: [object({ file: text, key: text }, ['file', 'key']), object({ key: text }, ['key'])] },
          limits: { type: 'array', items: object({ rate: { type: 'number', minimum: 1, maximum: 2 ** 31 } }) },
          scope: { type: 'string', $comment: 'expression' },
          relink: { enum: ['ask', 'auto', 'never'] },
          encoding: { enum: Array.from({ length: 9 }, (_, index) => index) },
        }),
      },
    },
    ['targets', 'state'],
  ),
);

test.each([
  ['a default, also of a required key', '| `state` | text | `"./state.db"` | The \\*state\\*. |'],
  ['keys inside objects', '| `history.keepDays` | number 30 to 900 |  |  |'],
  ['parts with a section of their own', '| `targets` | [below](#targets) | required |  |'],
  [
    'variants by type',
    '### source: "type": "ldap"\n\n| key | value | default | meaning |\n|---|---|---|---|\n| `url` |',
  ],
  [
    'what a named source has besides',
    'and besides:\n\n| key | value | default | meaning |\n|---|---|---|---|\n| `join` |',
  ],
  ['secrets', '| `token` | secret |  |  |'],
  ['forms without a type', '| `groups.file` | text |  |  |\n| `groups.key` | text | required |  |'],
  ['elements of lists', '| `limits[].rate` | number from 1 |  |  |'],
  ['expressions', '| `scope` | expression |  |  |'],
  ['alternatives', '| `relink` | `"ask"`, `"auto"` or `"never"` |  |  |'],
  ['a long list of values', '`6`, `7`, … (9 in the schema) |'],
])('%s', (_, expected) => {
  expect(page).toContain(expected);
});

test('what only editors need is left out', () => {
  expect(page).not.toContain('$schema');
});
