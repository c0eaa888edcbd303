import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { tenantsSchema } from '../../src/config/tenants/tenants-schema.ts';
import { loadConfig } from '../../src/config/load.ts';
import { builtInDirectories, configFile, configIo, issueTexts, warningLines } from './fixtures.ts';

const folder = join(import.meta.dirname, '..', '..', 'docs', 'howto');
const pages = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
const blocks = pages.flatMap(({ name, text }) =>
  [...text.matchAll(/^```json\n(.*?)^```/gms)].map(([, configuration = '']) => ({ name, configuration })),
);
/** The page about tenants shows the settings that all of them share, which are no configuration. */
const ofTenants = blocks.filter(({ name }) => name === 'tenants.md');
const configurations = blocks.filter((block) => !ofTenants.includes(block));

/** Each environment variable that a configuration names is set. */
const environmentOf = (configuration: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...configuration.matchAll(/"env": "(\w+)"/g)].map(([, name = '']) => [name, 'tok-en-1']));

/** The name of the directory profile, or what a profile in place extends. */
function directoryOf(configuration: string): unknown {
  const { source } = JSON.parse(configuration) as { source: { directory: string | { extends: string } } };
  return typeof source.directory === 'string' ? source.directory : { extends: source.directory.extends };
}

describe('the configurations in how-to pages', () => {
  test.each(configurations)('$name: is valid, without a warning', ({ configuration }) => {
    const io = configIo({ [configFile]: configuration }, environmentOf(configuration));
    const loaded = loadConfig({ ...io, directoriesFolder: builtInDirectories }, configFile);
    expect(issueTexts(loaded)).toEqual([]);
    expect(warningLines(loaded)).toEqual([]);
  });

  test('there is one for each platform that has a page, and one for each kind of directory', () => {
    const pagesWithOne = ['auth0', 'frontegg', 'mojoauth', 'ssojet', 'workos'].map((platform) => `${platform}.md`);
    const ofDirectories = configurations.filter(({ name }) => name === 'directories.md');
    expect(
      configurations
        .map(({ name }) => name)
        .filter((name) => name !== 'directories.md')
        .toSorted(),
    ).toEqual(pagesWithOne);
    expect(ofDirectories.map(({ configuration }) => directoryOf(configuration))).toEqual([
      'activeDirectory',
      'openldap',
      '389ds',
      { extends: 'generic' },
    ]);
  });

  test('the settings of tenants are valid', () => {
    expect(ofTenants.map(({ configuration }) => tenantsSchema.parse(JSON.parse(configuration)))).toHaveLength(1);
  });
});
