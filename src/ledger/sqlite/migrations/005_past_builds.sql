-- What an asset usually takes is found without looking through its whole history.
create index effect_made on effect_record (asset, id) where kind = 'made';
create index check_by_version on check_record (version, run);
