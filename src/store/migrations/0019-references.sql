-- Handles that several entries share ------------------------------------------------------------------------------

-- A DN in normalised form, or a login, that more than one entry of the source has. A reference to it names no record.
create table ambiguous_handle (
  handle integer primary key
);
