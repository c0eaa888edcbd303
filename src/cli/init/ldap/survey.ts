import { OperatorError } from '../../../model/errors.ts';
import { detectDirectoryName } from '../../../source/ldap/directory.ts';
import { connect } from '../../../source/ldap/protocol/connect.ts';
import { oids } from '../../../source/ldap/protocol/controls.ts';
import { readEntry } from '../../../source/ldap/protocol/entry.ts';
import { pagedSearch } from '../../../source/ldap/protocol/paged.ts';
import { readRootDse, type RootDse } from '../../../source/ldap/protocol/root-dse.ts';
import { effectiveFilter } from '../../../source/ldap/read/part-searches.ts';
import type { DirectoryProfile, LdapSettings } from '../../../source/ldap/settings.ts';

/** What a search showed. */
export interface Found {
  readonly dns: readonly string[];
  /** Attribute in lower case → entries that have it. */
  readonly having: ReadonlyMap<string, number>;
  /** Whether there are more entries than were looked at. */
  readonly isCut: boolean;
}

/** A connected directory that answers questions about its entries. */
export interface Survey {
  /** The name of its directory profile. */
  readonly kind: string;
  readonly profile: DirectoryProfile;
  /** The entries below which its data is. */
  readonly contexts: readonly string[];
  /** @param base undefined: all contexts */
  find(part: 'users' | 'groups', options?: { readonly base?: string; readonly filter?: string }): Promise<Found>;
  close(): void;
}

/** Entries that are looked at. They show what a million would. */
const maxEntries = 5_000;

/** Attributes that decide about filters and the mapping. */
export const surveyedAttributes: readonly string[] = [
  ...['uid', 'userPrincipalName', 'sAMAccountName', 'mail', 'employeeNumber', 'employeeID', 'givenName', 'sn'],
];

/**
 * Connects, and reads the root DSE.
 *
 * @param kind the name of a directory profile; undefined: it is detected
 * @throws OperatorError
 */
export async function openSurvey(
  settings: LdapSettings,
  kind: string | undefined,
  signal: AbortSignal,
): Promise<Survey> {
  const { connection, directoryProfiles, pageSize } = settings;
  const { timeoutMs } = connection;
  const client = await connect(connection, signal);
  try {
    const dse = await readRootDse(client, timeoutMs, signal);
    const name = kind ?? detectDirectoryName(dse);
    const profile = directoryProfiles.get(name);
    if (profile === undefined) throw unknownKind(name, [...directoryProfiles.keys()]);
    const size = dse.supportedControls.has(oids.paged) ? pageSize : 0;
    const contexts = contextsOf(dse);
    return {
      ...{ kind: name, profile, contexts },
      async find(part, { base, filter } = {}) {
        const dns: string[] = [];
        const having = new Map<string, number>();
        for (const from of base === undefined ? contexts : [base]) {
          const search = {
            ...{ base: from, scope: 'sub' as const, filter: effectiveFilter(filter, profile[part].filter), timeoutMs },
            attributes: surveyedAttributes,
          };
          for await (const page of pagedSearch(client, search, size, signal))
            for (const bytes of page) {
              if (dns.length === maxEntries) return { dns, having, isCut: true };
              const { dn, attributes } = readEntry(bytes);
              dns.push(dn);
              for (const attribute of attributes.keys()) having.set(attribute, (having.get(attribute) ?? 0) + 1);
            }
        }
        return { dns, having, isCut: false };
      },
      close: () => client.close(),
    };
  } catch (error) {
    client.close();
    throw error;
  }
}

/** Contexts with the configuration of the server, its log and certificates. */
const ownContexts = /^(?:cn=(?:config|schema|changelog|monitor|accesslog|subschema)|o=(?:netscaperoot|ipaca))$/i;

/** Of several, the server may name the one with its users. */
const contextsOf = ({ defaultNamingContext, namingContexts }: RootDse): readonly string[] =>
  defaultNamingContext === undefined
    ? namingContexts.filter((context) => context !== '' && !ownContexts.test(context))
    : [defaultNamingContext];

const unknownKind = (name: string, known: readonly string[]): OperatorError =>
  new OperatorError('init.answerInvalid', `--directory ${JSON.stringify(name)} must be one of ${known.join(', ')}`, 4);
