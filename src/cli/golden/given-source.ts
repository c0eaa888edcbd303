import type { CaseRecords } from '../../config/cases/case-file.ts';
import type { LdapSourceConfig, RowSourceConfig } from '../../config/source-config.ts';
import { OperatorError } from '../../model/errors.ts';
import { fromScimJson } from '../../model/scim-json.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { givenEntries, type GivenEntries } from '../../source/given/given-entries.ts';
import { givenRows } from '../../source/given/given-rows.ts';
import { scimSource, type ScimResource } from '../../source/scim/scim-source.ts';
import type { Source, UsedAttributes } from '../../source/source.ts';
import { ldapSettings, scimSettings, tableSettings, type CreateSource } from '../source/wire-source.ts';

/**
 * Creates the source of a configuration with the records of a case in place of the real ones: rows of exports, programs
 * and HTTP servers, entries of a directory, or resources of a SCIM server.
 *
 * @param used the attributes that the targets use
 */
export function givenSource(records: CaseRecords, used: UsedAttributes): CreateSource {
  return ({ source }, activeCondition): Source => {
    switch (source.type) {
      case 'ldap':
        return givenEntries(
          ldapSettings({ ...source, tls: {} }),
          directoryOf(source),
          // The reader states which entries it rejects, and why.
          records as unknown as GivenEntries,
          activeCondition,
        );
      case 'scim':
        return scimSource(scimSettings(source), () => readerOf(records), activeCondition);
      case 'csv':
      case 'command':
      case 'http':
        return givenRows(tableSettings(source as RowSourceConfig<object>), records, used, activeCondition);
    }
  };
}

function directoryOf({ directory }: LdapSourceConfig): NonNullable<LdapSourceConfig['directory']> {
  if (directory !== undefined) return directory;
  throw new OperatorError(
    'golden.directoryUnknown',
    'a case has no server that shows which kind of directory it is; name it in the configuration: ' +
      '"directory": "activeDirectory", "openldap" or another one of docs/ldap.md',
    4,
  );
}

const readerOf = (records: CaseRecords): ReturnType<Parameters<typeof scimSource>[1]> => ({
  async *list(resourceType: ResourceType, paths) {
    yield (resourceType === 'User' ? records.users : records.groups).map((resource) => toResource(resource, paths));
    return { complete: true };
  },
  close() {
    // There is no connection.
  },
});

/** A resource as in RFC 7643: `id`, `active`, attributes, and `members` with `value`. */
function toResource(resource: CaseRecords['users'][number], paths: readonly string[]): ScimResource {
  const { id, active, members } = resource;
  const body = fromScimJson(resource, paths);
  const valueOf = (member: unknown): readonly string[] =>
    typeof member === 'object' && member !== null && 'value' in member ? [String(member.value)] : [];
  return {
    remoteId: typeof id === 'string' ? id : JSON.stringify(id ?? null),
    body,
    active: active !== false,
    ...(Array.isArray(members) ? { members: members.flatMap(valueOf) } : {}),
  };
}
