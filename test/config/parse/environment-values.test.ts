import { describe, expect, test } from '@jest/globals';
import { configFile, configIo, configWith, issueLines, issueTexts, minimalConfig } from '../fixtures.ts';
import { loadConfig, type LoadedConfig } from '../../../src/config/load.ts';

const load = (config: unknown, env: Readonly<Record<string, string>> = {}): LoadedConfig =>
  loadConfig(configIo({ [configFile]: JSON.stringify(config) }, { TOKEN: 'tok-en-1', ...env }), configFile);

const valid = (config: unknown, env?: Readonly<Record<string, string>>): any => {
  const loaded = load(config, env);
  if ('issues' in loaded) throw new Error(issueLines(loaded).join('\n'));
  return loaded.config;
};

test('a text, a number and a Boolean come from the environment, as the schema expects them', () => {
  const config = minimalConfig();
  config.stopSeconds = { env: 'STOP' };
  config.targets[0].url = { env: 'APP_URL' };
  config.targets[0].adopt = { env: 'ADOPT' };
  config.targets[0].limits = { timeoutMs: { env: 'TIMEOUT' } };
  config.targets[0].guard = { maxRemovals: { env: 'REMOVALS' }, maxCreates: { env: 'CREATES' } };
  const { stopMs, targets } = valid(config, {
    STOP: '2.5',
    APP_URL: 'https://other.example.com/scim',
    ADOPT: 'false',
    TIMEOUT: '1500',
    REMOVALS: '12%',
    CREATES: '7',
  });
  expect(stopMs).toBe(2500);
  expect(targets[0]).toMatchObject({ url: 'https://other.example.com/scim', adopt: false, timeoutMs: 1500 });
  expect(targets[0].guard.table.maxRemovals).toMatchObject({ kind: 'share', share: 0.12 });
  expect(targets[0].guard.table.maxCreates).toEqual({ kind: 'count', count: 7 });
});

test('a text stays a text, also where it looks like a number', () => {
  expect(valid(configWith('targets[0].name', { env: 'NAME' }), { NAME: '42' }).targets[0].name).toBe('42');
});

test('the default counts where the variable is not set', () => {
  const config = configWith('targets[0].adopt', { env: 'ADOPT', default: false });
  expect(valid(config).targets[0].adopt).toBe(false);
  expect(valid(config, { ADOPT: 'true' }).targets[0].adopt).toBe(true);
});

test('a constant of a mapping stays as it is, and so does the environment of a program', () => {
  const constant = { env: 'NAME' };
  expect(
    valid(configWith('targets[0].mapping', { user: { 'urn:x:y:User:tag': constant } })).targets[0].mapping.user,
  ).toEqual({
    'urn:x:y:User:tag': constant,
  });
  const source = { type: 'command', users: { run: ['./people'], key: 'id' }, env: { env: 'text' } };
  expect(valid(configWith('source', source)).source.env.env.reveal()).toBe('text');
});

describe('a wrong reference', () => {
  test.each<[path: string, value: unknown, lines: readonly string[]]>([
    ['state', { env: 'ABSENT' }, ['state config.environmentMissing']],
    ['targets[0].url', { env: 'ABSENT' }, ['targets[0].url config.environmentMissing']],
    ['targets[0].adopt', { env: 'WORD' }, ['targets[0].adopt config.environmentInvalid']],
    ['stopSeconds', { env: 'WORD' }, ['stopSeconds config.environmentInvalid']],
    ['stopSeconds', { env: 'ABSENT', default: 'x' }, ['stopSeconds config.wrongType']],
    ['stopSeconds', { env: 'LARGE' }, ['stopSeconds config.outOfRange']],
    ['state', { env: 'WORD', defalt: 'x' }, ['state.defalt config.unknownKey → default']],
    ['timezone', { env: 5 }, ['timezone config.wrongType']],
    ['targets[0].protect', { env: 'WORD' }, ['targets[0].protect config.wrongType']],
    ['targets[0].scope', { users: { env: 'WORD' } }, ['targets[0].scope.users config.wrongType']],
    ['targets', { env: 'WORD' }, ['targets config.wrongType']],
  ])('%s = %j', (path, value, lines) => {
    expect(issueLines(load(configWith(path, value), { WORD: 'word', LARGE: '1000000' }))).toEqual(lines);
  });

  test('names the variable, and what to do', () => {
    expect(issueTexts(load(configWith('state', { env: 'ABSENT' })))).toEqual([
      'state: the environment variable ABSENT is not set; set it, or add a "default"',
    ]);
  });
});
