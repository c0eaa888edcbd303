import type { EntryReferences } from '../../../model/record.ts';
import type { Db } from '../../database.ts';
import type { RecordType } from '../mirror-row.ts';

/** Stages the handles and references of an entry. */
export function openReferenceStaging(
  db: Db,
): (recordType: RecordType, key: string, references: EntryReferences) => void {
  const insertHandle = db.prepare('insert or ignore into staged_handle (resource_type, key, handle) values (?, ?, ?)');
  const insertReference = db.prepare(
    'insert or ignore into staged_reference (resource_type, key, relation, handle) values (?, ?, ?, ?)',
  );
  return (recordType, key, { handles, members, groups, attributeReferences }) => {
    for (const handle of handles) insertHandle.run(recordType, key, handle);
    for (const handle of members) insertReference.run(recordType, key, 'member', handle);
    for (const handle of groups) insertReference.run(recordType, key, 'group', handle);
    for (const [attribute, handle] of Object.entries(attributeReferences))
      insertReference.run(recordType, key, `@${attribute}`, handle);
  };
}
