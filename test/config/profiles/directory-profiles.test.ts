import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readDirectoryProfiles, type DirectoryProfileIo } from '../../../src/config/profiles/directory-profiles.ts';
import type { DirectoryProfile } from '../../../src/config/schema/directory-schema.ts';
import { checkExpression } from '../../../src/desired/expressions/check-expression.ts';
import { parsePath } from '../../../src/model/path.ts';
import { directoryProfiles } from '../fixtures.ts';

const directoriesFolder = join(import.meta.dirname, '..', '..', '..', 'config', 'directories');
const real: DirectoryProfileIo = {
  readFile: (path) => readFileSync(path, 'utf8'),
  listFolder: (path) => readdirSync(path),
  directoriesFolder,
};

/** A folder with `generic` and the given kinds. */
function folder(given: Readonly<Record<string, unknown>>): DirectoryProfileIo {
  const files = Object.fromEntries(
    Object.entries({ generic: directoryProfiles['generic'] as unknown, ...given }).map(([name, profile]) => [
      `/d/${name}.json`,
      typeof profile === 'string' ? profile : JSON.stringify(profile),
    ]),
  );
  return {
    readFile: (path) => files[path] ?? '',
    listFolder: () => [...Object.keys(files).map((path) => path.slice(3)), 'README.md'],
    directoriesFolder: '/d',
  };
}

describe('built-in directory profiles', () => {
  const builtIn = (): ReadonlyMap<string, DirectoryProfile> => {
    const read = readDirectoryProfiles('auto', real);
    if (read.kind === 'wrong') throw new Error(read.message);
    return read.directories.builtIn;
  };

  test('is complete, each under its own name', () => {
    const names = [...builtIn()].map(([name, profile]) => [name, profile.name]);
    expect(names).toEqual(['389ds', 'activeDirectory', 'freeipa', 'generic', 'openldap'].map((name) => [name, name]));
  });

  test('maps SCIM paths to expressions', () => {
    for (const [name, { mapping }] of builtIn()) {
      for (const about of ['user', 'group'] as const) {
        for (const [path, text] of Object.entries(mapping[about])) {
          expect(() => parsePath(path)).not.toThrow();
          expect([name, path, checkExpression(text, about, 'value')]).toEqual([name, path, undefined]);
        }
      }
    }
  });
});

describe('extending', () => {
  const io = folder({
    mine: {
      groups: { memberUrl: ['memberURL'] },
      references: [],
      unicodeForms: 'equal',
      mapping: { user: { USERNAME: 'user.mail', 'emails[type eq "work"].value': 'user.mail' } },
    },
    yours: {
      extends: 'mine',
      name: 'theirs',
      mapping: { user: { title: null, 'name.familyname': 'user.surname' }, group: { displayName: null } },
    },
  });
  const chosen = (written: Parameters<typeof readDirectoryProfiles>[0]): unknown => {
    const read = readDirectoryProfiles(written, io);
    return read.kind === 'directories' ? read.directories.selected : read.message;
  };
  const { generic } = directoryProfiles;

  test('omitted parts are inherited, lists are replaced', () => {
    expect(chosen('mine')).toMatchObject({
      name: 'mine',
      id: generic.id,
      groups: { ...generic.groups, memberUrl: ['memberURL'] },
      references: [],
      unicodeForms: 'equal',
      binary: ['jpegPhoto'],
    });
  });

  test('mappings are merged: the same path in another spelling replaces an entry, null removes it', () => {
    expect(chosen('mine')).toMatchObject({
      mapping: {
        user: { USERNAME: 'user.mail', 'name.familyName': 'user.sn', title: 'user.title' },
        group: { displayName: 'group.cn' },
      },
    });
    expect(chosen('yours')).toMatchObject({ name: 'theirs' });
    expect((chosen('yours') as typeof generic).mapping).toEqual({
      user: { USERNAME: 'user.mail', 'emails[type eq "work"].value': 'user.mail', 'name.familyname': 'user.surname' },
      group: {},
    });
  });

  test('an inline profile extends generic by default', () => {
    expect(chosen({ id: { attribute: 'employeeNumber' } })).toEqual({
      ...generic,
      id: { attribute: 'employeeNumber', form: 'text' },
    });
    expect(chosen({ extends: 'mine', changes: [] })).toMatchObject({ name: 'mine', changes: [] });
  });
});

describe('invalid directory profiles', () => {
  test.each<[unknown, Readonly<Record<string, unknown>>, string]>([
    ['a', { a: { extends: 'b' }, b: { extends: 'a' } }, 'kind of directory "a" extends itself: a → b → a'],
    ['a', { a: '{,}' }, 'kind of directory "a": line 1, column 2: expected a value'],
    [
      'a',
      { a: { reference: ['manager'] } },
      'kind of directory "a": reference: unknown key; did you mean "references"?',
    ],
    [
      'auto',
      { a: { changes: ['x'] } },
      'kind of directory "a": changes[0]: must be "sync", "syncLog", "dirSync" or "usn", is "x"',
    ],
    [
      'generic',
      { generic: { ...directoryProfiles['generic'], id: {} } },
      'kind of directory "generic": id.attribute: is missing; id.form: is missing; must be "text" or "guid"',
    ],
  ])('%j', (written, given, message) => {
    expect(readDirectoryProfiles(written as string, folder(given))).toEqual({ kind: 'wrong', message });
  });
});
