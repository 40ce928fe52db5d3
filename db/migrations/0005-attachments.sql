-- online: new tables, which the old version does not know
--
-- Files. The bytes are in a storage outside, under file_key; a row here says what they are and whose. A row is there before
-- its bytes and goes after them, so there are never bytes that no row knows of.

-- A file that was sent and is not yet part of a ticket.
create table uploads (
  id            text not null check (id ~ '^satt_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  -- Who sent it, and may use it: a client or a member of staff.
  owner_id      text not null check (owner_id ~ '^(client|staff)_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  -- arriving: bytes may be there or not. ready: they are. doomed: they shall be removed, and then the row.
  state         text not null check (state in ('arriving', 'ready', 'doomed')),
  file_key      text not null unique check (file_key ~ '^[0-9a-f]{2}/[0-9a-f]{32}$'),
  -- The ticket that it is meant for, with the ticket's client; null for one that says no ticket.
  ticket_id     text,
  client_id     text,
  filename      text,
  content_type  text,
  byte_length   bigint check (byte_length > 0),
  -- Hexadecimal.
  sha256        text check (sha256 ~ '^[0-9a-f]{64}$'),
  -- none: nobody looks for malware here. pending: nobody has looked yet, and nobody may have the file.
  scan          text not null default 'none' check (scan in ('none', 'pending', 'clean')),
  created_at    timestamptz(3) not null,
  -- When one that is ready and not used goes away.
  expires_at    timestamptz(3),
  primary key (id, owner_id),
  foreign key (ticket_id, client_id) references tickets (id, client_id),
  check ((ticket_id is null) = (client_id is null)),
  check (state <> 'ready' or num_nulls(filename, content_type, byte_length, sha256, expires_at) = 0)
);
create index uploads_by_owner on uploads (owner_id, state, ticket_id);
create index uploads_arriving on uploads (created_at) where state = 'arriving';
create index uploads_expiring on uploads (expires_at) where state = 'ready';

-- A file of a message. Attachments stay as long as their tickets do.
create table attachments (
  id            text not null check (id ~ '^tatt_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  client_id     text not null,
  ticket_id     text not null,
  -- Null for one of the opening.
  message_id    text,
  -- Of a message for staff only: nothing of it reaches a customer.
  is_internal   boolean not null default false,
  -- In the order of its message.
  place         integer not null check (place > 0),
  -- What it was before; an upload is used once.
  upload_id     text not null,
  file_key      text not null unique check (file_key ~ '^[0-9a-f]{2}/[0-9a-f]{32}$'),
  filename      text not null,
  content_type  text not null,
  byte_length   bigint not null check (byte_length > 0),
  sha256        text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  created_at    timestamptz(3) not null,
  primary key (id, client_id),
  unique (upload_id, client_id),
  foreign key (ticket_id, client_id) references tickets (id, client_id),
  foreign key (message_id, client_id) references ticket_messages (id, client_id),
  check (not is_internal or message_id is not null)
);
create index attachments_by_ticket on attachments (ticket_id, client_id, message_id, place);

grant select, insert, delete, update
  (state, ticket_id, client_id, filename, content_type, byte_length, sha256, scan, expires_at) on uploads to postern_app;
grant select, insert on attachments to postern_app;
