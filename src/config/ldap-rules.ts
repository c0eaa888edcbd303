import { complaint, lines } from './expression-rules.ts';
import { failure, warning, type Finding, type Step } from './issues.ts';
import { ldapOf, type LdapDraft, type Rule, type RuleIo } from './rule.ts';
import { isLoopback } from './url-rules.ts';

type LdapRule = (source: LdapDraft, io: RuleIo) => readonly Finding[];

const ofLdap =
  (rule: LdapRule): Rule =>
  (draft, io) => {
    const source = ldapOf(draft);
    return source === undefined ? [] : rule(source, io);
  };

/** Where the directory is. */
const urlsAreLdap: LdapRule = (source) =>
  eachUrl(source, (text, at) => {
    const message = urlComplaint(text);
    return message === undefined ? [] : [failure(at, message)];
  });

const startTlsHasSomethingToDo: LdapRule = (source) => {
  if (source.startTls !== true) return [];
  const encrypted = urlsOf(source).find(({ text }) => schemeOf(text) === 'ldaps:');
  if (encrypted === undefined) return [];
  return [
    failure(
      ['source', 'startTls'],
      'does not go with ldaps://, which is encrypted from the start; remove it, or write ldap://',
    ),
  ];
};

/** RFC 4513 section 5.1.3: a simple bind must not be made where anybody can listen, not even on this machine, unless somebody says so in words. */
const passwordsAreEncrypted: LdapRule = (source) => {
  const { bind, allowPlaintextPassword } = source;
  const plain = plainUrls(source);
  const hasPassword = bind !== undefined && 'dn' in bind;
  const word: readonly Step[] = ['source', 'allowPlaintextPassword'];
  if (plain.length === 0 || !hasPassword) {
    const isVain = allowPlaintextPassword === true && urlsOf(source).length > 0;
    return isVain ? [warning(word, 'has no effect: no password travels unencrypted')] : [];
  }
  if (allowPlaintextPassword === true)
    return [
      warning(word, 'lets the password and all personal data be read on their way; use ldaps:// or "startTls": true'),
    ];
  return plain.map(({ at }) =>
    failure(
      at,
      'is not encrypted, and the password would be sent in clear; write ldaps://, or add "startTls": true. ' +
        'If it must be so, "allowPlaintextPassword": true in source says that you know',
    ),
  );
};

const dataIsEncrypted: LdapRule = (source) => {
  if (source.bind !== undefined && 'dn' in source.bind) return [];
  return plainUrls(source)
    .filter(({ text }) => !isLoopback(new URL(text).hostname))
    .map(({ at }) =>
      warning(at, 'is not encrypted (ldap): personal data can be read on its way; use ldaps:// or "startTls": true'),
    );
};

const bindIsPossible: LdapRule = (source) => {
  const { bind, tls } = source;
  const at = ['source', 'bind'];
  if (!('bind' in source))
    return [warning(at, 'is missing: the directory is read as anybody, and most directories show nobody to them')];
  if (bind?.method !== 'external') return [];
  // Half a certificate, or one that was refused, is complained about elsewhere.
  const lacksCertificate = !('tls' in source) || (tls !== undefined && !('certFile' in tls) && !('keyFile' in tls));
  return [
    ...(lacksCertificate
      ? [failure(at, '"external" needs a client certificate: add certFile and keyFile to source.tls')]
      : []),
    ...(plainUrls(source).length > 0
      ? [
          failure(
            at,
            '"external" needs an encrypted connection, in which the certificate is shown: write ldaps://, or add "startTls": true',
          ),
        ]
      : []),
  ];
};

const tlsIsUsed: LdapRule = (source) => {
  const urls = urlsOf(source);
  if (
    source.tls === undefined ||
    source.bind?.method === 'external' ||
    urls.length === 0 ||
    plainUrls(source).length < urls.length
  )
    return [];
  return [
    warning(
      ['source', 'tls'],
      'has no effect: the connection is not encrypted; write ldaps://, or add "startTls": true',
    ),
  ];
};

const filtersAreFilters: LdapRule = ({ users, groups, directory }, { check }) => {
  const kind = typeof directory === 'object' ? directory : undefined;
  const places: readonly (readonly [string | undefined, readonly Step[]])[] = [
    [users?.filter, ['source', 'users', 'filter']],
    [groups?.filter, ['source', 'groups', 'filter']],
    [kind?.users?.filter, ['source', 'directory', 'users', 'filter']],
    [kind?.groups?.filter, ['source', 'directory', 'groups', 'filter']],
  ];
  return places.flatMap(([text, at]) => (text === undefined ? [] : complaint(check.filter?.(text), at)));
};

/** The mapping of a kind that stands in place. */
const kindsMapReadably: LdapRule = ({ directory }, { check }) => {
  if (typeof directory !== 'object') return [];
  const at = ['source', 'directory', 'mapping'];
  const { user = {}, group = {} } = directory.mapping ?? {};
  return [...lines(user, 'user', [...at, 'user'], check), ...lines(group, 'group', [...at, 'group'], check)];
};

const moving = new Set(['dn', 'entrydn', 'distinguishedname']);
const changing = new Set(['mail', 'userprincipalname', 'cn', 'uid', 'samaccountname']);

/** A key is for life. */
const keysLast: LdapRule = ({ users, groups }) =>
  (
    [
      ['users', users?.key],
      ['groups', groups?.key],
    ] as const
  ).flatMap(([part, key]) => {
    const name = key?.toLowerCase() ?? '';
    const at = ['source', part, 'key'];
    if (moving.has(name))
      return [
        failure(
          at,
          `${key ?? ''} changes whenever an entry is renamed or moved; leave it out, and the directory's own identity is taken`,
        ),
      ];
    if (!changing.has(name)) return [];
    return [
      warning(
        at,
        `${key ?? ''} may change: whoever gets another one is a leaver and a joiner; leave it out, and the directory's own identity is taken`,
      ),
    ];
  });

/** What only a directory can have wrong, in the order in which the file is read. */
export const ldapRules: readonly Rule[] = [
  urlsAreLdap,
  startTlsHasSomethingToDo,
  passwordsAreEncrypted,
  dataIsEncrypted,
  bindIsPossible,
  tlsIsUsed,
  filtersAreFilters,
  kindsMapReadably,
  keysLast,
].map(ofLdap);

interface Placed {
  readonly text: string;
  readonly at: readonly Step[];
}

function urlsOf({ url }: LdapDraft): readonly Placed[] {
  const at = ['source', 'url'];
  if (typeof url === 'string') return [{ text: url, at }];
  return (url ?? []).flatMap((text, index) => (text === undefined ? [] : [{ text, at: [...at, index] }]));
}

function eachUrl(
  source: LdapDraft,
  look: (text: string, at: readonly Step[]) => readonly Finding[],
): readonly Finding[] {
  return urlsOf(source).flatMap(({ text, at }) => look(text, at));
}

/** Those over which everything would travel as it is. What is no URL is complained about elsewhere. */
function plainUrls(source: LdapDraft): readonly Placed[] {
  if (source.startTls === true) return [];
  return urlsOf(source).filter(({ text }) => schemeOf(text) === 'ldap:');
}

function schemeOf(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).protocol : undefined;
}

const example = 'ldaps://ldap.example.com';

/** The url itself is never quoted: credentials may stand in it. */
function urlComplaint(text: string): string | undefined {
  if (!URL.canParse(text)) return `must be a URL such as ${example}`;
  const { protocol, username, password, hostname, pathname, search, hash } = new URL(text);
  if (protocol === 'ldapi:')
    return 'must not begin with ldapi:// (a socket of this machine), which is not supported; write ldaps://localhost or ldap://localhost';
  if (protocol !== 'ldap:' && protocol !== 'ldaps:')
    return `must begin with ldaps:// or ldap://, begins with ${protocol}`;
  if (username !== '' || password !== '') return 'must not hold a user name or password; they belong into source.bind';
  if (hostname === '') return `must name a host, as in ${example}`;
  const isBare = (pathname === '' || pathname === '/') && search === '' && hash === '' && !/[?#]$/.test(text);
  return isBare
    ? undefined
    : 'must hold nothing but scheme, host and port; the base belongs into source.users.base, the filter into source.users.filter';
}
