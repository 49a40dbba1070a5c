-- Lineage by column of each version. Many versions share one, so it is kept once, by its hash.

create table lineage_record (
    fingerprint text primary key,
    document text not null
) strict, without rowid;

create table version_lineage (
    version integer primary key references version_record,
    fingerprint text not null references lineage_record
) strict;

-- For people. Columns may be added; none is renamed or removed.

create view column_lineage as
with found as (
    select 'r' || run as run, asset, version_record.id as version, lineage_record.document as body
    from version_lineage
    join version_record on version_record.number = version_lineage.version
    join lineage_record on lineage_record.fingerprint = version_lineage.fingerprint
)
select
    run, asset, version, output.value ->> 'name' as "column", input.key as input, used.key as input_column,
    used.value as how
from found, json_each(body, '$.outputs') as output, json_each(output.value, '$.sources') as input,
    json_each(input.value) as used
union all
select
    run, asset, version, null as "column", input.key as input, used.key as input_column, used.value as how
from found, json_each(body, '$.rows') as input, json_each(input.value) as used;
