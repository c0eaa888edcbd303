-- Who ran a pass, or the command of an action. Null: an earlier version ran it.
alter table pass add column operator text;
alter table pass add column host text;

-- When a response or a later read first showed the effect of a removal, and when it was last looked at. Null: it was
-- not shown, it was shown by its own response, or an earlier version read it.
alter table operation add column verified_at integer;
alter table operation add column looked_at integer;

-- When an operator ended the management of the target's accounts by `target forget`. Null: never, or in an earlier
-- version.
alter table target add column forgotten_at integer;
