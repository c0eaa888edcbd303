-- The name of a listed account without an externalId is kept, too: a plan states that it may stand in the way of a
-- unique value. Rows of earlier versions have no name until the next listing.
create index orphan_unowned_by_name on orphan (target, name) where external_id is null;
