import { keyChangeTables } from '../identity/key-change-tables.ts';
import { blockStagingTables } from './blocks/block-index.ts';
import { rejectionStagingTables } from './rejections.ts';
import { referenceStagingTables } from './references/resolve-memberships.ts';

/**
 * Temporary tables for a staged reading; empties them. The ids of memberships have the order of the rows: the mirror
 * keeps it, and the next reading compares rows in this order.
 *
 * @param groupsFromColumn the memberships come user by user: in the order of their index, so that it is written page by
 *   page
 */
export const stagingTables = (groupsFromColumn: boolean): string => `
  create temp table if not exists staged_record (
    resource_type text not null, key text not null, line integer not null, active integer not null,
    attributes text not null, digest blob, is_changed integer not null, valid_from integer, valid_to integer, zone text,
    signs text, order_value text, managers text, primary key (resource_type, key)) without rowid;
  drop table if exists staged_membership;
  create temp table staged_membership (
    id integer primary key, group_key text not null, member_key text not null, digest blob,
    unique (${groupsFromColumn ? 'member_key, group_key' : 'group_key, member_key'}));
  create temp table if not exists staged_excluded (
    resource_type text not null, key text not null, primary key (resource_type, key)) without rowid;
  delete from staged_record; delete from staged_excluded;
  ${referenceStagingTables}${rejectionStagingTables}${keyChangeTables}${blockStagingTables}`;
