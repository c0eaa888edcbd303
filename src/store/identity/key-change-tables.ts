import { candidateTables } from './key-change-candidates.ts';
import { memberComparisonTables } from './member-comparison.ts';

/** Temporary tables for the users and groups of a reading whose key changed; empties them. */
export const keyChangeTables = `
  create temp table if not exists identity_token (
    text text not null, key text not null, is_active integer not null, is_strong integer not null, value text not null,
    reason text not null, login text not null, primary key (text, key)) without rowid;
  create temp table if not exists key_pair (
    from_key text primary key, to_key text not null unique, is_strong integer not null, name text not null,
    reason text not null) without rowid;
  create temp table if not exists group_name (key text primary key, folded text not null, name text not null)
    without rowid;
  create temp table if not exists group_pair (
    from_key text primary key, to_key text not null unique, name text not null, reason text not null) without rowid;
  delete from identity_token; delete from key_pair; delete from group_name; delete from group_pair;
  ${candidateTables}${memberComparisonTables}`;
