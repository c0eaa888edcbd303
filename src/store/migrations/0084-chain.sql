-- The journal as a chain of hashes ------------------------------------------------------------------------------------

-- `content`: what the entry states (store/chain/items.ts). `hash`: SHA-256 of the hash before it and of the rest of the
-- row, so that a later change of any row shows.
create table chain_entry (
  seq integer primary key,
  content blob not null,
  hash blob not null
);
