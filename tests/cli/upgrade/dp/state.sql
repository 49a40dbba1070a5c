PRAGMA foreign_keys=OFF;
PRAGMA application_id=1685091188;
PRAGMA user_version=8;
BEGIN TRANSACTION;
CREATE TABLE check_record (
    id integer primary key autoincrement,
    run integer not null references run_record,
    asset text not null,
    version text not null,
    check_name text not null,
    kind text not null,
    key text not null,
    severity text not null,
    outcome text not null,
    failures integer not null,
    message text,
    ms integer not null,
    document text not null
) strict;
INSERT INTO "check_record" VALUES(1,1,'raw.orders','63a1f7df69bad41e','not_null(id)','not_null','8ba504fa2b67a9b1753801d078dbab9d72da6150b74a4bf1e54b40b19cda6677','error','passed',0,NULL,5,'{"check":"not_null(id)","kind":"not_null","key":"8ba504fa2b67a9b1753801d078dbab9d72da6150b74a4bf1e54b40b19cda6677","severity":"error","outcome":"passed","failures":0,"sample":null,"message":null,"ms":5}');
INSERT INTO "check_record" VALUES(2,1,'raw.orders','63a1f7df69bad41e','unique(id)','unique','e60235289be4d00907e995d944e907ea35a0b171f1fb8aa91156dc189d439e0d','error','passed',0,NULL,3,'{"check":"unique(id)","kind":"unique","key":"e60235289be4d00907e995d944e907ea35a0b171f1fb8aa91156dc189d439e0d","severity":"error","outcome":"passed","failures":0,"sample":null,"message":null,"ms":3}');
INSERT INTO "check_record" VALUES(3,1,'marts.customers','f28b4e85075202fe','references(customer -> raw.orders)','references','4189501d8c6c0081ad746dc809d8930ebc61d4ff506245d436ce579064330789','error','passed',0,NULL,19,'{"check":"references(customer -> raw.orders)","kind":"references","key":"4189501d8c6c0081ad746dc809d8930ebc61d4ff506245d436ce579064330789","severity":"error","outcome":"passed","failures":0,"sample":null,"message":null,"ms":19}');
CREATE TABLE definition_record (
    fingerprint text primary key,
    document text not null
) strict, without rowid;
INSERT INTO "definition_record" VALUES('1acabfb2bc57983791400848b4edee87d6228a7250270400b6ca3fe79f5e82aa','{"definition":{"kind":"sql","materialize":"table","engine":"duckdb","settings":{"TimeZone":"UTC","default_collation":"","default_null_order":"NULLS_LAST","default_order":"ASCENDING","ieee_floating_point_ops":"true","integer_division":"false","old_implicit_casting":"false","preserve_insertion_order":"true","scalar_subquery_error_on_multiple_rows":"true"},"query":"54fc8f303042973551efe001377cc8d4a236f62127e42e2a0ee322ac2d413ed0","depends_on":[],"format":null,"options":[],"types":{}},"written":{"sql":"select customer, (select max(amount) from raw.orders o where o.customer = c.customer and o.id > 1) as largest,\n    customer in (select customer from staging.orders) as counts\nfrom marts.customers c\nwhere revenue > 5 or (select count(*) from raw.orders o where o.customer = c.customer) > 3\n","variables":{},"path":null}}');
INSERT INTO "definition_record" VALUES('3e67cc7fd3d3824083351dfecf524c556df15462c20390c1c707913d7aba47eb','{"definition":{"kind":"sql","materialize":"view","engine":"duckdb","settings":{"TimeZone":"UTC","default_collation":"","default_null_order":"NULLS_LAST","default_order":"ASCENDING","ieee_floating_point_ops":"true","integer_division":"false","old_implicit_casting":"false","preserve_insertion_order":"true","scalar_subquery_error_on_multiple_rows":"true"},"query":"4cad0c39432b4c0228ae0e4f7d1ef558b679cde6c6c07a384c8b7b2f9a966f38","depends_on":[],"format":null,"options":[],"types":{}},"written":{"sql":"-- Orders that count.\nselect id, customer, day, amount from raw.orders where amount >= ${var.smallest}\n","tree":"{\"aggregate_handling\":\"STANDARD_HANDLING\",\"cte_map\":{\"map\":[]},\"from_table\":{\"alias\":\"\",\"at_clause\":null,\"catalog_name\":\"\",\"column_name_alias\":[],\"qualified_name\":{\"path\":[\"raw\",\"orders\"]},\"sample\":null,\"schema_name\":\"raw\",\"table_name\":\"orders\",\"type\":\"BASE_TABLE\"},\"group_expressions\":[],\"group_sets\":[],\"having\":null,\"modifiers\":[],\"qualify\":null,\"sample\":null,\"select_list\":[{\"alias\":\"\",\"class\":\"COLUMN_REF\",\"column_names\":[\"id\"],\"type\":\"COLUMN_REF\"},{\"alias\":\"\",\"class\":\"COLUMN_REF\",\"column_names\":[\"customer\"],\"type\":\"COLUMN_REF\"},{\"alias\":\"\",\"class\":\"COLUMN_REF\",\"column_names\":[\"day\"],\"type\":\"COLUMN_REF\"},{\"alias\":\"\",\"class\":\"COLUMN_REF\",\"column_names\":[\"amount\"],\"type\":\"COLUMN_REF\"}],\"type\":\"SELECT_NODE\",\"where_clause\":{\"alias\":\"\",\"class\":\"COMPARISON\",\"left\":{\"alias\":\"\",\"class\":\"COLUMN_REF\",\"column_names\":[\"amount\"],\"type\":\"COLUMN_REF\"},\"right\":{\"alias\":\"\",\"class\":\"CONSTANT\",\"literal\":{\"kind\":\"INTEGER\",\"text\":\"5\"},\"type\":\"VALUE_CONSTANT\"},\"type\":\"COMPARE_GREATERTHANOREQUALTO\"}}","variables":{"smallest":{"integer":5}},"path":null}}');
INSERT INTO "definition_record" VALUES('4d296f9738b9facf961153791e47600d2f44367bbc89bb646e03f0aa8e44e973','{"definition":{"kind":"sql","materialize":"table","engine":"duckdb","settings":{"TimeZone":"UTC","default_collation":"","default_null_order":"NULLS_LAST","default_order":"ASCENDING","ieee_floating_point_ops":"true","integer_division":"false","old_implicit_casting":"false","preserve_insertion_order":"true","scalar_subquery_error_on_multiple_rows":"true"},"query":"e3d34983399d5155b888c28a2e23d5b4b912bc8944adc14b645aa8de6e3a868e","depends_on":[],"format":null,"options":[],"types":{}},"written":{"sql":"select customer from raw.orders except select customer from marts.customers\nunion all select unnest([amount::varchar]) from staging.orders order by 1\n","variables":{},"path":null}}');
INSERT INTO "definition_record" VALUES('923f19c8bdc03a986ff86dec7da514b4c68a26ba4320b3d3f879b086400b4c26','{"definition":{"kind":"sql","materialize":"table","engine":"duckdb","settings":{"TimeZone":"UTC","default_collation":"","default_null_order":"NULLS_LAST","default_order":"ASCENDING","ieee_floating_point_ops":"true","integer_division":"false","old_implicit_casting":"false","preserve_insertion_order":"true","scalar_subquery_error_on_multiple_rows":"true"},"query":"2e7d5c019db2b0356feb88ad3eba3fd5a1989a6bcf19621489bfd33e3f2a4682","depends_on":[],"format":null,"options":[],"types":{}},"written":{"sql":"with per_day as materialized (select customer, day, sum(amount) as amount from staging.orders group by all)\nselect customer, max(day) as latest, sum(amount) as revenue, count(*) as days\nfrom per_day group by customer having count(*) > 0\n","variables":{},"path":null}}');
INSERT INTO "definition_record" VALUES('ba4f13e7c3ebad40a7a2aa06698333c832dbbe0ad20de39c163f7a8096dff134','{"definition":{"kind":"sql","materialize":"view","engine":"duckdb","settings":{"TimeZone":"UTC","default_collation":"","default_null_order":"NULLS_LAST","default_order":"ASCENDING","ieee_floating_point_ops":"true","integer_division":"false","old_implicit_casting":"false","preserve_insertion_order":"true","scalar_subquery_error_on_multiple_rows":"true"},"query":"04c855c6df926b8e0d0f51777ef2263607b185004d4394530558c04cf10894b3","depends_on":[],"format":null,"options":[],"types":{}},"written":{"sql":"select distinct on (customer) customer, amount from staging.orders order by customer, day desc\n","tree":"{\"aggregate_handling\":\"STANDARD_HANDLING\",\"cte_map\":{\"map\":[]},\"from_table\":{\"alias\":\"\",\"at_clause\":null,\"catalog_name\":\"\",\"column_name_alias\":[],\"qualified_name\":{\"path\":[\"staging\",\"orders\"]},\"sample\":null,\"schema_name\":\"staging\",\"table_name\":\"orders\",\"type\":\"BASE_TABLE\"},\"group_expressions\":[],\"group_sets\":[],\"having\":null,\"modifiers\":[{\"distinct_on_targets\":[{\"alias\":\"\",\"class\":\"COLUMN_REF\",\"column_names\":[\"customer\"],\"type\":\"COLUMN_REF\"}],\"type\":\"DISTINCT_MODIFIER\"},{\"orders\":[{\"expression\":{\"alias\":\"\",\"class\":\"COLUMN_REF\",\"column_names\":[\"customer\"],\"type\":\"COLUMN_REF\"},\"null_order\":\"ORDER_DEFAULT\",\"type\":\"ORDER_DEFAULT\"},{\"expression\":{\"alias\":\"\",\"class\":\"COLUMN_REF\",\"column_names\":[\"day\"],\"type\":\"COLUMN_REF\"},\"null_order\":\"ORDER_DEFAULT\",\"type\":\"DESCENDING\"}],\"type\":\"ORDER_MODIFIER\"}],\"qualify\":null,\"sample\":null,\"select_list\":[{\"alias\":\"\",\"class\":\"COLUMN_REF\",\"column_names\":[\"customer\"],\"type\":\"COLUMN_REF\"},{\"alias\":\"\",\"class\":\"COLUMN_REF\",\"column_names\":[\"amount\"],\"type\":\"COLUMN_REF\"}],\"type\":\"SELECT_NODE\",\"where_clause\":null}","variables":{},"path":null}}');
INSERT INTO "definition_record" VALUES('cbdd87608cab0010883f32cfe784a21ba545b53c1e8271c7b9dc3a38a4b0155d','{"definition":{"kind":"sql","materialize":"table","engine":"duckdb","settings":{"TimeZone":"UTC","default_collation":"","default_null_order":"NULLS_LAST","default_order":"ASCENDING","ieee_floating_point_ops":"true","integer_division":"false","old_implicit_casting":"false","preserve_insertion_order":"true","scalar_subquery_error_on_multiple_rows":"true"},"query":"c2d31637aba9cf821a17ec87858fa32541c95d20a27c77b2e42655978ad6c540","depends_on":[],"format":null,"options":[],"types":{}},"written":{"sql":"select o.*, c.revenue, rank() over (partition by o.customer order by o.amount) as place,\n    case when o.amount > c.revenue / 2 then upper(o.customer) end as loud\nfrom raw.orders o left join marts.customers c using (customer)\n","variables":{},"path":null}}');
INSERT INTO "definition_record" VALUES('f2a519bea77387ec39fb6acb09277591a9180c3af7e29f25d175215918a9326e','{"definition":{"kind":"source","materialize":"table","engine":"duckdb","settings":{"TimeZone":"UTC","default_collation":"","default_null_order":"NULLS_LAST","default_order":"ASCENDING","ieee_floating_point_ops":"true","integer_division":"false","old_implicit_casting":"false","preserve_insertion_order":"true","scalar_subquery_error_on_multiple_rows":"true"},"query":null,"depends_on":[],"format":"csv","options":[],"types":{"id":"BIGINT"}},"written":{"sql":null,"variables":{},"path":"data/orders.csv"}}');
INSERT INTO "definition_record" VALUES('ffaba43e180d391bf74c3dacadfc27c959ad669a73d3dfd5431265cf85c6cbb2','{"definition":{"kind":"sql","materialize":"table","engine":"duckdb","settings":{"TimeZone":"UTC","default_collation":"","default_null_order":"NULLS_LAST","default_order":"ASCENDING","ieee_floating_point_ops":"true","integer_division":"false","old_implicit_casting":"false","preserve_insertion_order":"true","scalar_subquery_error_on_multiple_rows":"true"},"query":"b17f1cc53cb6c84b37be1724a282693aa8031f3bfb62df3e64002f253a591f92","depends_on":[],"format":null,"options":[],"types":{},"in_place":"exact/1"},"written":{"sql":"select o.id, o.amount * r.rate as amount from staging.orders o\nasof join read_csv(''data/rates.csv'') r on o.day >= r.day\n","variables":{},"path":null}}');
CREATE TABLE effect_record (
    id integer primary key autoincrement,
    run integer not null references run_record,
    step integer,
    asset text not null,
    kind text not null,
    path text,
    version text,
    replaced text,
    rows integer,
    bytes integer,
    ms integer,
    content text
, count integer, seen text, declared integer, noise text, detail text) strict;
INSERT INTO "effect_record" VALUES(1,1,0,'raw.orders','made','.dp/store/raw.orders/63a1f7df69bad41e/data.parquet','63a1f7df69bad41e',NULL,4,656,161,'0f00ef6f64bdb671ce236bf6c5be9967d9d2262d6f07588baf1971ee783b0e41',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "effect_record" VALUES(2,1,0,'raw.orders','read','data/orders.csv',NULL,NULL,NULL,102,NULL,'e837b6e97ff0a3fd6a731862e9e2a62bd316b63b19f36ea690dde777d51c3bb7',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "effect_record" VALUES(3,1,1,'staging.orders','made',NULL,'81be31b7e8b4a891',NULL,NULL,NULL,0,'f2da94237023cb87b0a60d7031917481f921ed897a8e1a0b1d90c1fa8c9c969b',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "effect_record" VALUES(4,1,2,'marts.converted','made','.dp/store/marts.converted/3a8a742ce3ca4191/data.parquet','3a8a742ce3ca4191',NULL,3,379,60,'7ebf662479e5b3bb2d80280ebf15e11b171b3f8c07cc49bf7549eb3b6d8901ea',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "effect_record" VALUES(5,1,2,'marts.converted','read','data/rates.csv',NULL,NULL,NULL,39,NULL,'814ae2fa6a8b4f76e429acc6f8f127be418ddf3695b031522e327af8794ad635',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "effect_record" VALUES(6,1,5,'marts.latest','made',NULL,'e6f0b1c1ea55e39e',NULL,NULL,NULL,0,'00e4fa5226b3e7263a35aa7bc60cab511d26cd06b9ddc605f985e9ac2169889e',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "effect_record" VALUES(7,1,3,'marts.customers','made','.dp/store/marts.customers/f28b4e85075202fe/data.parquet','f28b4e85075202fe',NULL,2,663,67,'45f2a2669ba1e0fdc1004aa99bfcd315225d50ee0ca72508be5ca99f831eb40b',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "effect_record" VALUES(8,1,4,'marts.correlated','made','.dp/store/marts.correlated/9ce67d4f4a1b122e/data.parquet','9ce67d4f4a1b122e',NULL,2,461,55,'6ba736acaa7298b46dcc0b04b8508c3da7760523cafbf6f88359f5aa3d01db45',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "effect_record" VALUES(9,1,6,'marts.others','made','.dp/store/marts.others/7b670713050aa0e7/data.parquet','7b670713050aa0e7',NULL,4,228,38,'699d35739490576bdbc4afd8fb137d1dd31b23058d2be6318c4e3502237210b1',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "effect_record" VALUES(10,1,7,'marts.ranked','made','.dp/store/marts.ranked/53648ad71a6b8bfb/data.parquet','53648ad71a6b8bfb',NULL,4,1092,12,'35acc649442aa3e84fc3f23856528a43e6123eeeb0cd8c9e1cb43fe01a5a2f0d',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "effect_record" VALUES(11,1,2,'marts.converted','read','.dp/store/raw.orders/63a1f7df69bad41e/data.parquet',NULL,NULL,NULL,850,NULL,NULL,1,'observed',1,NULL,'rows of raw.orders');
INSERT INTO "effect_record" VALUES(12,1,4,'marts.correlated','read','.dp/store/marts.customers/f28b4e85075202fe/data.parquet',NULL,NULL,NULL,696,NULL,NULL,1,'observed',1,NULL,'rows of marts.customers');
INSERT INTO "effect_record" VALUES(13,1,4,'marts.correlated','read','.dp/store/raw.orders/63a1f7df69bad41e/data.parquet',NULL,NULL,NULL,2358,NULL,NULL,1,'observed',1,NULL,'rows of raw.orders');
INSERT INTO "effect_record" VALUES(14,1,3,'marts.customers','read','.dp/store/raw.orders/63a1f7df69bad41e/data.parquet',NULL,NULL,NULL,800,NULL,NULL,1,'observed',1,NULL,'rows of raw.orders');
INSERT INTO "effect_record" VALUES(15,1,6,'marts.others','read','.dp/store/marts.customers/f28b4e85075202fe/data.parquet',NULL,NULL,NULL,696,NULL,NULL,1,'observed',1,NULL,'rows of marts.customers');
INSERT INTO "effect_record" VALUES(16,1,6,'marts.others','read','.dp/store/raw.orders/63a1f7df69bad41e/data.parquet',NULL,NULL,NULL,1415,NULL,NULL,1,'observed',1,NULL,'rows of raw.orders');
INSERT INTO "effect_record" VALUES(17,1,7,'marts.ranked','read','.dp/store/marts.customers/f28b4e85075202fe/data.parquet',NULL,NULL,NULL,766,NULL,NULL,1,'observed',1,NULL,'rows of marts.customers');
INSERT INTO "effect_record" VALUES(18,1,7,'marts.ranked','read','.dp/store/raw.orders/63a1f7df69bad41e/data.parquet',NULL,NULL,NULL,850,NULL,NULL,1,'observed',1,NULL,'rows of raw.orders');
INSERT INTO "effect_record" VALUES(19,1,2,'marts.converted','published','warehouse/prod/marts/converted.parquet','3a8a742ce3ca4191',NULL,3,379,NULL,'7ebf662479e5b3bb2d80280ebf15e11b171b3f8c07cc49bf7549eb3b6d8901ea',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "effect_record" VALUES(20,1,4,'marts.correlated','published','warehouse/prod/marts/correlated.parquet','9ce67d4f4a1b122e',NULL,2,461,NULL,'6ba736acaa7298b46dcc0b04b8508c3da7760523cafbf6f88359f5aa3d01db45',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "effect_record" VALUES(21,1,3,'marts.customers','published','warehouse/prod/marts/customers.parquet','f28b4e85075202fe',NULL,2,663,NULL,'45f2a2669ba1e0fdc1004aa99bfcd315225d50ee0ca72508be5ca99f831eb40b',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "effect_record" VALUES(22,1,5,'marts.latest','published',NULL,'e6f0b1c1ea55e39e',NULL,NULL,NULL,NULL,'00e4fa5226b3e7263a35aa7bc60cab511d26cd06b9ddc605f985e9ac2169889e',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "effect_record" VALUES(23,1,6,'marts.others','published','warehouse/prod/marts/others.parquet','7b670713050aa0e7',NULL,4,228,NULL,'699d35739490576bdbc4afd8fb137d1dd31b23058d2be6318c4e3502237210b1',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "effect_record" VALUES(24,1,7,'marts.ranked','published','warehouse/prod/marts/ranked.parquet','53648ad71a6b8bfb',NULL,4,1092,NULL,'35acc649442aa3e84fc3f23856528a43e6123eeeb0cd8c9e1cb43fe01a5a2f0d',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "effect_record" VALUES(25,1,0,'raw.orders','published','warehouse/prod/raw/orders.parquet','63a1f7df69bad41e',NULL,4,656,NULL,'0f00ef6f64bdb671ce236bf6c5be9967d9d2262d6f07588baf1971ee783b0e41',NULL,NULL,NULL,NULL,NULL);
INSERT INTO "effect_record" VALUES(26,1,1,'staging.orders','published',NULL,'81be31b7e8b4a891',NULL,NULL,NULL,NULL,'f2da94237023cb87b0a60d7031917481f921ed897a8e1a0b1d90c1fa8c9c969b',NULL,NULL,NULL,NULL,NULL);
CREATE TABLE environment (
    name text primary key,
    release text not null
, deleted text, shown_at text) strict, without rowid;
INSERT INTO "environment" VALUES('prod','c92cb64a1ca5',NULL,'warehouse');
CREATE TABLE event_record (
    id integer primary key autoincrement,
    time text not null,
    run integer not null references run_record,
    event text not null,
    asset text,
    data text not null
) strict;
INSERT INTO "event_record" VALUES(1,'2026-11-30T16:17:01.370288Z',1,'run_started',NULL,'{"environment":"prod","steps":8}');
INSERT INTO "event_record" VALUES(2,'2026-11-30T16:17:01.371857Z',1,'step_started','raw.orders','{"work":"build"}');
INSERT INTO "event_record" VALUES(3,'2026-11-30T16:17:01.558313Z',1,'step_started','raw.orders','{"work":"check"}');
INSERT INTO "event_record" VALUES(4,'2026-11-30T16:17:01.567648Z',1,'check_finished','raw.orders','{"check":"not_null(id)","failures":0,"key":"8ba504fa2b67a9b1753801d078dbab9d72da6150b74a4bf1e54b40b19cda6677","kind":"not_null","message":null,"ms":5,"outcome":"passed","sample":null,"severity":"error"}');
INSERT INTO "event_record" VALUES(5,'2026-11-30T16:17:01.567675Z',1,'check_finished','raw.orders','{"check":"unique(id)","failures":0,"key":"e60235289be4d00907e995d944e907ea35a0b171f1fb8aa91156dc189d439e0d","kind":"unique","message":null,"ms":3,"outcome":"passed","sample":null,"severity":"error"}');
INSERT INTO "event_record" VALUES(6,'2026-11-30T16:17:01.567685Z',1,'step_finished','raw.orders','{"bytes":656,"message":null,"ms":161,"outcome":"built","rows":4}');
INSERT INTO "event_record" VALUES(7,'2026-11-30T16:17:01.570184Z',1,'step_finished','staging.orders','{"bytes":null,"message":null,"ms":0,"outcome":"built","rows":null}');
INSERT INTO "event_record" VALUES(8,'2026-11-30T16:17:01.574551Z',1,'step_started','marts.customers','{"work":"build"}');
INSERT INTO "event_record" VALUES(9,'2026-11-30T16:17:01.577889Z',1,'step_started','marts.converted','{"work":"build"}');
INSERT INTO "event_record" VALUES(10,'2026-11-30T16:17:01.638608Z',1,'step_finished','marts.converted','{"bytes":379,"message":null,"ms":60,"outcome":"built","rows":3}');
INSERT INTO "event_record" VALUES(11,'2026-11-30T16:17:01.642134Z',1,'step_finished','marts.latest','{"bytes":null,"message":null,"ms":0,"outcome":"built","rows":null}');
INSERT INTO "event_record" VALUES(12,'2026-11-30T16:17:01.643873Z',1,'step_started','marts.customers','{"work":"check"}');
INSERT INTO "event_record" VALUES(13,'2026-11-30T16:17:01.663695Z',1,'check_finished','marts.customers','{"check":"references(customer -> raw.orders)","failures":0,"key":"4189501d8c6c0081ad746dc809d8930ebc61d4ff506245d436ce579064330789","kind":"references","message":null,"ms":19,"outcome":"passed","sample":null,"severity":"error"}');
INSERT INTO "event_record" VALUES(14,'2026-11-30T16:17:01.663716Z',1,'step_finished','marts.customers','{"bytes":663,"message":null,"ms":67,"outcome":"built","rows":2}');
INSERT INTO "event_record" VALUES(15,'2026-11-30T16:17:01.663949Z',1,'step_started','marts.correlated','{"work":"build"}');
INSERT INTO "event_record" VALUES(16,'2026-11-30T16:17:01.664006Z',1,'step_started','marts.others','{"work":"build"}');
INSERT INTO "event_record" VALUES(17,'2026-11-30T16:17:01.719892Z',1,'step_finished','marts.correlated','{"bytes":461,"message":null,"ms":55,"outcome":"built","rows":2}');
INSERT INTO "event_record" VALUES(18,'2026-11-30T16:17:01.720108Z',1,'step_started','marts.ranked','{"work":"build"}');
INSERT INTO "event_record" VALUES(19,'2026-11-30T16:17:01.723871Z',1,'step_finished','marts.others','{"bytes":228,"message":null,"ms":38,"outcome":"built","rows":4}');
INSERT INTO "event_record" VALUES(20,'2026-11-30T16:17:01.732804Z',1,'step_finished','marts.ranked','{"bytes":1092,"message":null,"ms":12,"outcome":"built","rows":4}');
INSERT INTO "event_record" VALUES(21,'2026-11-30T16:17:01.939279Z',1,'published',NULL,'{"assets":["marts.converted","marts.correlated","marts.customers","marts.latest","marts.others","marts.ranked","raw.orders","staging.orders"],"withdrawn":[]}');
INSERT INTO "event_record" VALUES(22,'2026-11-30T16:17:01.955161Z',1,'run_finished',NULL,'{"built":8,"checked":0,"cut_off":0,"destroyed":0,"failed":0,"ms":669,"outcome":"done","published":8,"reused":0,"skipped":0}');
CREATE TABLE hold (
    environment text not null references environment,
    asset text not null,
    key text,
    version text,
    run integer not null references run_record
, definition text) strict;
CREATE TABLE input_record (
    version integer not null references version_record,
    position integer not null,
    name text not null,
    input_version text,
    content text,
    direct integer not null,
    primary key (version, position)
) strict, without rowid;
INSERT INTO "input_record" VALUES(1,0,'data/orders.csv',NULL,'e837b6e97ff0a3fd6a731862e9e2a62bd316b63b19f36ea690dde777d51c3bb7',1);
INSERT INTO "input_record" VALUES(2,0,'raw.orders','63a1f7df69bad41e','8fcb68ff9f30e66340b6ed04c723f461b27bf9b1bc2bdf75bfad0846aef46b29',1);
INSERT INTO "input_record" VALUES(3,0,'staging.orders','81be31b7e8b4a891','1e33544f7218ce8d4f6e8a27b1ac8660d1203e88a032456b9d57cc313e2e6c2e',1);
INSERT INTO "input_record" VALUES(3,1,'raw.orders','63a1f7df69bad41e','0f00ef6f64bdb671ce236bf6c5be9967d9d2262d6f07588baf1971ee783b0e41',0);
INSERT INTO "input_record" VALUES(3,2,'data/rates.csv',NULL,'814ae2fa6a8b4f76e429acc6f8f127be418ddf3695b031522e327af8794ad635',1);
INSERT INTO "input_record" VALUES(4,0,'staging.orders','81be31b7e8b4a891','a9d53bc5039f4b5de9cfb7a81e5133be2a565871064569f47388593e07764106',1);
INSERT INTO "input_record" VALUES(4,1,'raw.orders','63a1f7df69bad41e','0f00ef6f64bdb671ce236bf6c5be9967d9d2262d6f07588baf1971ee783b0e41',0);
INSERT INTO "input_record" VALUES(5,0,'staging.orders','81be31b7e8b4a891','a9d53bc5039f4b5de9cfb7a81e5133be2a565871064569f47388593e07764106',1);
INSERT INTO "input_record" VALUES(5,1,'raw.orders','63a1f7df69bad41e','0f00ef6f64bdb671ce236bf6c5be9967d9d2262d6f07588baf1971ee783b0e41',0);
INSERT INTO "input_record" VALUES(6,0,'marts.customers','f28b4e85075202fe','15af141f2657ce70d750c7a8c615ecfe917f5fa47d22a4742404fd9e1e547079',1);
INSERT INTO "input_record" VALUES(6,1,'raw.orders','63a1f7df69bad41e','cd11cfdd4fb2ebef66bb117a21c5352ffb90ad396a7c2f42ba9a52093b264bda',1);
INSERT INTO "input_record" VALUES(6,2,'staging.orders','81be31b7e8b4a891','086198d4d7151721347463b92f70b3db0899003d14e58bfa5a446e32d81676cc',1);
INSERT INTO "input_record" VALUES(7,0,'marts.customers','f28b4e85075202fe','f50277d3269c7a399933cd02ec60892aa681c182872263ad773679d651e8f401',1);
INSERT INTO "input_record" VALUES(7,1,'raw.orders','63a1f7df69bad41e','2ca9c23d35554d249c7e3f2529cb51c6d37b304aaafdb057203c8a9be1553ced',1);
INSERT INTO "input_record" VALUES(7,2,'staging.orders','81be31b7e8b4a891','3571830f3ee6ea50fe74b614b78edce0f7c7e9a8f66ce537e3b05001c02b06f1',1);
INSERT INTO "input_record" VALUES(8,0,'marts.customers','f28b4e85075202fe','15af141f2657ce70d750c7a8c615ecfe917f5fa47d22a4742404fd9e1e547079',1);
INSERT INTO "input_record" VALUES(8,1,'raw.orders','63a1f7df69bad41e','8fcb68ff9f30e66340b6ed04c723f461b27bf9b1bc2bdf75bfad0846aef46b29',1);
CREATE TABLE lineage_record (
    fingerprint text primary key,
    document text not null
) strict, without rowid;
INSERT INTO "lineage_record" VALUES('165b399c24458397cc57cd1e1412845216c22cd15b94d58f81ff5d05073f97d7','{"outputs":[{"name":"customer","sources":{"raw.orders":{"customer":"identity"},"staging.orders":{"amount":"transformation"}}}],"rows":{"marts.customers":{"customer":"join distinct"},"raw.orders":{"customer":"join order distinct"},"staging.orders":{"amount":"join order"}},"reads":{"marts.customers":{"some":["customer"]},"raw.orders":{"some":["customer"]},"staging.orders":{"some":["amount"]}}}');
INSERT INTO "lineage_record" VALUES('4b8af87a276be2e3981f1669d302f326c76120ad1f970dd1a73eaf12a8cb8ff6','{"outputs":[{"name":"customer","sources":{"marts.customers":{"customer":"transformation","days":"transformation","latest":"transformation","revenue":"transformation"},"raw.orders":{"amount":"transformation","customer":"transformation","day":"transformation","id":"transformation"},"staging.orders":{"amount":"transformation","customer":"transformation","day":"transformation","id":"transformation"}}},{"name":"largest","sources":{"marts.customers":{"customer":"transformation","days":"transformation","latest":"transformation","revenue":"transformation"},"raw.orders":{"amount":"transformation","customer":"transformation","day":"transformation","id":"transformation"},"staging.orders":{"amount":"transformation","customer":"transformation","day":"transformation","id":"transformation"}}},{"name":"counts","sources":{"marts.customers":{"customer":"transformation","days":"transformation","latest":"transformation","revenue":"transformation"},"raw.orders":{"amount":"transformation","customer":"transformation","day":"transformation","id":"transformation"},"staging.orders":{"amount":"transformation","customer":"transformation","day":"transformation","id":"transformation"}}}],"rows":{"marts.customers":{"customer":"filter","days":"filter","latest":"filter","revenue":"filter"},"raw.orders":{"amount":"filter","customer":"filter","day":"filter","id":"filter"},"staging.orders":{"amount":"filter","customer":"filter","day":"filter","id":"filter"}},"reads":{"marts.customers":"all","raw.orders":"all","staging.orders":"all"},"unknown":"the operator LOGICAL_EMPTY_RESULT is not understood"}');
INSERT INTO "lineage_record" VALUES('59fa6f76a28b893afd8705a6856f473bf8e4215e02021fa3261c429283bc6a2a','{"outputs":[{"name":"id"},{"name":"customer"},{"name":"day"},{"name":"amount"}],"reads":{}}');
INSERT INTO "lineage_record" VALUES('68698ffba84c977a51f9499e0c44e75091756e887446dab02a28a8a03827faee','{"outputs":[{"name":"id","sources":{"raw.orders":{"id":"identity"}}},{"name":"customer","sources":{"raw.orders":{"customer":"identity"}}},{"name":"day","sources":{"raw.orders":{"day":"identity"}}},{"name":"amount","sources":{"raw.orders":{"amount":"identity"}}},{"name":"revenue","sources":{"marts.customers":{"revenue":"identity"}}},{"name":"place","sources":{"raw.orders":{"amount":"window","customer":"window"}}},{"name":"loud","sources":{"marts.customers":{"revenue":"transformation"},"raw.orders":{"amount":"transformation","customer":"transformation"}}}],"rows":{"marts.customers":{"customer":"join"},"raw.orders":{"customer":"join"}},"reads":{"marts.customers":{"some":["customer","revenue"]},"raw.orders":{"some":["amount","customer","day","id"]}}}');
INSERT INTO "lineage_record" VALUES('85f492088ab44434b50428788ff0f1bc0509a29e5714d18d5a881681be9bd819','{"outputs":[{"name":"id","sources":{"raw.orders":{"id":"identity"}}},{"name":"customer","sources":{"raw.orders":{"customer":"identity"}}},{"name":"day","sources":{"raw.orders":{"day":"identity"}}},{"name":"amount","sources":{"raw.orders":{"amount":"identity"}}}],"rows":{"raw.orders":{"amount":"filter"}},"reads":{"raw.orders":{"some":["amount","customer","day","id"]}}}');
INSERT INTO "lineage_record" VALUES('ae5bf2967249f7ad1490e1dca4f9a806c2a8728aaf4290159372878478259132','{"outputs":[{"name":"customer","sources":{"staging.orders":{"customer":"identity"}}},{"name":"amount","sources":{"staging.orders":{"amount":"identity"}}}],"rows":{"staging.orders":{"customer":"order distinct","day":"order"}},"reads":{"staging.orders":{"some":["amount","customer","day"]}}}');
INSERT INTO "lineage_record" VALUES('da6360d88196baf59fc3a95b642a6ddf297b2c41b0ddc4078fce057bc7749c8b','{"outputs":[{"name":"customer","sources":{"staging.orders":{"customer":"identity"}}},{"name":"latest","sources":{"staging.orders":{"day":"aggregation"}}},{"name":"revenue","sources":{"staging.orders":{"amount":"aggregation"}}},{"name":"days"}],"rows":{"staging.orders":{"customer":"group","day":"group"}},"reads":{"staging.orders":{"some":["amount","customer","day"]}}}');
INSERT INTO "lineage_record" VALUES('e72f447655446b3f7c1c8141673ab00289c94cfd848b8897f5174a1ab632f0d1','{"outputs":[{"name":"id","sources":{"staging.orders":{"id":"identity"}}},{"name":"amount","sources":{"./data/rates.csv":{"rate":"transformation"},"staging.orders":{"amount":"transformation"}}}],"rows":{"./data/rates.csv":{"day":"join"},"staging.orders":{"day":"join"}},"reads":{"staging.orders":{"some":["amount","day","id"]}}}');
CREATE TABLE pointer (
    environment text not null references environment,
    asset text not null,
    version integer not null references version_record,
    since text not null,
    run integer not null references run_record,
    primary key (environment, asset)
) strict, without rowid;
INSERT INTO "pointer" VALUES('prod','marts.converted',3,'2026-11-30T16:17:01.939299Z',1);
INSERT INTO "pointer" VALUES('prod','marts.correlated',6,'2026-11-30T16:17:01.939299Z',1);
INSERT INTO "pointer" VALUES('prod','marts.customers',5,'2026-11-30T16:17:01.939299Z',1);
INSERT INTO "pointer" VALUES('prod','marts.latest',4,'2026-11-30T16:17:01.939299Z',1);
INSERT INTO "pointer" VALUES('prod','marts.others',7,'2026-11-30T16:17:01.939299Z',1);
INSERT INTO "pointer" VALUES('prod','marts.ranked',8,'2026-11-30T16:17:01.939299Z',1);
INSERT INTO "pointer" VALUES('prod','raw.orders',1,'2026-11-30T16:17:01.939299Z',1);
INSERT INTO "pointer" VALUES('prod','staging.orders',2,'2026-11-30T16:17:01.939299Z',1);
CREATE TABLE publication (
    id integer primary key autoincrement,
    run integer not null references run_record,
    environment text not null references environment,
    at text not null,
    serial integer not null,
    release text not null,
    previous_release text
) strict;
INSERT INTO "publication" VALUES(1,1,'prod','2026-11-30T16:17:01.939299Z',3,'c92cb64a1ca5',NULL);
CREATE TABLE publication_change (
    publication integer not null references publication,
    asset text not null,
    before integer references version_record,
    after integer references version_record,
    primary key (publication, asset)
) strict, without rowid;
INSERT INTO "publication_change" VALUES(1,'marts.converted',NULL,3);
INSERT INTO "publication_change" VALUES(1,'marts.correlated',NULL,6);
INSERT INTO "publication_change" VALUES(1,'marts.customers',NULL,5);
INSERT INTO "publication_change" VALUES(1,'marts.latest',NULL,4);
INSERT INTO "publication_change" VALUES(1,'marts.others',NULL,7);
INSERT INTO "publication_change" VALUES(1,'marts.ranked',NULL,8);
INSERT INTO "publication_change" VALUES(1,'raw.orders',NULL,1);
INSERT INTO "publication_change" VALUES(1,'staging.orders',NULL,2);
CREATE TABLE run_record (
    run integer primary key autoincrement,
    command text not null,
    environment text not null,
    arguments text not null,
    user text not null,
    host text not null,
    pid integer not null,
    dp_version text not null,
    engine text not null,
    plan text not null,
    started text not null,
    finished text,
    outcome text,
    counts text
) strict;
INSERT INTO "run_record" VALUES(1,'apply','prod','["apply","-y"]','ada','desktop',13906,'0.1.0','duckdb v2.0.0','731373a61c777912dab691162d38a2e0932d00520b93d1be47e4a6fac7f204ca','2026-11-30T16:17:01.277637Z','2026-11-30T16:17:01.955179Z','done','{"built":8,"checked":0,"cut_off":0,"destroyed":0,"failed":0,"published":8,"reused":0,"skipped":0}');
CREATE TABLE setting_record (
    environment text not null,
    asset text not null,
    document text not null,
    run integer not null references run_record,
    primary key (environment, asset)
) strict, without rowid;
INSERT INTO "setting_record" VALUES('prod','marts.converted','{}',1);
INSERT INTO "setting_record" VALUES('prod','marts.correlated','{}',1);
INSERT INTO "setting_record" VALUES('prod','marts.customers','{}',1);
INSERT INTO "setting_record" VALUES('prod','marts.latest','{}',1);
INSERT INTO "setting_record" VALUES('prod','marts.others','{}',1);
INSERT INTO "setting_record" VALUES('prod','marts.ranked','{}',1);
INSERT INTO "setting_record" VALUES('prod','raw.orders','{}',1);
INSERT INTO "setting_record" VALUES('prod','staging.orders','{}',1);
CREATE TABLE settled_move (
    environment text not null references environment,
    asset text not null,
    former text not null,
    primary key (environment, asset, former)
) strict, without rowid;
CREATE TABLE shape_record (
    plan text primary key,
    dp_version text not null,
    document text not null
) strict, without rowid;
INSERT INTO "shape_record" VALUES('4d695b869e250666c3b79a6aba6546501e08ca58b0ccda8dff6eda23b42d1690','0.1.0','{"rows":{"digest":"9fa7b57a8220c45d1d1cf7a67ff2a543ac81038ce7811c508c3808aedae194a6","reads":{"marts.customers":["customer","revenue"],"raw.orders":["amount","customer","day","id"]}},"outputs":[{"digest":"0bd9d98c173d41d2f382721f3ad7ae3a77865bac1cb6c11f4bee4ef6c074086b","reads":{}},{"digest":"6a3b9ec63553729dcb47e12d63d3c9b9b5c1bd7f3fbd12e1bd6e28ce5283adee","reads":{}},{"digest":"ce1aad2a6f24a58125085fdb2a340e6fbcf7cb4a224c91bfe0b670d51745a1e1","reads":{}},{"digest":"ada177ff562a65aff863c3d16be1fd52233dc4daf782b30e3f569e5a5ea68cf2","reads":{}},{"digest":"7ba26f3fd3ea3d12ddcdd0f6a58cfa241f1d587cd64e4bd19cb33f76c0de27f2","reads":{}},{"digest":"f740163faf52c2471056d663db431c4e06de1b42a7b752de57c3dc2310e31c49","reads":{}},{"digest":"1166e347894608767e8e9389ce37d0c811b6c3c81039b1cb11a938620fbda84e","reads":{}}]}');
INSERT INTO "shape_record" VALUES('50cc24e72f0326884bd0b717cba4946cc74eeee3190bad81b95d021735b86df9','0.1.0','{"rows":{"digest":"245bd110a508e7862674537edb810b9b0f1c188c3f8898486b7be265b87b41cd","reads":{"marts.customers":["customer","revenue"],"raw.orders":["amount","customer","id"],"staging.orders":["customer"]}},"outputs":[{"digest":"070df2b55446ce259bb52778ece801ed39d1f131b1afb50ace34d3d9cd762cbd","reads":{"marts.customers":["customer"]}},{"digest":"3e043b99b68a12eedf51cd4a39b1e8dc0c990de77d52cce46775722df1da821a","reads":{}},{"digest":"714bc24b49721ce3339d305a0d5d1805a6fd817893b9076f7c2fb315e2607f7f","reads":{"marts.customers":["customer","revenue"],"raw.orders":["amount","customer","id"],"staging.orders":["customer"]}}]}');
INSERT INTO "shape_record" VALUES('6fb675d5f7944b58c47c4c3828177162c06cf64270eda1028d086507cda0f461','0.1.0','{"rows":{"digest":"97af54a43301bd5598b6b1e620d3a581e9ea7b1f229d6392aca0814593fe6579","reads":{"staging.orders":["amount","customer","day"]}},"outputs":[{"digest":"6a3b9ec63553729dcb47e12d63d3c9b9b5c1bd7f3fbd12e1bd6e28ce5283adee","reads":{}},{"digest":"0bd9d98c173d41d2f382721f3ad7ae3a77865bac1cb6c11f4bee4ef6c074086b","reads":{}}]}');
INSERT INTO "shape_record" VALUES('7d2a4d21cc6f7b33b348bc52346ca6e70bd37422a44a5b9b5fa6e757405e0e6a','0.1.0','{"rows":{"digest":"eddd13f2d4063ac0eadbfde0a32fbc62791e8a89eb61851d2d1237b555fa2b8f","reads":{"raw.orders":["amount"]}},"outputs":[{"digest":"162fdcb47271fda07c495830cc6b575e33b70199b05fbeb4aff0d375649ac21a","reads":{"raw.orders":["id"]}},{"digest":"070df2b55446ce259bb52778ece801ed39d1f131b1afb50ace34d3d9cd762cbd","reads":{"raw.orders":["customer"]}},{"digest":"1906c031a0467f6e4c137469f93dd72b1b8678e8b301ad8dfdede6f6aae162f0","reads":{"raw.orders":["day"]}},{"digest":"cb2d5c56c151dc84244a852420de105cd264736d28e4f7c6bb11b9b181a0c789","reads":{"raw.orders":["amount"]}}]}');
INSERT INTO "shape_record" VALUES('cb4002733578ecad9039c6a2d15549e2f0a22ad9bfb5634a132a99f2eddb2a70','0.1.0','{"rows":{"digest":"4388282658552397401da56bcbdbd7ce64a0999c7b13603594fbafcea24f188e","reads":{"staging.orders":["amount","customer","day"]}},"outputs":[{"digest":"6a3b9ec63553729dcb47e12d63d3c9b9b5c1bd7f3fbd12e1bd6e28ce5283adee","reads":{}},{"digest":"ce1aad2a6f24a58125085fdb2a340e6fbcf7cb4a224c91bfe0b670d51745a1e1","reads":{}},{"digest":"ada177ff562a65aff863c3d16be1fd52233dc4daf782b30e3f569e5a5ea68cf2","reads":{}},{"digest":"0bd9d98c173d41d2f382721f3ad7ae3a77865bac1cb6c11f4bee4ef6c074086b","reads":{}}]}');
CREATE TABLE state (
    one integer primary key check (one = 1),
    id text not null,
    serial integer not null
) strict;
INSERT INTO "state" VALUES(1,'35cccfe38bc45885bb4f446157882ad5',4);
CREATE TABLE step_record (
    run integer not null references run_record,
    position integer not null,
    asset text not null,
    action text not null,
    reasons text not null,
    intended_version text,
    outcome text,
    started text,
    ms integer,
    version text,
    message text,
    primary key (run, position)
) strict, without rowid;
INSERT INTO "step_record" VALUES(1,0,'raw.orders','create','[{"code":"new"}]','63a1f7df69bad41e','built','2026-11-30T16:17:01.371855Z',161,'63a1f7df69bad41e',NULL);
INSERT INTO "step_record" VALUES(1,1,'staging.orders','create','[{"code":"new"}]','81be31b7e8b4a891','built',NULL,0,'81be31b7e8b4a891',NULL);
INSERT INTO "step_record" VALUES(1,2,'marts.converted','create','[{"code":"new"}]','3a8a742ce3ca4191','built','2026-11-30T16:17:01.577888Z',60,'3a8a742ce3ca4191',NULL);
INSERT INTO "step_record" VALUES(1,3,'marts.customers','create','[{"code":"new"}]','f28b4e85075202fe','built','2026-11-30T16:17:01.574549Z',67,'f28b4e85075202fe',NULL);
INSERT INTO "step_record" VALUES(1,4,'marts.correlated','create','[{"code":"new"}]','9ce67d4f4a1b122e','built','2026-11-30T16:17:01.663948Z',55,'9ce67d4f4a1b122e',NULL);
INSERT INTO "step_record" VALUES(1,5,'marts.latest','create','[{"code":"new"}]','e6f0b1c1ea55e39e','built',NULL,0,'e6f0b1c1ea55e39e',NULL);
INSERT INTO "step_record" VALUES(1,6,'marts.others','create','[{"code":"new"}]','7b670713050aa0e7','built','2026-11-30T16:17:01.664005Z',38,'7b670713050aa0e7',NULL);
INSERT INTO "step_record" VALUES(1,7,'marts.ranked','create','[{"code":"new"}]','53648ad71a6b8bfb','built','2026-11-30T16:17:01.720107Z',12,'53648ad71a6b8bfb',NULL);
CREATE TABLE version_lineage (
    version integer primary key references version_record,
    fingerprint text not null references lineage_record
) strict;
INSERT INTO "version_lineage" VALUES(1,'59fa6f76a28b893afd8705a6856f473bf8e4215e02021fa3261c429283bc6a2a');
INSERT INTO "version_lineage" VALUES(2,'85f492088ab44434b50428788ff0f1bc0509a29e5714d18d5a881681be9bd819');
INSERT INTO "version_lineage" VALUES(3,'e72f447655446b3f7c1c8141673ab00289c94cfd848b8897f5174a1ab632f0d1');
INSERT INTO "version_lineage" VALUES(4,'ae5bf2967249f7ad1490e1dca4f9a806c2a8728aaf4290159372878478259132');
INSERT INTO "version_lineage" VALUES(5,'da6360d88196baf59fc3a95b642a6ddf297b2c41b0ddc4078fce057bc7749c8b');
INSERT INTO "version_lineage" VALUES(6,'4b8af87a276be2e3981f1669d302f326c76120ad1f970dd1a73eaf12a8cb8ff6');
INSERT INTO "version_lineage" VALUES(7,'165b399c24458397cc57cd1e1412845216c22cd15b94d58f81ff5d05073f97d7');
INSERT INTO "version_lineage" VALUES(8,'68698ffba84c977a51f9499e0c44e75091756e887446dab02a28a8a03827faee');
CREATE TABLE version_record (
    number integer primary key autoincrement,
    id text not null unique,
    asset text not null,
    key text not null,
    definition text not null,
    run integer not null references run_record,
    created text not null,
    rows integer,
    bytes integer not null,
    content text,
    path text,
    engine text not null,
    deterministic integer not null,
    state text not null default 'intact' check (state in ('intact', 'damaged', 'removed')),
    state_reason text,
    document text not null
) strict;
INSERT INTO "version_record" VALUES(1,'63a1f7df69bad41e','raw.orders','f81e882859251a8ad3cf8ce8a5b08e2b6a4016fe86b234ff404fc9610fbbfc84','f2a519bea77387ec39fb6acb09277591a9180c3af7e29f25d175215918a9326e',1,'2026-11-30T16:17:01.556146Z',4,656,'0f00ef6f64bdb671ce236bf6c5be9967d9d2262d6f07588baf1971ee783b0e41','.dp/store/raw.orders/63a1f7df69bad41e/data.parquet','duckdb v2.0.0',1,'intact',NULL,'{"id":"63a1f7df69bad41e","asset":"raw.orders","key":"f81e882859251a8ad3cf8ce8a5b08e2b6a4016fe86b234ff404fc9610fbbfc84","definition":"f2a519bea77387ec39fb6acb09277591a9180c3af7e29f25d175215918a9326e","run":1,"created":"2026-11-30T16:17:01.556146Z","schema":[{"name":"id","type":"BIGINT"},{"name":"customer","type":"VARCHAR"},{"name":"day","type":"DATE"},{"name":"amount","type":"BIGINT"}],"rows":4,"content":"0f00ef6f64bdb671ce236bf6c5be9967d9d2262d6f07588baf1971ee783b0e41","lists":[{"columns":["amount","customer","day","id"],"content":"8fcb68ff9f30e66340b6ed04c723f461b27bf9b1bc2bdf75bfad0846aef46b29"},{"columns":["amount"],"content":"35a157cfe793ca9f9957bda68dd33ea5c6a094d56d48343eeed9233a1ce2e407"},{"columns":["amount","customer"],"content":"4b541e6f6a66b97d63ebf8576a6a7391c15a923e84f0bb7b874f2f5d647d7cb7"},{"columns":["amount","customer","day"],"content":"a0e7a8cbf6a018b155707051b1037581f60f0460f3e8563ddfa652dd572e2174"},{"columns":["amount","customer","id"],"content":"cd11cfdd4fb2ebef66bb117a21c5352ffb90ad396a7c2f42ba9a52093b264bda"},{"columns":["amount","day","id"],"content":"3fbbfa20f4532472650b7f328b76c7ee78db48dfd8cd149c0c1b7d2476bcf320"},{"columns":["customer"],"content":"2ca9c23d35554d249c7e3f2529cb51c6d37b304aaafdb057203c8a9be1553ced"}],"plan":null,"data":{"path":".dp/store/raw.orders/63a1f7df69bad41e/data.parquet","bytes":656,"hash":"93ffc636edfab8fa9f04457f695dc68fd9eeb164eaa28645cfd0dc12b3af84b9","mtime_ns":"1796055421502425789","ctime_ns":"1796055421551800708"},"export":null,"reading":{"rows":4,"dialects":[{"written":"delimiter `,`, header","files":1,"first":"data/orders.csv"}]},"view_sql":null,"inputs":[{"name":"data/orders.csv","version":null,"content":"e837b6e97ff0a3fd6a731862e9e2a62bd316b63b19f36ea690dde777d51c3bb7","direct":true}],"engine":"duckdb v2.0.0","deterministic":true,"protected":false}');
INSERT INTO "version_record" VALUES(2,'81be31b7e8b4a891','staging.orders','a3bea45715b9be8a28f3699915a15b59abed8e4fc4d3278b332dfc0f5ee74116','3e67cc7fd3d3824083351dfecf524c556df15462c20390c1c707913d7aba47eb',1,'2026-11-30T16:17:01.569704Z',NULL,0,'f2da94237023cb87b0a60d7031917481f921ed897a8e1a0b1d90c1fa8c9c969b',NULL,'duckdb v2.0.0',1,'intact',NULL,'{"id":"81be31b7e8b4a891","asset":"staging.orders","key":"a3bea45715b9be8a28f3699915a15b59abed8e4fc4d3278b332dfc0f5ee74116","definition":"3e67cc7fd3d3824083351dfecf524c556df15462c20390c1c707913d7aba47eb","run":1,"created":"2026-11-30T16:17:01.569704Z","schema":[{"name":"id","type":"BIGINT"},{"name":"customer","type":"VARCHAR"},{"name":"day","type":"DATE"},{"name":"amount","type":"BIGINT"}],"rows":null,"content":"f2da94237023cb87b0a60d7031917481f921ed897a8e1a0b1d90c1fa8c9c969b","lists":[{"columns":["amount"],"content":"3571830f3ee6ea50fe74b614b78edce0f7c7e9a8f66ce537e3b05001c02b06f1"},{"columns":["amount","customer","day"],"content":"a9d53bc5039f4b5de9cfb7a81e5133be2a565871064569f47388593e07764106"},{"columns":["amount","day","id"],"content":"1e33544f7218ce8d4f6e8a27b1ac8660d1203e88a032456b9d57cc313e2e6c2e"},{"columns":["customer"],"content":"086198d4d7151721347463b92f70b3db0899003d14e58bfa5a446e32d81676cc"}],"plan":"7d2a4d21cc6f7b33b348bc52346ca6e70bd37422a44a5b9b5fa6e757405e0e6a","data":null,"export":null,"view_sql":"-- Orders that count.\nselect id, customer, day, amount from raw.orders where amount >= 5","inputs":[{"name":"raw.orders","version":"63a1f7df69bad41e","content":"8fcb68ff9f30e66340b6ed04c723f461b27bf9b1bc2bdf75bfad0846aef46b29","columns":["amount","customer","day","id"],"direct":true}],"engine":"duckdb v2.0.0","deterministic":true,"protected":false}');
INSERT INTO "version_record" VALUES(3,'3a8a742ce3ca4191','marts.converted','5cb1c14f8ee4ebfef4bc273827849bc10d19e53140a0e6f69dc607d006a01f3f','ffaba43e180d391bf74c3dacadfc27c959ad669a73d3dfd5431265cf85c6cbb2',1,'2026-11-30T16:17:01.638242Z',3,379,'7ebf662479e5b3bb2d80280ebf15e11b171b3f8c07cc49bf7549eb3b6d8901ea','.dp/store/marts.converted/3a8a742ce3ca4191/data.parquet','duckdb v2.0.0',0,'intact',NULL,'{"id":"3a8a742ce3ca4191","asset":"marts.converted","key":"5cb1c14f8ee4ebfef4bc273827849bc10d19e53140a0e6f69dc607d006a01f3f","definition":"ffaba43e180d391bf74c3dacadfc27c959ad669a73d3dfd5431265cf85c6cbb2","run":1,"created":"2026-11-30T16:17:01.638242Z","schema":[{"name":"id","type":"BIGINT"},{"name":"amount","type":"DOUBLE"}],"rows":3,"content":"7ebf662479e5b3bb2d80280ebf15e11b171b3f8c07cc49bf7549eb3b6d8901ea","plan":"8745b0a6dea718ebcb647f03356191dc059e2ec7636934e5e7f5f506ba0daa15","data":{"path":".dp/store/marts.converted/3a8a742ce3ca4191/data.parquet","bytes":379,"hash":"1c7f8780329a36d2c8c988d1d154c2df1971bbba02ed14e46a9bcbf420b52630","mtime_ns":"1796055421632369084","ctime_ns":"1796055421637454155"},"export":null,"view_sql":null,"inputs":[{"name":"staging.orders","version":"81be31b7e8b4a891","content":"1e33544f7218ce8d4f6e8a27b1ac8660d1203e88a032456b9d57cc313e2e6c2e","columns":["amount","day","id"],"direct":true},{"name":"raw.orders","version":"63a1f7df69bad41e","content":"0f00ef6f64bdb671ce236bf6c5be9967d9d2262d6f07588baf1971ee783b0e41","direct":false},{"name":"data/rates.csv","version":null,"content":"814ae2fa6a8b4f76e429acc6f8f127be418ddf3695b031522e327af8794ad635","direct":true}],"engine":"duckdb v2.0.0","deterministic":false,"protected":false}');
INSERT INTO "version_record" VALUES(4,'e6f0b1c1ea55e39e','marts.latest','d59b4377580cda6665cd48aa7ac2fbfe1918d796dac978e3184343a72abd8b3b','ba4f13e7c3ebad40a7a2aa06698333c832dbbe0ad20de39c163f7a8096dff134',1,'2026-11-30T16:17:01.642033Z',NULL,0,'00e4fa5226b3e7263a35aa7bc60cab511d26cd06b9ddc605f985e9ac2169889e',NULL,'duckdb v2.0.0',0,'intact',NULL,'{"id":"e6f0b1c1ea55e39e","asset":"marts.latest","key":"d59b4377580cda6665cd48aa7ac2fbfe1918d796dac978e3184343a72abd8b3b","definition":"ba4f13e7c3ebad40a7a2aa06698333c832dbbe0ad20de39c163f7a8096dff134","run":1,"created":"2026-11-30T16:17:01.642033Z","schema":[{"name":"customer","type":"VARCHAR"},{"name":"amount","type":"BIGINT"}],"rows":null,"content":"00e4fa5226b3e7263a35aa7bc60cab511d26cd06b9ddc605f985e9ac2169889e","plan":"6fb675d5f7944b58c47c4c3828177162c06cf64270eda1028d086507cda0f461","data":null,"export":null,"view_sql":"select distinct on (customer) customer, amount from staging.orders order by customer, day desc","inputs":[{"name":"staging.orders","version":"81be31b7e8b4a891","content":"a9d53bc5039f4b5de9cfb7a81e5133be2a565871064569f47388593e07764106","columns":["amount","customer","day"],"direct":true},{"name":"raw.orders","version":"63a1f7df69bad41e","content":"0f00ef6f64bdb671ce236bf6c5be9967d9d2262d6f07588baf1971ee783b0e41","direct":false}],"engine":"duckdb v2.0.0","deterministic":false,"protected":false}');
INSERT INTO "version_record" VALUES(5,'f28b4e85075202fe','marts.customers','0f7d3fbd3e7b1f01866fac3f004a56f9a115b6775767458cca0b64993dc43b03','923f19c8bdc03a986ff86dec7da514b4c68a26ba4320b3d3f879b086400b4c26',1,'2026-11-30T16:17:01.641875Z',2,663,'45f2a2669ba1e0fdc1004aa99bfcd315225d50ee0ca72508be5ca99f831eb40b','.dp/store/marts.customers/f28b4e85075202fe/data.parquet','duckdb v2.0.0',1,'intact',NULL,'{"id":"f28b4e85075202fe","asset":"marts.customers","key":"0f7d3fbd3e7b1f01866fac3f004a56f9a115b6775767458cca0b64993dc43b03","definition":"923f19c8bdc03a986ff86dec7da514b4c68a26ba4320b3d3f879b086400b4c26","run":1,"created":"2026-11-30T16:17:01.641875Z","schema":[{"name":"customer","type":"VARCHAR"},{"name":"latest","type":"DATE"},{"name":"revenue","type":"HUGEINT"},{"name":"days","type":"BIGINT"}],"rows":2,"content":"45f2a2669ba1e0fdc1004aa99bfcd315225d50ee0ca72508be5ca99f831eb40b","lists":[{"columns":["customer"],"content":"f50277d3269c7a399933cd02ec60892aa681c182872263ad773679d651e8f401"},{"columns":["customer","revenue"],"content":"15af141f2657ce70d750c7a8c615ecfe917f5fa47d22a4742404fd9e1e547079"}],"plan":"cb4002733578ecad9039c6a2d15549e2f0a22ad9bfb5634a132a99f2eddb2a70","data":{"path":".dp/store/marts.customers/f28b4e85075202fe/data.parquet","bytes":663,"hash":"e6f23e134487bbbe52a403003489925cf1292ef20def294b3a7152cce556235f","mtime_ns":"1796055421607816616","ctime_ns":"1796055421638571334"},"export":null,"view_sql":null,"inputs":[{"name":"staging.orders","version":"81be31b7e8b4a891","content":"a9d53bc5039f4b5de9cfb7a81e5133be2a565871064569f47388593e07764106","columns":["amount","customer","day"],"direct":true},{"name":"raw.orders","version":"63a1f7df69bad41e","content":"0f00ef6f64bdb671ce236bf6c5be9967d9d2262d6f07588baf1971ee783b0e41","direct":false}],"engine":"duckdb v2.0.0","deterministic":true,"protected":false}');
INSERT INTO "version_record" VALUES(6,'9ce67d4f4a1b122e','marts.correlated','904987e57179007afe168580b124beded1f42de6b6ec85e980868b8de48af73e','1acabfb2bc57983791400848b4edee87d6228a7250270400b6ca3fe79f5e82aa',1,'2026-11-30T16:17:01.719480Z',2,461,'6ba736acaa7298b46dcc0b04b8508c3da7760523cafbf6f88359f5aa3d01db45','.dp/store/marts.correlated/9ce67d4f4a1b122e/data.parquet','duckdb v2.0.0',1,'intact',NULL,'{"id":"9ce67d4f4a1b122e","asset":"marts.correlated","key":"904987e57179007afe168580b124beded1f42de6b6ec85e980868b8de48af73e","definition":"1acabfb2bc57983791400848b4edee87d6228a7250270400b6ca3fe79f5e82aa","run":1,"created":"2026-11-30T16:17:01.71948Z","schema":[{"name":"customer","type":"VARCHAR"},{"name":"largest","type":"BIGINT"},{"name":"counts","type":"BOOLEAN"}],"rows":2,"content":"6ba736acaa7298b46dcc0b04b8508c3da7760523cafbf6f88359f5aa3d01db45","plan":"50cc24e72f0326884bd0b717cba4946cc74eeee3190bad81b95d021735b86df9","data":{"path":".dp/store/marts.correlated/9ce67d4f4a1b122e/data.parquet","bytes":461,"hash":"bb3c9d10c9e6d253b26d2db6ff1d2e587074142e3fe706c1edac1f4811e82300","mtime_ns":"1796055421703530278","ctime_ns":"1796055421715800714"},"export":null,"view_sql":null,"inputs":[{"name":"marts.customers","version":"f28b4e85075202fe","content":"15af141f2657ce70d750c7a8c615ecfe917f5fa47d22a4742404fd9e1e547079","columns":["customer","revenue"],"direct":true},{"name":"raw.orders","version":"63a1f7df69bad41e","content":"cd11cfdd4fb2ebef66bb117a21c5352ffb90ad396a7c2f42ba9a52093b264bda","columns":["amount","customer","id"],"direct":true},{"name":"staging.orders","version":"81be31b7e8b4a891","content":"086198d4d7151721347463b92f70b3db0899003d14e58bfa5a446e32d81676cc","columns":["customer"],"direct":true}],"engine":"duckdb v2.0.0","deterministic":true,"protected":false}');
INSERT INTO "version_record" VALUES(7,'7b670713050aa0e7','marts.others','ece38f531b29bb3aa004765ba64c2e9c7e0858904b275cc16637304e35cd728b','4d296f9738b9facf961153791e47600d2f44367bbc89bb646e03f0aa8e44e973',1,'2026-11-30T16:17:01.723572Z',4,228,'699d35739490576bdbc4afd8fb137d1dd31b23058d2be6318c4e3502237210b1','.dp/store/marts.others/7b670713050aa0e7/data.parquet','duckdb v2.0.0',1,'intact',NULL,'{"id":"7b670713050aa0e7","asset":"marts.others","key":"ece38f531b29bb3aa004765ba64c2e9c7e0858904b275cc16637304e35cd728b","definition":"4d296f9738b9facf961153791e47600d2f44367bbc89bb646e03f0aa8e44e973","run":1,"created":"2026-11-30T16:17:01.723572Z","schema":[{"name":"customer","type":"VARCHAR"}],"rows":4,"content":"699d35739490576bdbc4afd8fb137d1dd31b23058d2be6318c4e3502237210b1","plan":"e0e07cec146770feccfd4ddb1640199be31c02e9a0bdccdc76f95a5bc01b1913","data":{"path":".dp/store/marts.others/7b670713050aa0e7/data.parquet","bytes":228,"hash":"a21dcf844746aa95d3fb35e171c3a45fa5b1ac091d0a1b23ca1be7f27c656aa9","mtime_ns":"1796055421707800714","ctime_ns":"1796055421720256001"},"export":null,"view_sql":null,"inputs":[{"name":"marts.customers","version":"f28b4e85075202fe","content":"f50277d3269c7a399933cd02ec60892aa681c182872263ad773679d651e8f401","columns":["customer"],"direct":true},{"name":"raw.orders","version":"63a1f7df69bad41e","content":"2ca9c23d35554d249c7e3f2529cb51c6d37b304aaafdb057203c8a9be1553ced","columns":["customer"],"direct":true},{"name":"staging.orders","version":"81be31b7e8b4a891","content":"3571830f3ee6ea50fe74b614b78edce0f7c7e9a8f66ce537e3b05001c02b06f1","columns":["amount"],"direct":true}],"engine":"duckdb v2.0.0","deterministic":true,"protected":false}');
INSERT INTO "version_record" VALUES(8,'53648ad71a6b8bfb','marts.ranked','10f40d997c96e70f7c137ddf98846cc825d5e9675520782d256caa5f9ffabc55','cbdd87608cab0010883f32cfe784a21ba545b53c1e8271c7b9dc3a38a4b0155d',1,'2026-11-30T16:17:01.732505Z',4,1092,'35acc649442aa3e84fc3f23856528a43e6123eeeb0cd8c9e1cb43fe01a5a2f0d','.dp/store/marts.ranked/53648ad71a6b8bfb/data.parquet','duckdb v2.0.0',1,'intact',NULL,'{"id":"53648ad71a6b8bfb","asset":"marts.ranked","key":"10f40d997c96e70f7c137ddf98846cc825d5e9675520782d256caa5f9ffabc55","definition":"cbdd87608cab0010883f32cfe784a21ba545b53c1e8271c7b9dc3a38a4b0155d","run":1,"created":"2026-11-30T16:17:01.732505Z","schema":[{"name":"id","type":"BIGINT"},{"name":"customer","type":"VARCHAR"},{"name":"day","type":"DATE"},{"name":"amount","type":"BIGINT"},{"name":"revenue","type":"HUGEINT"},{"name":"place","type":"BIGINT"},{"name":"loud","type":"VARCHAR"}],"rows":4,"content":"35acc649442aa3e84fc3f23856528a43e6123eeeb0cd8c9e1cb43fe01a5a2f0d","plan":"4d695b869e250666c3b79a6aba6546501e08ca58b0ccda8dff6eda23b42d1690","data":{"path":".dp/store/marts.ranked/53648ad71a6b8bfb/data.parquet","bytes":1092,"hash":"bfa5ea03f8ae484914e3abefff0659854301c34b284cfd0caf3f33404b8c6701","mtime_ns":"1796055421728629908","ctime_ns":"1796055421732471033"},"export":null,"view_sql":null,"inputs":[{"name":"marts.customers","version":"f28b4e85075202fe","content":"15af141f2657ce70d750c7a8c615ecfe917f5fa47d22a4742404fd9e1e547079","columns":["customer","revenue"],"direct":true},{"name":"raw.orders","version":"63a1f7df69bad41e","content":"8fcb68ff9f30e66340b6ed04c723f461b27bf9b1bc2bdf75bfad0846aef46b29","columns":["amount","customer","day","id"],"direct":true}],"engine":"duckdb v2.0.0","deterministic":true,"protected":false}');
CREATE INDEX run_unfinished on run_record (run) where finished is null;
CREATE INDEX version_by_asset on version_record (asset);
CREATE INDEX version_by_key on version_record (asset, key) where state = 'intact';
CREATE INDEX input_by_name on input_record (name);
CREATE INDEX pointer_by_version on pointer (version);
CREATE INDEX publication_by_environment on publication (environment);
CREATE INDEX publication_by_run on publication (run);
CREATE INDEX effect_by_run on effect_record (run);
CREATE INDEX effect_by_asset on effect_record (asset);
CREATE INDEX check_by_run on check_record (run);
CREATE INDEX check_by_asset on check_record (asset, check_name);
CREATE INDEX check_by_key on check_record (key) where outcome <> 'errored';
CREATE VIEW runs as
select
    'r' || run as run, command, environment, outcome, started, finished,
    round((julianday(finished) - julianday(started)) * 86400, 3) as seconds,
    counts ->> 'built' as built,
    counts ->> 'cut_off' as cut_off,
    counts ->> 'reused' as reused,
    counts ->> 'checked' as checked,
    counts ->> 'destroyed' as destroyed,
    counts ->> 'failed' as failed,
    counts ->> 'skipped' as skipped,
    user, host, pid, arguments, dp_version, engine, plan
from run_record;
CREATE VIEW steps as
select
    'r' || step_record.run as run, environment, position + 1 as step, asset, action, step_record.outcome as outcome,
    step_record.started as started, ms, coalesce(version, intended_version) as version, message, reasons
from step_record join run_record using (run);
CREATE VIEW versions as
select
    id as version, asset, 'r' || run as run, created, state, state_reason, rows, bytes, content, path, engine,
    deterministic, key, definition
from version_record;
CREATE VIEW published as
select
    pointer.environment as environment, pointer.asset as asset, version_record.id as version, since,
    'r' || pointer.run as run, rows, bytes, content, path, release
from pointer
join version_record on version_record.number = pointer.version
join environment on environment.name = pointer.environment;
CREATE VIEW lineage as
select
    'r' || run as run, asset, id as version, input_record.name as input, input_version,
    input_record.content as content, direct
from input_record join version_record on version_record.number = input_record.version;
CREATE VIEW check_results as
select
    'r' || check_record.run as run, environment, asset, version, check_name, kind, severity,
    check_record.outcome as outcome, failures, message, ms, key, started as run_started
from check_record join run_record using (run);
CREATE VIEW events as
select id, time, 'r' || run as run, event, asset, data
from event_record;
CREATE VIEW column_lineage as
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
CREATE UNIQUE INDEX hold_once on hold (environment, asset, coalesce(key, ''));
CREATE INDEX effect_made on effect_record (asset, id) where kind = 'made';
CREATE INDEX check_by_version on check_record (version, run);
CREATE VIEW effects as
select
    'r' || effect_record.run as run, environment, effect_record.id as id, step + 1 as step, asset, kind, path, version,
    replaced, rows, bytes, ms, content, user, host, dp_version, started as run_started,
    coalesce(effect_record.count, 1) as count, coalesce(seen, 'observed') as seen, coalesce(declared, 1) as declared,
    noise, detail
from effect_record join run_record using (run);
CREATE VIEW held_back as
select
    hold.environment as environment, asset, version, key, 'r' || hold.run as run, definition, started as since
from hold join run_record on run_record.run = hold.run;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('run_record',1);
INSERT INTO "sqlite_sequence" VALUES('event_record',22);
INSERT INTO "sqlite_sequence" VALUES('version_record',8);
INSERT INTO "sqlite_sequence" VALUES('effect_record',26);
INSERT INTO "sqlite_sequence" VALUES('check_record',3);
INSERT INTO "sqlite_sequence" VALUES('publication',1);
COMMIT;
