import type { SourcePart } from '../../model/row.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { RejectedRows } from '../../model/reading/rejected-row.ts';
import type { RejectedSubject, UnknownSubject } from '../../model/reading/rejected-subject.ts';
import { createMentionIndex, type MentionIndex } from './mention-index.ts';

/** The texts by which a row could mention a record: userName, e-mail addresses, family name. */
export type MentionedTexts = (record: SourceRecord) => readonly string[];

/** A key that a row ends in has at least this many characters, so that a count keeps few records. */
const minCutKeyLength = 2;

/** The names of groups are short words, and a group that is kept harms less than one that is deleted. */
const minGroupNameLength = 1;

interface PartRows {
  readonly index: MentionIndex;
  readonly keyCells: Map<string, number>;
  readonly cutKeys: Map<string, number>;
  firstLine: number | undefined;
}

/**
 * @param groupsFromColumn the users' rows name the groups
 * @param limit the characters that are indexed for each part; with more, every absent record could be meant
 */
export function createRejectedRows(
  mentionedTexts: MentionedTexts,
  groupsFromColumn: boolean,
  limit?: number,
): RejectedRows {
  const parts = new Map<SourcePart, PartRows>();
  const memberships = createMembershipRows(limit);
  const groupNames = createMentionIndex(limit, minGroupNameLength);

  const partOf = (part: SourcePart): PartRows => {
    const existing = parts.get(part);
    if (existing !== undefined) return existing;
    const rows = { index: createMentionIndex(limit), keyCells: new Map(), cutKeys: new Map(), firstLine: undefined };
    parts.set(part, rows);
    return rows;
  };

  return {
    add(part, line, subject) {
      if (subject.kind === 'record') return;
      if (part === 'memberships') {
        memberships.add(line, subject);
        return;
      }
      if (subject.kind === 'membership') return;
      const rows = partOf(part);
      rows.firstLine ??= line;
      rows.index.add(line, subject.text);
      if (rows.index.isFull) return;
      for (const cell of subject.keyCells) if (cell !== '') rows.keyCells.set(cell, line);
      const { cutKey = '' } = subject;
      if (cutKey.length >= minCutKeyLength) rows.cutKeys.set(cutKey, line);
      if (part === 'users' && groupsFromColumn) groupNames.add(line, subject.text);
    },
    has: (part) => (part === 'memberships' ? memberships.has() : parts.has(part)),
    recordLine(part, record) {
      const rows = parts.get(part);
      if (rows === undefined) return undefined;
      const { index, keyCells, cutKeys, firstLine } = rows;
      if (index.isFull) return firstLine;
      const { key } = record;
      const byKey = keyCells.get(key) ?? (cutKeys.size === 0 ? undefined : lineOfPrefix(cutKeys, key));
      return byKey ?? firstMention(index, [key, ...mentionedTexts(record)]);
    },
    membershipLine: (group, member) => memberships.line(group, member),
    groupColumnLine(group) {
      return groupNames.isFull ? parts.get('users')?.firstLine : groupNames.find(group);
    },
  };
}

function lineOfPrefix(cutKeys: ReadonlyMap<string, number>, key: string): number | undefined {
  for (let length = minCutKeyLength; length < key.length; length += 1) {
    const line = cutKeys.get(key.slice(0, length));
    if (line !== undefined) return line;
  }
  return undefined;
}

function firstMention(index: MentionIndex, values: readonly string[]): number | undefined {
  for (const value of values) {
    const line = index.find(value);
    if (line !== undefined) return line;
  }
  return undefined;
}

/**
 * A row of memberships could be a membership if nothing that it states contradicts it:
 *
 *     eng;            the group is certain, the member is blank       → every absent membership of eng
 *     eng             the row ends after the group                    → every absent membership of eng
 *     eng;ada;x;y     cells in other columns                          → those whose group and member both occur
 */
function createMembershipRows(limit: number | undefined) {
  const exact = new Map<string, number>();
  const byGroup = new Map<string, number>();
  const byMember = new Map<string, number>();
  const groupCells = new Map<string, number>();
  const memberCells = new Map<string, number>();
  const index = createMentionIndex(limit);
  let firstLine: number | undefined;

  const addUnknown = (line: number, { text, keyCells, memberCells: cells }: UnknownSubject): void => {
    index.add(line, text);
    if (index.isFull) return;
    for (const cell of keyCells) if (cell !== '') (cells === undefined ? byGroup : groupCells).set(cell, line);
    for (const cell of cells ?? []) if (cell !== '') memberCells.set(cell, line);
  };

  return {
    has: () => firstLine !== undefined,
    add(line: number, subject: Exclude<RejectedSubject, { kind: 'record' }>): void {
      firstLine ??= line;
      if (subject.kind === 'unknown') addUnknown(line, subject);
      else if (subject.group !== undefined && subject.member !== undefined)
        exact.set(pairKey(subject.group, subject.member), line);
      else if (subject.group !== undefined) byGroup.set(subject.group, line);
      else if (subject.member !== undefined) byMember.set(subject.member, line);
    },
    line(group: string, member: string): number | undefined {
      if (firstLine === undefined) return undefined;
      if (index.isFull) return firstLine;
      const certain = exact.get(pairKey(group, member)) ?? byGroup.get(group) ?? byMember.get(member);
      if (certain !== undefined) return certain;
      const groupLine = groupCells.get(group) ?? index.find(group);
      const memberLine = memberCells.get(member) ?? index.find(member);
      return groupLine === undefined ? undefined : memberLine;
    },
  };
}

const pairKey = (group: string, member: string): string => JSON.stringify([group, member]);
