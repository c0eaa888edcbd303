import { keyChangeTables } from '../identity/key-change-tables.ts';
import { rejectionStagingTables } from './rejections.ts';
import { referenceStagingTables } from './references/resolve-memberships.ts';

/** Temporary tables for a staged reading; empties them. */
export const stagingTables = `
  create temp table if not exists staged_record (
    resource_type text not null, key text not null, line integer not null, active integer not null,
    attributes text not null, digest blob, is_changed integer not null, valid_from integer, valid_to integer, zone text,
    signs text, order_value text, primary key (resource_type, key)) without rowid;
  create temp table if not exists staged_membership (
    group_key text not null, member_key text not null, digest blob, primary key (group_key, member_key)) without rowid;
  create temp table if not exists staged_excluded (
    resource_type text not null, key text not null, primary key (resource_type, key)) without rowid;
  delete from staged_record; delete from staged_membership; delete from staged_excluded;
  ${referenceStagingTables}${rejectionStagingTables}${keyChangeTables}`;
