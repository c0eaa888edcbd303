import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { directoryProfileSchema } from '../../../src/config/schema/directory-schema.ts';
import { jsonSchema } from '../../../src/config/schema/json-schema.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { profileSchema } from '../../../src/config/schema/profile-schema.ts';
import { configSchema } from '../../../src/config/schema/config-schema.ts';
import { schemaFiles } from '../../../src/config/schema/schema-files.ts';
import { isCronExpression } from '../../../src/daemon/schedule.ts';
import { requireConfig, issueLines, configIo } from '../fixtures.ts';

const root = join(import.meta.dirname, '..', '..', '..');

test.each(schemaFiles())('config/$name is up to date with src/config (if not: npm run schema)', ({ name, text }) => {
  expect(readFileSync(join(root, 'config', name), 'utf8')).toBe(text);
});

interface Node {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
  readonly const?: unknown;
}

/** Paths of all that may be written, with what an editor shows for it. */
function* keys(node: Node, at = ''): Generator<{ path: string; node: Node }> {
  for (const [name, inside] of Object.entries(node.properties ?? {})) {
    yield { path: `${at}.${name}`, node: inside };
    yield* keys(inside, `${at}.${name}`);
  }
  for (const inside of [
    ...(node.items === undefined ? [] : [node.items]),
    ...(node.anyOf ?? []),
    ...(node.oneOf ?? []),
  ])
    yield* keys(inside, at);
}

test.each([
  ['configuration', configSchema],
  ['profile', profileSchema],
  ['kind of directory', directoryProfileSchema],
])('every key of a %s has a description', (_, schema) => {
  const all = [...keys(jsonSchema(schema))];
  expect(all.length).toBeGreaterThan(20);
  expect(
    all.filter(({ node }) => node.description === undefined && node.const === undefined).map(({ path }) => path),
  ).toEqual([]);
});

describe('sync.config.example.json', () => {
  const path = join(root, 'sync.config.example.json');
  const files = {
    [path]: readFileSync(path, 'utf8'),
    [join(root, 'secrets', 'tickets-client-secret')]: 'client-secret\n',
    ...Object.fromEntries(['ca', 'page-cert', 'page-key'].map((name) => [join(root, `${name}.pem`), name])),
  };
  const channels = {
    SCIMSYNC_CHAT_URL: 'https://chat.example.com/hook',
    SCIMSYNC_CHAT_SECRET: 'chat-secret',
    SCIMSYNC_MAIL_PASSWORD: 'mail-password',
  };
  const io = {
    ...configIo(files, { WIKI_TOKEN: 'wiki-token', SCIMSYNC_PAGE_TOKEN: 'page-token', ...channels }),
    check: {
      ...configIo({}).check,
      schedule: (text: string) => (isCronExpression(text) ? undefined : 'is no schedule'),
    },
  };

  test('loads, without a warning', () => {
    const config = requireConfig(loadConfig(io, path));
    expect(config.warnings).toEqual([]);
    expect(config.targets.map(({ name }) => name)).toEqual(['wiki', 'tickets']);
    expect(config.secrets.map((secret) => secret.reveal())).toEqual([
      ...['page-token', 'https://chat.example.com/hook', 'chat-secret', 'mail-password', 'wiki-token', 'client-secret'],
    ]);
  });

  test('reports missing secrets', () => {
    const issues = issueLines(loadConfig({ ...io, env: {} }, path));
    expect(issues).toEqual([
      'http.token config.secretMissing',
      'notify[0].url config.secretMissing',
      'notify[0].secret config.secretMissing',
      'notify[1].auth.password config.secretMissing',
      'targets[0].auth.token config.secretMissing',
    ]);
  });

  test('shows every key of a source and of a target, in one place or another', () => {
    const example: any = JSON.parse(files[path] ?? '');
    const shown = new Set([
      ...Object.keys(example),
      ...Object.keys(example.source),
      ...example.targets.flatMap((target: object) => Object.keys(target)),
    ]);
    const { properties } = jsonSchema(configSchema) as Node;
    const possible = [
      // `sources` replaces `source`.
      ...Object.keys(properties ?? {}).filter((name) => name !== 'sources'),
      ...Object.keys(properties?.['source']?.oneOf?.[0]?.properties ?? {}),
      ...Object.keys(properties?.['targets']?.items?.properties ?? {}),
    ];
    expect(possible.filter((name) => !shown.has(name))).toEqual([]);
  });
});
