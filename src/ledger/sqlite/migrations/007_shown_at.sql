-- The folder, relative to the project, that the links of an environment are in; NULL if an older dp published it.
alter table environment add column shown_at text;
