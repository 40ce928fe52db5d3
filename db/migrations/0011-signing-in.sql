-- online: tables that the old version does not know, and an index
--
-- Signing in (docs/decisions/0035): what was promised to somebody who has not signed in yet.

-- One-time passes: whoever has the token of one may sign in as its holder, once. Of the token only the SHA-256 is kept.
create table sign_in_passes (
  hash          text primary key check (hash ~ '^[0-9a-f]{64}$'),
  how           text not null check (how in ('handover', 'demo', 'email')),
  client_id     text references clients on delete cascade,
  staff_id      text references staff on delete cascade,
  -- Where the browser goes afterwards: a path of ours.
  return_to     text not null check (return_to ~ '^/[a-z]'),
  created_at    timestamptz(3) not null,
  expires_at    timestamptz(3) not null check (expires_at > created_at),
  check (num_nonnulls(client_id, staff_id) = 1)
);
create index sign_in_passes_by_client on sign_in_passes (client_id) where client_id is not null;
create index sign_in_passes_by_staff on sign_in_passes (staff_id) where staff_id is not null;
create index sign_in_passes_by_end on sign_in_passes (expires_at);
grant select, insert, delete on sign_in_passes to postern_app;

-- The `jti` of each hand-over that was taken, for as long as its token could be taken again.
create table taken_handovers (
  issuer        text not null,
  jti           text not null,
  expires_at    timestamptz(3) not null,
  primary key (issuer, jti)
);
create index taken_handovers_by_end on taken_handovers (expires_at);
grant select, insert, delete on taken_handovers to postern_app;

-- Somebody asked for a link to an address, which may be nobody's here. Kept for an hour, to count how often.
create table sign_in_mails (
  id            text primary key check (id ~ '^mail_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  email         text not null,
  requested_at  timestamptz(3) not null
);
create index sign_in_mails_by_email on sign_in_mails (lower(email), requested_at);
create index sign_in_mails_by_time on sign_in_mails (requested_at);
grant select, insert, delete on sign_in_mails to postern_app;

-- Whose address it is.
create index clients_by_email on clients (lower(email)) where email is not null;
