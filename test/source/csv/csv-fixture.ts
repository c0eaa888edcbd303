import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { realClock } from '../../../src/cli/clock.ts';
import type { ActiveCondition } from '../../../src/source/row-condition.ts';
import { csvSource } from '../../../src/source/csv/csv-source.ts';
import type { CsvSettings } from '../../../src/source/csv/csv-source.ts';
import type { OpenSource, ParsedRow, SourcePart, UsedAttributes } from '../../../src/source/source.ts';

export const allAttributes: UsedAttributes = { users: undefined, groups: undefined };

/** A folder that goes when the tests of the file are done. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'scimsync-csv-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export function write(inFolder: string, name: string, content: string | Buffer): string {
  const file = join(inFolder, name);
  writeFileSync(file, content);
  return file;
}

export const signal = new AbortController().signal;

export function openCsv(settings: CsvSettings, activeCondition?: ActiveCondition): Promise<OpenSource> {
  return csvSource(settings, realClock, activeCondition).open(signal);
}

export interface ReadRow {
  readonly part: SourcePart;
  readonly line: number;
  readonly digest: string;
  readonly parsed: ParsedRow;
}

/** All rows of all parts, each of them parsed. */
export async function readAll(
  source: OpenSource,
  usedAttributes: UsedAttributes = allAttributes,
): Promise<readonly ReadRow[]> {
  const all: ReadRow[] = [];
  for await (const batch of (await source.read(usedAttributes, undefined, signal)).batches) {
    const parsed = batch.parse(batch.rows.map((_, index) => index));
    for (const [index, { line, digest }] of batch.rows.entries()) {
      all.push({ part: batch.part, line, digest: digest.toString('hex'), parsed: parsed[index] as ParsedRow });
    }
  }
  return all;
}

/** A row in one line: `1 ada=yes {"mail":["a@x"]} [red|blue]`, `2 rejected bob: why`, `3 red>ada`. */
export function describeRow({ line, parsed }: ReadRow): string {
  if (parsed.kind === 'rejected' && parsed.subject.kind === 'unknown' && parsed.subject.isExcluded === true)
    return `${parsed.line} excluded unless an absent user is meant`;
  if (parsed.kind === 'rejected') return `${parsed.line} rejected ${parsed.key ?? '?'}: ${parsed.reason}`;
  if (parsed.kind === 'excluded') return `${line} excluded`;
  if (parsed.kind === 'membership') return `${line} ${parsed.membership.group}>${parsed.membership.member}`;
  const { key, active, attributes } = parsed.record;
  const groups = parsed.groups === undefined ? '' : ` [${parsed.groups.join('|')}]`;
  return `${line} ${key}=${active ? 'yes' : 'no'} ${JSON.stringify(attributes)}${groups}`;
}
