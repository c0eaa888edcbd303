import type { SourceRecord } from '../../model/record.ts';

/** Attributes that often have a name, in the order in which they are tried. */
const nameAttributes = ['userName', 'displayName', 'mail', 'email', 'name', 'cn'];

/** A name of a user or group by which a person recognises it; undefined: the record has no usual attribute for it. */
export const nameOfRecord = (record: Pick<SourceRecord, 'attributes'> | undefined): string | undefined =>
  nameAttributes.flatMap((one) => record?.attributes[one] ?? []).find((name) => name !== '');
