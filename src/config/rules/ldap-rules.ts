import { errorUnlessValid, checkMapping } from './expression-rules.ts';
import { errorAt, warningAt, type Diagnostic, type Step } from '../issues.ts';
import { ldapSourceOf, type PartialLdapSource, type ConfigRule, type RuleContext } from './config-rule.ts';
import { isLoopbackHost } from '../../model/http/loopback-host.ts';

type LdapRule = (source: PartialLdapSource, io: RuleContext) => readonly Diagnostic[];

const forLdapSource =
  (rule: LdapRule): ConfigRule =>
  (draft, io) => {
    const source = ldapSourceOf(draft);
    return source === undefined ? [] : rule(source, io);
  };

/** Every URL has the scheme ldap or ldaps, a host, and nothing else but a port. */
const urlsAreLdap: LdapRule = (source) =>
  forEachUrl(source, (text, at) => {
    const message = urlError(text);
    return message === undefined ? [] : [errorAt('config.url', at, message)];
  });

const startTlsHasEffect: LdapRule = (source) => {
  if (source.startTls !== true) return [];
  const ldapsUrl = urlsOf(source).find(({ text }) => schemeOf(text) === 'ldaps:');
  if (ldapsUrl === undefined) return [];
  return [
    errorAt(
      'config.startTlsWithLdaps',
      ['source', 'startTls'],
      'does not go with ldaps://, which is encrypted from the start; remove it, or write ldap://',
    ),
  ];
};

/**
 * RFC 4513 section 5.1.3: a simple bind needs an encrypted connection, even to this machine. An explicit setting
 * permits the exception.
 */
const passwordsAreEncrypted: LdapRule = (source) => {
  const { bind, allowPlaintextPassword } = source;
  const unencrypted = unencryptedUrls(source);
  const hasPassword = bind !== undefined && 'dn' in bind;
  const settingPath: readonly Step[] = ['source', 'allowPlaintextPassword'];
  if (unencrypted.length === 0 || !hasPassword) {
    const hasNoEffect = allowPlaintextPassword === true && urlsOf(source).length > 0;
    return hasNoEffect
      ? [warningAt('config.noEffect', settingPath, 'has no effect: no password is sent unencrypted')]
      : [];
  }
  if (allowPlaintextPassword === true)
    return [
      warningAt(
        'config.passwordNotEncrypted',
        settingPath,
        'exposes the password and all personal data on the network; use ldaps:// or "startTls": true',
      ),
    ];
  return unencrypted.map(({ at }) =>
    errorAt(
      'config.passwordNotEncrypted',
      at,
      'is not encrypted, and the password would be sent in clear; write ldaps://, or add "startTls": true. ' +
        'To send it in clear anyway, set "allowPlaintextPassword": true in source',
    ),
  );
};

const dataIsEncrypted: LdapRule = (source) => {
  if (source.bind !== undefined && 'dn' in source.bind) return [];
  return unencryptedUrls(source)
    .filter(({ text }) => !isLoopbackHost(new URL(text).hostname))
    .map(({ at }) =>
      warningAt(
        'config.notEncrypted',
        at,
        'is not encrypted (ldap): personal data is exposed on the network; use ldaps:// or "startTls": true',
      ),
    );
};

const bindIsPossible: LdapRule = (source) => {
  const { bind, tls } = source;
  const at = ['source', 'bind'];
  if (!('bind' in source))
    return [
      warningAt(
        'config.bindMissing',
        at,
        'is missing: scimsync binds anonymously, and most directories show no users to an anonymous client',
      ),
    ];
  if (bind?.method !== 'external') return [];
  // Other rules report an incomplete or invalid certificate.
  const lacksCertificate = !('tls' in source) || (tls !== undefined && !('certFile' in tls) && !('keyFile' in tls));
  return [
    ...(lacksCertificate
      ? [
          errorAt(
            'config.clientCertificateMissing',
            at,
            '"external" needs a client certificate: add certFile and keyFile to source.tls',
          ),
        ]
      : []),
    ...(unencryptedUrls(source).length > 0
      ? [
          errorAt(
            'config.externalNotEncrypted',
            at,
            '"external" sends the certificate in the TLS handshake, so the connection must be encrypted: ' +
              'write ldaps://, or add "startTls": true',
          ),
        ]
      : []),
  ];
};

const tlsHasEffect: LdapRule = (source) => {
  const urls = urlsOf(source);
  if (
    source.tls === undefined ||
    source.bind?.method === 'external' ||
    urls.length === 0 ||
    unencryptedUrls(source).length < urls.length
  )
    return [];
  return [
    warningAt(
      'config.noEffect',
      ['source', 'tls'],
      'has no effect: the connection is not encrypted; write ldaps://, or add "startTls": true',
    ),
  ];
};

const filtersCompile: LdapRule = ({ users, groups, directory }, { check }) => {
  const directoryProfile = typeof directory === 'object' ? directory : undefined;
  const filters: readonly (readonly [string | undefined, readonly Step[]])[] = [
    [users?.filter, ['source', 'users', 'filter']],
    [groups?.filter, ['source', 'groups', 'filter']],
    [directoryProfile?.users?.filter, ['source', 'directory', 'users', 'filter']],
    [directoryProfile?.groups?.filter, ['source', 'directory', 'groups', 'filter']],
  ];
  return filters.flatMap(([text, at]) =>
    text === undefined ? [] : errorUnlessValid('config.filter', check.filter?.(text), at),
  );
};

/** The mapping of an inline directory profile. */
const directoryMappingsCompile: LdapRule = ({ directory }, { check }) => {
  if (typeof directory !== 'object') return [];
  const at = ['source', 'directory', 'mapping'];
  const { user = {}, group = {} } = directory.mapping ?? {};
  return [
    ...checkMapping(user, 'user', [...at, 'user'], check),
    ...checkMapping(group, 'group', [...at, 'group'], check),
  ];
};

const dnAttributes = new Set(['dn', 'entrydn', 'distinguishedname']);
const mutableAttributes = new Set(['mail', 'userprincipalname', 'cn', 'uid', 'samaccountname']);

/** A key must never change: scimsync treats a record with a new key as another user. */
const keysAreImmutable: LdapRule = ({ users, groups }) =>
  (
    [
      ['users', users?.key],
      ['groups', groups?.key],
    ] as const
  ).flatMap(([part, key]) => {
    const name = key?.toLowerCase() ?? '';
    const at = ['source', part, 'key'];
    if (dnAttributes.has(name))
      return [
        errorAt(
          'config.keyMutable',
          at,
          `${key ?? ''} changes when an entry is renamed or moved; ` +
            'omit it to use the immutable id of the directory profile',
        ),
      ];
    if (!mutableAttributes.has(name)) return [];
    return [
      warningAt(
        'config.keyMayChange',
        at,
        `${key ?? ''} may change, and a user with a new key is a leaver and a joiner; ` +
          'omit it to use the immutable id of the directory profile',
      ),
    ];
  });

/** Rules for directories, in the order of the keys in the file. */
export const ldapRules: readonly ConfigRule[] = [
  urlsAreLdap,
  startTlsHasEffect,
  passwordsAreEncrypted,
  dataIsEncrypted,
  bindIsPossible,
  tlsHasEffect,
  filtersCompile,
  directoryMappingsCompile,
  keysAreImmutable,
].map(forLdapSource);

interface LocatedUrl {
  readonly text: string;
  readonly at: readonly Step[];
}

function urlsOf({ url }: PartialLdapSource): readonly LocatedUrl[] {
  const at = ['source', 'url'];
  if (typeof url === 'string') return [{ text: url, at }];
  return (url ?? []).flatMap((text, index) => (text === undefined ? [] : [{ text, at: [...at, index] }]));
}

function forEachUrl(
  source: PartialLdapSource,
  visit: (text: string, at: readonly Step[]) => readonly Diagnostic[],
): readonly Diagnostic[] {
  return urlsOf(source).flatMap(({ text, at }) => visit(text, at));
}

/** URLs without encryption. Other rules report invalid URLs. */
function unencryptedUrls(source: PartialLdapSource): readonly LocatedUrl[] {
  if (source.startTls === true) return [];
  return urlsOf(source).filter(({ text }) => schemeOf(text) === 'ldap:');
}

function schemeOf(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).protocol : undefined;
}

const example = 'ldaps://ldap.example.com';

/** What is wrong with a URL, or undefined. Never quotes the URL, which may contain credentials. */
function urlError(text: string): string | undefined {
  if (!URL.canParse(text)) return `must be a URL such as ${example}`;
  const { protocol, username, password, hostname, pathname, search, hash } = new URL(text);
  if (protocol === 'ldapi:')
    return (
      'must not begin with ldapi:// (a socket of this machine), which is not supported; ' +
      'write ldaps://localhost or ldap://localhost'
    );
  if (protocol !== 'ldap:' && protocol !== 'ldaps:')
    return `must begin with ldaps:// or ldap://, begins with ${protocol}`;
  if (username !== '' || password !== '') return 'must not contain a user name or password; they belong in source.bind';
  if (hostname === '') return `must name a host, as in ${example}`;
  const isBare = (pathname === '' || pathname === '/') && search === '' && hash === '' && !/[?#]$/.test(text);
  return isBare
    ? undefined
    : 'must contain only scheme, host and port; ' +
        'the base belongs in source.users.base, the filter in source.users.filter';
}
