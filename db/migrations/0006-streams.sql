-- online: indexes, and a table that the old version does not know; events are written again when the indexes are built
--
-- Streams (docs/decisions/0024). Events are told in the order of their transactions, since only that order is final: a
-- later one of a finished transaction never comes.

create index events_by_transaction on events (transaction, id);
create index events_by_client_transaction on events (client_id, transaction, id) where client_id is not null;
-- The index above finds a client's events as well.
drop index events_by_client;

-- The streams that each key has open, whichever process serves them. Of a process that has died the rows stay, and count
-- for nothing: it holds its lock no more. Unlogged: when the database has crashed, all streams have ended.
create unlogged table open_streams (
  key_id  text not null,
  place   integer not null check (place > 0),
  -- The number of the process, on which it holds an advisory lock for as long as it lives.
  holder  integer not null,
  primary key (key_id, place)
);
grant select, insert, update, delete on open_streams to postern_app;
