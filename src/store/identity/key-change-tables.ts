import { candidateTables } from './key-change-candidates.ts';

/** Temporary tables for the users of a reading whose key changed; empties them. */
export const keyChangeTables = `
  create temp table if not exists identity_token (
    text text not null, key text not null, is_active integer not null, is_strong integer not null, value text not null,
    reason text not null, login text not null, primary key (text, key)) without rowid;
  create temp table if not exists key_pair (
    from_key text primary key, to_key text not null unique, is_strong integer not null, name text not null,
    reason text not null) without rowid;
  delete from identity_token; delete from key_pair;
  ${candidateTables}`;
