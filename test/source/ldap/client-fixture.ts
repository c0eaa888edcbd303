import { compileFilter } from '../../../src/source/ldap/protocol/filter.ts';
import type { LdapClient, Search, SearchDone, SearchItem } from '../../../src/source/ldap/protocol/client.ts';
import { openClient } from '../../../src/source/ldap/protocol/open-client.ts';
import type { LdapConnection } from '../../../src/source/ldap/settings.ts';
import type { ScriptedDirectory } from '../../world/directory/scripted-server.ts';
import { entryBytes } from './entries.ts';

export const neverAborted = new AbortController().signal;

export const connectionTo = (url: string): LdapConnection => ({
  urls: [url],
  startTls: false,
  tls: {},
  bind: { method: 'anonymous' },
  connectTimeoutMs: 5_000,
  timeoutMs: 5_000,
});

export const openClientTo = ({ url }: ScriptedDirectory): Promise<LdapClient> =>
  openClient(url, connectionTo(url), neverAborted);

export const search = (more: Partial<Search> = {}): Search => ({
  base: 'dc=example,dc=test',
  scope: 'sub',
  filter: compileFilter('(objectClass=*)'),
  attributes: ['cn'],
  timeoutMs: 5_000,
  ...more,
});

export interface SearchOutcome {
  readonly items: readonly SearchItem[];
  readonly done: SearchDone | undefined;
  readonly failure: Error | undefined;
}

/** Everything that a search gives, and how it ends. */
export async function collectSearch(
  client: LdapClient,
  of: Search = search(),
  signal = neverAborted,
): Promise<SearchOutcome> {
  const found = client.search(of, signal);
  const items: SearchItem[] = [];
  try {
    for (let next = await found.next(); ; next = await found.next()) {
      if (next.done === true) return { items, done: next.value, failure: undefined };
      items.push(...next.value);
    }
  } catch (error) {
    return { items, done: undefined, failure: error as Error };
  }
}

/** Everything of a generator, and what it failed with. */
export async function drain<T>(
  from: AsyncGenerator<readonly T[], unknown>,
): Promise<{ readonly all: readonly T[]; readonly failure: Error | undefined }> {
  const all: T[] = [];
  try {
    for await (const some of from) all.push(...some);
    return { all, failure: undefined };
  } catch (error) {
    return { all, failure: error as Error };
  }
}

export const person = (number: number): Buffer =>
  entryBytes(`uid=p${number},dc=example,dc=test`, { uid: [`p${number}`] });

/** Numbers of the people that these entries are. */
export const numbersOf = (entries: readonly Buffer[]): readonly number[] =>
  entries.map((bytes) => Number(/uid=p(\d+),/.exec(bytes.toString('latin1'))?.[1]));

export const upTo = (count: number, from = 0): readonly number[] =>
  Array.from({ length: count }, (_, index) => from + index);
