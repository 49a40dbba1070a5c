-- How each effect is known, how often it occurred, and whether it was declared.

alter table effect_record add column count integer;
alter table effect_record add column seen text;
alter table effect_record add column declared integer;
alter table effect_record add column noise text;
alter table effect_record add column detail text;

drop view effects;
create view effects as
select
    'r' || effect_record.run as run, environment, effect_record.id as id, step + 1 as step, asset, kind, path, version,
    replaced, rows, bytes, ms, content, user, host, dp_version, started as run_started,
    coalesce(effect_record.count, 1) as count, coalesce(seen, 'observed') as seen, coalesce(declared, 1) as declared,
    noise, detail
from effect_record join run_record using (run);
