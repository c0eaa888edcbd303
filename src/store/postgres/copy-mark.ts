import type { Db } from '../database.ts';
import { markTable } from './table-shapes.ts';

/** What of the database a working copy has. */
export interface CopyMark {
  /** The last commit that the copy has. */
  readonly revision: number;
  /** Identifies this commit: after a backup of the database was restored, another one may have its number. */
  readonly stamp: string;
}

const hasMarkTable = (db: Db): boolean =>
  db.prepare(`select 1 from sqlite_schema where type = 'table' and name = ?`).get(markTable) !== undefined;

/** Undefined: the copy is new. */
export const readMark = (db: Db): CopyMark | undefined =>
  hasMarkTable(db) ? (db.prepare(`select revision, stamp from ${markTable}`).get() as CopyMark | undefined) : undefined;

/** Writes the mark in the transaction that brings the copy to this revision. */
export function writeMark(db: Db, { revision, stamp }: CopyMark): void {
  createMark(db);
  db.prepare(`insert or replace into ${markTable} (id, revision, stamp) values (1, ?, ?)`).run(revision, stamp);
}

/** Marks a file as a working copy. */
export function createMark(db: Db): void {
  db.exec(`create table if not exists ${markTable} (
    id integer primary key check (id = 1),
    revision integer not null,
    stamp text not null
  )`);
}

/** Whether the file is a working copy, and not a state by itself. */
export const isWorkingCopy = (db: Db): boolean => hasMarkTable(db);
