import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { issueTexts, loadFrom, warningLines } from './fixtures.ts';

const folder = join(import.meta.dirname, '..', '..', 'docs', 'howto');
const pages = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
const configurations = pages.flatMap(({ name, text }) =>
  [...text.matchAll(/^```json\n(.*?)^```/gms)].map(([, configuration = '']) => ({ name, configuration })),
);

/** Each environment variable that a configuration names is set. */
const environmentOf = (configuration: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...configuration.matchAll(/"env": "(\w+)"/g)].map(([, name = '']) => [name, 'tok-en-1']));

describe('the configurations in how-to pages', () => {
  test.each(configurations)('$name: is valid, without a warning', ({ configuration }) => {
    const loaded = loadFrom(configuration, {}, environmentOf(configuration));
    expect(issueTexts(loaded)).toEqual([]);
    expect(warningLines(loaded)).toEqual([]);
  });

  test('there is one for each platform that has a page', () => {
    expect(configurations.map(({ name }) => name).toSorted()).toEqual(
      ['auth0', 'frontegg', 'mojoauth', 'ssojet', 'workos'].map((platform) => `${platform}.md`),
    );
  });
});
