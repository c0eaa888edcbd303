-- What an operation sets, as it is sent: most of its size. Of operations that are done, blocks have it.
-- Rows of earlier versions keep it until they are pruned: to move it would leave the pages of the table half empty.
alter table operation rename column edits to earlier_edits;
alter table operation rename column body to earlier_body;
create table operation_payload (
  operation integer primary key references operation (id) on delete cascade,
  edits text,
  body text
);

-- What operations that are done set: the edits of an update, the body of a create. `content` is compressed.
create table payload_block (
  first_operation integer primary key,
  last_operation integer not null,
  content blob not null
);
