-- online: tables that the old version does not know
--
-- How staff prove who they are (docs/decisions/0038).

-- Argon2id with its parameters and salt in the text.
create table staff_passwords (
  staff_id      text primary key references staff on delete cascade,
  phc           text not null check (phc ~ '^\$argon2id\$'),
  changed_at    timestamptz(3) not null
);
grant select, insert, update, delete on staff_passwords to postern_app;

-- The second half of a password. The secret has to be read to be compared (RFC 6238); it signs in nobody alone.
create table staff_authenticators (
  staff_id      text primary key references staff on delete cascade,
  secret        text not null check (secret ~ '^[A-Z2-7]{32}$'),
  -- The time step that was used last: no code is good twice (RFC 6238, 5.2).
  last_step     bigint not null,
  added_at      timestamptz(3) not null
);
grant select, insert, update, delete on staff_authenticators to postern_app;

-- In place of a code of the authenticator, once each. 80 random bits, of which only the SHA-256 is kept.
create table staff_recovery_codes (
  staff_id      text not null references staff on delete cascade,
  hash          text not null check (hash ~ '^[0-9a-f]{64}$'),
  primary key (staff_id, hash)
);
grant select, insert, delete on staff_recovery_codes to postern_app;

create table staff_passkeys (
  id            text primary key check (id ~ '^passkey_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  staff_id      text not null references staff on delete cascade,
  -- As the authenticator named it, in base64url.
  credential_id text not null unique,
  public_key    text not null,
  -- How often it was used, by its own count; 0 for those that do not count.
  counter       bigint not null check (counter >= 0),
  transports    text[] not null,
  name          text not null,
  added_at      timestamptz(3) not null,
  last_used_at  timestamptz(3)
);
create index staff_passkeys_by_staff on staff_passkeys (staff_id);
grant select, insert, update, delete on staff_passkeys to postern_app;

-- One at most for each: whoever has the token may choose how that member of staff signs in, once.
create table staff_invites (
  staff_id      text primary key references staff on delete cascade,
  hash          text not null unique check (hash ~ '^[0-9a-f]{64}$'),
  expires_at    timestamptz(3) not null
);
grant select, insert, update, delete on staff_invites to postern_app;

-- What was begun and has to be finished by the same browser: challenges, the secret of an authenticator that is being set
-- up, and what goes to a provider of OpenID Connect and back. For minutes, once each; a crash forgets them.
create unlogged table sign_in_flows (
  hash          text primary key check (hash ~ '^[0-9a-f]{64}$'),
  kind          text not null check (kind in ('passkey', 'new-passkey', 'authenticator', 'oidc')),
  -- Whose credential is being made; null while nobody knows who it will be.
  staff_id      text references staff on delete cascade,
  data          jsonb not null,
  expires_at    timestamptz(3) not null
);
create index sign_in_flows_by_end on sign_in_flows (expires_at);
grant select, insert, delete on sign_in_flows to postern_app;
