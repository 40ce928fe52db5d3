-- online: the column that goes was never written, and nothing else changes for the old version
--
-- Sealed messages. Which key opens one stands in its bytes, authenticated with them; a column beside it could say otherwise.

alter table ticket_messages drop column seal_month;
-- With the column went the check that named it. A sealed text stays when its key is destroyed: nobody can open it then.
alter table ticket_messages add check
  (case when is_encrypted then body is null and sealed is not null
        else body is not null and sealed is null end);

-- The keys that sealed messages name, for whoever looks whether all of them are there. Bytes 2 to 11: month, fingerprint.
create index ticket_messages_by_seal_key on ticket_messages (substring(sealed from 2 for 10)) where sealed is not null;
