-- online: a table, and a column that the old version leaves empty
--
-- Sessions (docs/decisions/0034): who is signed in without a key. Of the token only the SHA-256 is kept: whoever reads this
-- table can sign in as nobody.

create table sessions (
  id               text primary key check (id ~ '^sess_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  client_id        text references clients on delete cascade,
  staff_id         text references staff on delete cascade,
  hash             text not null unique check (hash ~ '^[0-9a-f]{64}$'),
  how              text not null check (how in ('handover', 'demo', 'email', 'oidc', 'passkey', 'password')),
  created_at       timestamptz(3) not null,
  -- When the person last proved who they are; decisions of staff want it to be recent.
  authenticated_at timestamptz(3) not null,
  -- To the minute.
  last_seen_at     timestamptz(3) not null,
  -- However much it is used.
  expires_at       timestamptz(3) not null,
  -- Where it was begun, by which its owner tells it from others.
  address          inet,
  user_agent       text,
  ended_at         timestamptz(3),
  end_reason       text check (end_reason in ('signed_out', 'ended', 'replaced', 'crowded')),
  check (num_nonnulls(client_id, staff_id) = 1),
  check ((ended_at is null) = (end_reason is null)),
  check (authenticated_at <= created_at and created_at < expires_at)
);
create index sessions_by_client on sessions (client_id, id) where client_id is not null;
create index sessions_by_staff on sessions (staff_id, id) where staff_id is not null;
create index sessions_by_end on sessions (expires_at);
grant select, insert, update, delete on sessions to postern_app;

-- Whoever came with a session came with no key.
alter table audit add column session_id text;
alter table audit add check (num_nonnulls(key_id, session_id) <= 1) not valid;
