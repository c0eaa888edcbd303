import { sourceKey, type SourceKey } from '../model/ids.ts';
import { keyInForm, type KeyForm } from '../model/reading/key-form.ts';
import type { RejectedSubject } from '../model/reading/rejected-subject.ts';
import type { RejectedRow } from '../model/row.ts';
import type { ParsedRow, RowBatch, Source } from './source.ts';
import { wrapSource } from './wrap-source.ts';

/**
 * A source whose keys are in their canonical form: those of users and groups, and the references of memberships. Groups
 * that come from a column have names and no keys.
 */
export function withKeyForm(source: Source, form: KeyForm): Source {
  if (form.length === 0) return source;
  return wrapSource(source, {
    signature: [...form].sort().join(' '),
    batches: (batches) => inForm(batches, form),
  });
}

async function* inForm(batches: AsyncIterable<RowBatch>, form: KeyForm): AsyncIterable<RowBatch> {
  for await (const batch of batches)
    yield { ...batch, parse: (indices) => batch.parse(indices).map((row) => rowInForm(row, form)) };
}

function rowInForm(row: ParsedRow, form: KeyForm): ParsedRow {
  const key = (text: string): SourceKey => sourceKey(keyInForm(text, form));
  switch (row.kind) {
    case 'record':
      return {
        ...row,
        record: { ...row.record, key: key(row.record.key) },
        ...(row.mayContain === undefined ? {} : { mayContain: rejectedInForm(row.mayContain, key) }),
      };
    case 'membership':
      return { ...row, membership: { group: key(row.membership.group), member: key(row.membership.member) } };
    case 'rejected':
      return rejectedInForm(row, key);
    case 'excluded':
      return row.key === undefined ? row : { ...row, key: key(row.key) };
  }
}

const rejectedInForm = (row: RejectedRow, key: (text: string) => SourceKey): RejectedRow => ({
  ...row,
  key: row.key === undefined ? undefined : key(row.key),
  subject: subjectInForm(row.subject, key),
});

function subjectInForm(subject: RejectedSubject, key: (text: string) => string): RejectedSubject {
  const optional = (text: string | undefined): string | undefined => (text === undefined ? undefined : key(text));
  switch (subject.kind) {
    case 'record':
      return subject;
    case 'membership':
      return { ...subject, group: optional(subject.group), member: optional(subject.member) };
    case 'unknown': {
      const { text, keyCells, cutKey, memberCells } = subject;
      return {
        ...subject,
        // Anywhere in the row, a key may be written in another form.
        text: `${text}\n${text.split(separators).map(key).join('\n')}`,
        keyCells: keyCells.map(key),
        ...(cutKey === undefined ? {} : { cutKey: key(cutKey) }),
        ...(memberCells === undefined ? {} : { memberCells: memberCells.map(key) }),
      };
    }
  }
}

const separators = /[\s,;|"]+/;
