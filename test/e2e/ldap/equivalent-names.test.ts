import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { normaliseDn } from '../../../src/source/ldap/names/dn.ts';
import { ldapTool } from '../../world/directory/servers/server.ts';
import { people, startSlapd, type Slapd } from '../../world/directory/servers/slapd.ts';

jest.setTimeout(60_000);

const pairs: readonly (readonly [string, string, string, 'one name' | 'two names'])[] = [
  ['case', 'Ada', 'aDA', 'one name'],
  ['case outside of ASCII', '\u00c9\u0416', '\u00e9\u0436', 'one name'],
  ['case outside of the first plane', '\u{10400}x', '\u{10428}x', 'one name'],
  ['composed and decomposed', '\u00e9x', 'e\u0301x', 'one name'],
  ['the order of marks', 'a\u0301\u0323', 'a\u0323\u0301', 'one name'],
  ['a syllable and its letters', '\uac00', '\u1100\u1161', 'one name'],
  ['a ligature', '\ufb01x', 'fix', 'one name'],
  ['letters of full width', '\uff21x', 'ax', 'one name'],
  ['the sign of kelvin', '\u212ax', 'kx', 'one name'],
  ['a superscript', 'x\u00b2', 'x2', 'one name'],
  ['blanks in a row', 'a  b', 'a b', 'one name'],
  ['blanks at the front', '  ab', 'ab', 'one name'],
  ['a blank at the end', 'ab ', 'ab', 'one name'],
  ['a blank that does not break', 'a\u00a0b', 'a b', 'one name'],
  ['a wide blank', 'a\u3000b', 'a b', 'one name'],
  ['a large sigma at the end', '\u039f\u0394\u039f\u03a3', '\u03bf\u03b4\u03bf\u03c3', 'one name'],
  ['a small sigma at the end', '\u039f\u0394\u039f\u03a3', '\u03bf\u03b4\u03bf\u03c2', 'two names'],
  ['sharp s', 'stra\u00dfe', 'strasse', 'two names'],
  ['an i without its dot', '\u0131x', 'ix', 'two names'],
  ['an accent', 'e', '\u00e9', 'two names'],
  ['a blank of no width', 'a\u200bb', 'ab', 'two names'],
  ['a joiner of no width', '\u{1f469}\u200d\u{1f4bb}', '\u{1f469}\u{1f4bb}', 'two names'],
  ['how an emoji looks', '\u2764\ufe0f', '\u2764', 'two names'],
  ['a soft hyphen', 'a\u00adb', 'ab', 'two names'],
  ['a mark of byte order', 'a\ufeffb', 'ab', 'two names'],
  ['a tab', 'a\tb', 'a b', 'two names'],
  ['a line feed', 'a\nb', 'a b', 'two names'],
  ['a separator of lines and a blank', 'a\u2028b', 'a b', 'two names'],
  ['a separator of lines and nothing', 'a\u2028b', 'ab', 'two names'],
  ['a control character', 'a\u0001b', 'ab', 'two names'],
  ['NUL', 'a\u0000b', 'ab', 'two names'],
];

const named = (value: string): string =>
  `cn=${Buffer.from(value)
    .toString('hex')
    .replace(/../g, (pair) => `\\${pair}`)}`;

let slapd: Slapd;
beforeAll(async () => {
  slapd = await startSlapd({ overlays: [] });
});
afterAll(() => slapd[Symbol.asyncDispose]());

/** Whether the server finds an entry under this name. */
async function isFound(value: string): Promise<boolean> {
  try {
    return (
      (await ldapTool(slapd, 'ldapsearch', ['-LLL', '-s', 'base', '-b', `${named(value)},${people}`, '1.1'])) !== ''
    );
  } catch (error) {
    if (String(error).includes('ended with 32')) return false;
    throw error;
  }
}

test.each(pairs)('%s: here and at the server', async (_, one, other, expected) => {
  await slapd.change(`dn: ${named(one)},${people}\nobjectClass: organizationalRole\n`);
  try {
    expect(await isFound(one)).toBe(true);
    expect({ here: normaliseDn(named(one)) === normaliseDn(named(other)), there: await isFound(other) }).toEqual({
      here: expected === 'one name',
      there: expected === 'one name',
    });
  } finally {
    await slapd.change(`dn: ${named(one)},${people}\nchangetype: delete\n`);
  }
});
