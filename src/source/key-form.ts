import { sourceKey, type SourceKey } from '../model/ids.ts';
import { keyInForm, type KeyForm } from '../model/reading/key-form.ts';
import type { RejectedSubject } from '../model/reading/rejected-subject.ts';
import type { RejectedRow } from '../model/row.ts';
import type { OpenSource, ParsedRow, RowBatch, Source, SourceReading } from './source.ts';

/**
 * A source whose keys are in their canonical form: those of users and groups, and the references of memberships. Groups
 * that come from a column have names and no keys.
 */
export function withKeyForm(source: Source, form: KeyForm): Source {
  if (form.length === 0) return source;
  const inThisForm = (open: OpenSource): OpenSource => openWithKeyForm(open, form);
  return {
    ...source,
    open: async (signal) => inThisForm(await source.open(signal)),
    ...(source.openIfChanged === undefined
      ? {}
      : ({
          async openIfChanged(validator, signal) {
            const open = (await source.openIfChanged?.(validator, signal)) ?? (await source.open(signal));
            return open === 'unchanged' ? open : inThisForm(open);
          },
        } satisfies Partial<Source>)),
  };
}

function openWithKeyForm(open: OpenSource, form: KeyForm): OpenSource {
  return {
    ...open,
    signature: (usedAttributes) => `${open.signature(usedAttributes)} ${[...form].sort().join(' ')}`,
    async read(usedAttributes, since, signal) {
      const reading = await open.read(usedAttributes, since, signal);
      const { reread } = reading;
      return {
        ...reading,
        batches: inForm(reading.batches, form),
        ...(reread === undefined
          ? {}
          : ({
              reread: (stale, stop) => inForm(reread.call(reading, stale, stop), form),
            } satisfies Partial<SourceReading>)),
      };
    },
  };
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
