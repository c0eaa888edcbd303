import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Config } from '../../src/config/config.ts';
import { formatIssue, type Issue } from '../../src/config/issues.ts';
import { loadConfig, type ConfigIo, type LoadedConfig } from '../../src/config/load.ts';
import { checkExpression, usesGroups } from '../../src/desired/expressions/check-expression.ts';

const root = join(import.meta.dirname, '..', '..');
export const profilesFolder = join(root, 'config', 'profiles');

/** The shortest valid configuration. A function, so that each test can change its own copy. */
export const minimalConfig = (): any => ({
  source: { type: 'csv', users: { file: 'people.csv', key: 'id' } },
  targets: [{ name: 'app', url: 'https://app.example.com/scim', auth: { type: 'bearer', token: { env: 'TOKEN' } } }],
});

/** `minimalConfig()` with one part set: `configWith('targets[0].guard.floor', 3)`; undefined takes the part away. */
export function configWith(path: string, value: unknown): any {
  const steps = path.split(/[.[\]]+/).filter((step) => step !== '');
  const config = minimalConfig();
  const last = steps.pop() ?? '';
  const owner = steps.reduce((inside, step) => (inside[step] ??= {}), config);
  if (value === undefined) delete owner[last];
  else owner[last] = value;
  return config;
}

/** The shortest configuration with a directory. */
export const minimalLdapConfig = (): any => ({
  ...minimalConfig(),
  source: {
    type: 'ldap',
    url: 'ldaps://ldap.example.com',
    bind: { dn: 'cn=reader,dc=example,dc=com', password: { env: 'TOKEN' } },
    users: { base: 'ou=people,dc=example,dc=com' },
  },
});

/** `minimalLdapConfig()` with parts of its source set; undefined takes a part away. */
export function ldapConfigWith(parts: Readonly<Record<string, unknown>>): any {
  const config = minimalLdapConfig();
  for (const [name, value] of Object.entries(parts)) {
    if (value === undefined) delete config.source[name];
    else config.source[name] = value;
  }
  return config;
}

/** A small library of kinds of directories; `generic` is complete, as it must be. */
export const directoryProfiles: Readonly<Record<string, any>> = {
  generic: {
    name: 'generic',
    id: { attribute: 'entryUUID', form: 'text' },
    users: { filter: '(objectClass=person)' },
    groups: {
      filter: '(objectClass=groupOfNames)',
      memberDn: ['member'],
      memberLogin: ['memberUid'],
      login: 'uid',
      memberUrl: [],
      primaryGroup: false,
    },
    inactive: [],
    references: ['manager'],
    unicodeForms: 'equal',
    binary: ['jpegPhoto'],
    mapping: {
      user: { userName: 'user.uid', 'name.familyName': 'user.sn', title: 'user.title' },
      group: { displayName: 'group.cn' },
    },
    changes: ['sync'],
  },
  openldap: { inactive: [{ attribute: 'pwdAccountLockedTime', is: '000001010000Z' }] },
  activeDirectory: {
    id: { attribute: 'objectGUID', form: 'guid' },
    groups: { memberLogin: [], primaryGroup: true },
    inactive: [
      { attribute: 'userAccountControl', bit: 2 },
      { attribute: 'accountExpires', past: 'fileTime' },
    ],
    mapping: { user: { username: 'user.userPrincipalName', title: null } },
    changes: ['dirSync', 'usn'],
  },
};

const directoriesFolder = '/built-in/directories';

/** The folder of the built-in directory profiles, for tests of whole configurations. */
export const builtInDirectories = join(root, 'config', 'directories');

/** A disk that holds the given files beside the built-in profiles, in the folder /etc/sync. */
export function configIo(
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = { TOKEN: 'tok-en-1' },
): ConfigIo {
  const readFile = (path: string): string => {
    const text = files[path];
    if (text !== undefined) return text;
    if (path.startsWith(profilesFolder) || path.startsWith(builtInDirectories)) return readFileSync(path, 'utf8');
    if (path.startsWith(directoriesFolder)) return JSON.stringify(directoryProfiles[basename(path, '.json')]);
    throw Object.assign(new Error(`no such file ${path}`), { code: 'ENOENT' });
  };
  return {
    readFile,
    secretFiles: { read: readFile, stamp: () => undefined, isReadableByAll: (path) => path.endsWith('.public') },
    listFolder: (path) =>
      path === directoriesFolder ? Object.keys(directoryProfiles).map((name) => `${name}.json`) : readdirSync(path),
    env,
    profilesFolder,
    directoriesFolder,
    check: {
      expression: checkExpression,
      usesGroups,
      schedule: (text) => (text.split(' ').length === 5 ? undefined : 'is no schedule'),
      filter: (text) => (/^\(.*\)$/.test(text) ? undefined : 'is no filter'),
    },
  };
}

export const configFile = '/etc/sync/sync.config.json';

export function loadFrom(
  config: unknown,
  files: Readonly<Record<string, string>> = {},
  env?: Readonly<Record<string, string>>,
): LoadedConfig {
  return loadConfig(
    configIo({ [configFile]: typeof config === 'string' ? config : JSON.stringify(config), ...files }, env),
    configFile,
  );
}

/**
 * Each issue as one line: where, its code, and the name that its text suggests.
 *
 *     targets[0].tls.ca config.unknownKey → caFile
 */
export function issueCodes(issues: readonly Issue[]): readonly string[] {
  return issues.map((issue) => {
    const suggested = /did you mean "(.*)"\?/.exec(issue.message)?.[1];
    return `${issue.path} ${issue.code}${suggested === undefined ? '' : ` → ${suggested}`}`.trim();
  });
}

/** Everything that is wrong, one line each. */
export function issueLines(loaded: LoadedConfig): readonly string[] {
  return 'issues' in loaded ? issueCodes(loaded.issues) : [];
}

/** Every issue as the operator sees it; for tests of what a text holds. */
export function issueTexts(loaded: LoadedConfig): readonly string[] {
  return 'issues' in loaded ? loaded.issues.map(formatIssue) : [];
}

/** The warnings of a configuration without mistakes, one line each. */
export function warningLines(loaded: LoadedConfig): readonly string[] {
  return issueCodes(requireConfig(loaded).warnings);
}

/** The configuration. Throws with all issues if it is invalid. */
export function requireConfig(result: LoadedConfig): Config {
  if ('config' in result) return result.config;
  throw new Error(issueTexts(result).join('\n'));
}
