-- Handles that several entries share ------------------------------------------------------------------------------

-- A DN in normalised form, or a login, that more than one entry of the source has. A reference to it names no record.
create table ambiguous_handle (
  handle integer primary key
);

-- The next reading is a full one that parses every entry: it finds these handles, normalises DNs by the rules of the
-- server, and counts references. An unchanged row alone shows no reference.
update reading set fingerprint = '', signature = '', bookmark = null;
