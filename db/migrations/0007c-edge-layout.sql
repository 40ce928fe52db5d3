-- online: a new column that the version before leaves at its default
--
-- A step of a site at which its networks changed: it cannot be told as elements that come and go, so whoever stands before it
-- takes a snapshot.

alter table allowlist_deltas add column is_layout boolean not null default false;
