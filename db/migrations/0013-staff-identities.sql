-- online: a table that the old version does not know
--
-- Who a member of staff is at a provider of OpenID Connect (docs/decisions/0039): linked by an invitation, and never made
-- by whoever comes along.
create table staff_identities (
  issuer        text not null,
  subject       text not null,
  staff_id      text not null references staff on delete cascade,
  linked_at     timestamptz(3) not null,
  primary key (issuer, subject),
  unique (staff_id, issuer)
);
grant select, insert, delete on staff_identities to postern_app;
