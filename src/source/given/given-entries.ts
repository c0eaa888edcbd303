import { hash } from 'node:crypto';
import type { ActiveCondition } from '../row-condition.ts';
import { partSearches, type PartSearch } from '../ldap/read/part-searches.ts';
import type { Entry } from '../ldap/protocol/entry.ts';
import { noSchema } from '../ldap/protocol/schema.ts';
import { valueBytes } from '../ldap/protocol/values.ts';
import type { DirectoryProfile, LdapSettings } from '../ldap/settings.ts';
import type { RowBatch, Source } from '../source.ts';

/** An entry: its DN as `dn`, and attributes with one value or a list of them, as texts. */
export type GivenEntry = Readonly<Record<string, string | readonly string[]>>;

/** The entries that the searches of each part would find. */
export type GivenEntries = Readonly<Partial<Record<PartSearch['part'], readonly GivenEntry[]>>>;

/**
 * A directory whose entries are given, and become records as those of a server do. The filters of the configuration are
 * not applied, and a range of values is complete.
 */
export function givenEntries(
  settings: LdapSettings,
  directoryProfile: DirectoryProfile,
  entries: GivenEntries,
  activeCondition?: ActiveCondition,
): Source {
  return {
    label: 'the entries of the case',
    async open() {
      return {
        columns: { users: [], groups: [], mapping: directoryProfile.mapping },
        capabilities: [],
        fingerprint: undefined,
        referenceOptions: { nested: settings.groups?.nested ?? 'flatten' },
        signature: () => 'given',
        async read(usedAttributes) {
          const parts = partSearches({ settings, directoryProfile, schema: noSchema, usedAttributes, activeCondition });
          return { extent: 'full', batches: batchesOf(parts, entries, directoryProfile), bookmark: () => undefined };
        },
        async close() {
          // No connection is open.
        },
      };
    },
  };
}

async function* batchesOf(
  parts: readonly PartSearch[],
  entries: GivenEntries,
  profile: DirectoryProfile,
): AsyncGenerator<RowBatch> {
  for (const { part, readRow } of parts) {
    const given = entries[part] ?? [];
    yield {
      part,
      rows: given.map((entry, index) => ({
        line: index + 1,
        digest: hash('sha256', JSON.stringify(entry), 'buffer').subarray(0, 16),
      })),
      parse: (indices) =>
        indices.flatMap((index) => {
          const entry = given[index];
          return entry === undefined ? [] : [readRow(entryOf(entry, profile), index + 1)];
        }),
    };
  }
}

function entryOf({ dn, ...attributes }: GivenEntry, { binary }: DirectoryProfile): Entry {
  return {
    dn: typeof dn === 'string' ? dn : '',
    attributes: new Map(
      Object.entries(attributes).map(([name, values]) => [
        name.toLowerCase(),
        { name, values: [values].flat().map((text) => valueBytes(name, text, binary)) },
      ]),
    ),
  };
}
