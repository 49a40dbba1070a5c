-- How queries are taken apart, by the hash of their bound plan: the proof that an edit leaves columns as they were.
-- What one dp wrote is no proof for another.

create table shape_record (
    plan text primary key,
    dp_version text not null,
    document text not null
) strict, without rowid;
