-- What a reading meant, so that the next one can be compared with it.

-- JSON: the kind of directory, counts, and judgements that hold until the next accepted reading.
alter table reading add column facts text;

-- Signs of inactivity that the source showed for a user, whether or not one of them applied: a JSON list of attributes.
-- Null: none.
alter table record add column signs text;

-- JSON: why the reading of this pass was refused. Null: it was not.
alter table pass add column judgements text;
