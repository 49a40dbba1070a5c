//! Forms of queries, one by one: values and rows, compared with `forms.txt`. `DP_UPDATE_GOLDENS=1` writes it.

use super::{engine, lineage};

/// Four tables for all forms.
const TABLES: [&str; 4] = [
    "create table t (a int, b int, c int, l int[], s struct(x int, y int), d timestamp)",
    "create table u (a int, k int, v int, d timestamp)",
    "create table e (parent int, child int, label text)",
    "create view w as select a, b + c as bc from t where c > 0",
];

/// The lineage in words: each output, then the rows, then the inputs.
fn told(sql: &str) -> String {
    let engine = engine(&TABLES);
    let lineage = match lineage(&engine, sql) {
        Ok(lineage) => lineage,
        Err(unknown) => return format!("unknown: {unknown}"),
    };
    let uses = |uses: &dp::sql::lineage::ByColumn| {
        let mut words = Vec::new();
        for (table, columns) in uses {
            let table = table.strip_prefix("main.").unwrap_or(table);
            words.extend(columns.iter().map(|(column, hows)| format!("{table}.{column}({hows})")));
        }
        words.join(" ")
    };
    let mut lines: Vec<String> =
        lineage.outputs.iter().map(|output| format!("{} <- {}", output.name, uses(&output.sources))).collect();
    lines.push(format!("rows <- {}", uses(&lineage.rows)));
    for (table, read) in &lineage.reads {
        let used = |uses: &dp::sql::lineage::ByColumn, column: &String| {
            uses.get(table).is_some_and(|columns| columns.contains_key(column))
        };
        match read {
            dp::sql::lineage::ReadColumns::All => lines.push(format!("{table}: all")),
            dp::sql::lineage::ReadColumns::Some(columns) if columns.is_empty() => {
                lines.push(format!("{table}: only its rows"));
            }
            dp::sql::lineage::ReadColumns::Some(columns) => {
                let every = columns.iter().all(|column| {
                    used(&lineage.rows, column) || lineage.outputs.iter().any(|out| used(&out.sources, column))
                });
                assert!(every, "{sql}: {columns:?}");
            }
        }
    }
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

/// What each is about, and the query.
const FORMS: &[(&str, &str)] = &[
    ("a count reads only rows", "select count(*) from t"),
    ("a number of a row is everything", "select rowid from t"),
    ("a column that nobody uses is not read", "select x from (select a as x, b as y from t)"),
    ("a struct counts by column", "select s.x, (s).y + 1 as y from t where s.x > 1"),
    ("a whole row is every column", "select t from t"),
    ("a view is looked through", "select bc from w"),
    ("conditions of a value count", "select case when a > 1 then b else c end as x, coalesce(a, b) as y from t"),
    ("constants have no source", "select 1 as x, now() as y from t"),
    (
        "a lambda counts what it captures",
        "select list_transform(l, lambda x: x + b) as x, [y + c for y in l if y > a] as z from t",
    ),
    (
        "an aggregate counts its filter and order",
        "select sum(a) filter (where b > 1) as x, string_agg(c::text, ',' order by d) as y from t group by a % 2 having max(b) > 1",
    ),
    ("grouping sets make keys null", "select a, grouping(a, b) as g, count(*) as n from t group by rollup (a, b)"),
    ("group by all groups by what is added", "select a, b, sum(c) as c from t group by all"),
    (
        "a window counts its frame",
        "select sum(a) over (partition by b order by d range between interval 1 day preceding and current row) as x, lag(a, b, c) over (order by d) as y from t",
    ),
    ("qualify filters", "select a from t qualify row_number() over (partition by b order by c) = 1"),
    ("distinct counts every column", "select distinct a, b from t"),
    ("distinct on counts its keys and order", "select distinct on (a) a, b from t order by a, d"),
    ("a distinct below counts what is dropped", "select x from (select distinct a as x, b as y from t)"),
    ("order counts", "select a from t order by b + c"),
    ("a limit may be computed", "select a from t order by a limit (select max(v) from u)"),
    ("a sample reads as its query", "select a from t using sample 10%"),
    ("a join counts its conditions", "select t.a, u.v from t join u on t.a = u.a and t.b > u.k + t.c"),
    ("a join on any condition", "select t.a from t left join u on t.a = u.a or t.b > u.k"),
    ("using binds to the left", "select a, u.v from t left join u using (a)"),
    ("a full join using takes either", "select a from t full join u using (a)"),
    ("an asof join", "select t.a, u.v from t asof join u on t.a = u.a and t.d >= u.d"),
    ("a positional join", "select t.a, u.v from t positional join u"),
    ("a semi join and an anti join", "select t.b from t semi join u on t.a = u.a where t.c not in (select k from u)"),
    ("in as a value", "select a in (select k from u) as x from t"),
    ("an exists that is correlated", "select a from t where exists (select 1 from u where u.a = t.b and u.k > t.c)"),
    ("an exists of rows alone", "select a from t where exists (select 1 from u)"),
    ("a scalar query that is correlated", "select a, (select max(v) from u where u.k = t.b) as m from t"),
    (
        "two levels of correlation",
        "select a, (select max(v) from u where u.k = (select min(child) from e where e.parent = t.b and e.label = u.v::text)) as m from t",
    ),
    (
        "a correlated count in an or",
        "select a from t where b > 1 or (select count(*) from u where u.k = t.b and (v = 1 or v = 2)) > 0",
    ),
    ("a correlated any", "select a from t where a > any (select k from u where u.a = t.b or u.v = 1)"),
    ("any and all", "select a from t where a > all (select k from u) and b = any (select v from u)"),
    (
        "a lateral join",
        "select t.a, z.v from t join lateral (select v from u where u.k = t.b order by u.d limit 1) z on true",
    ),
    ("unnest in the list", "select a, unnest(l) as x from t"),
    ("unnest as a table", "select a, x from t, unnest(l) as z(x)"),
    ("range over a column", "select a, x from t, range(t.b) as z(x)"),
    ("table functions of constants", "select * from range(3), unnest([1, 2])"),
    ("a union goes by position", "select a, b from t union all select k, v from u"),
    ("a union by name", "select a, b from t union all by name select v as b, a from u"),
    ("a union without duplicates", "select a from t union select k from u"),
    ("except takes away", "select a from t except select k from u"),
    ("intersect all", "select a from t intersect all select k from u"),
    (
        "a common table twice",
        "with x as materialized (select a, b, c from t) select p.a, q.b from x p join x q on p.a = q.c",
    ),
    ("a common table that nobody reads", "with x as (select * from u) select a from t"),
    (
        "a recursion goes round",
        "with recursive r(node, path) as (select parent, label from e union all select e.child, r.path || e.label from r join e on r.node = e.parent) select path from r",
    ),
    (
        "a recursion without duplicates",
        "with recursive r(n, m) as (select a, b from t union select n + 1, m from r where n < 5) select n from r",
    ),
    ("values lists", "select x + a as z from (values (1, 2), (3, 4)) v(x, y) join t on t.b = v.y"),
    ("values with columns", "select (select max(z) from (values (t.a), (t.b)) v(z)) as m from t"),
    ("a short pivot", "from (select a, b, c from t) pivot (sum(b) for a in (1, 2) group by c)"),
    (
        "a long pivot",
        r#"select c, "7" from (select a, b, c from t) pivot (sum(b) for a in (1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23) group by c)"#,
    ),
    ("an unpivot", "from (select a, b, c from t) unpivot (value for name in (a, b))"),
    ("stars and columns", "select columns('^(a|b)$'), * exclude (l, s, d) replace (c + b as c) from t"),
    ("json of a column", "select j.value from t, json_each(t.a::varchar) j"),
];

#[test]
#[expect(clippy::disallowed_methods, reason = "whether to write is asked for by the environment")]
fn every_form_is_told_as_it_was() {
    let mut text = String::new();
    for (about, sql) in FORMS {
        text.push_str(&format!("-- {about}\n{sql}\n{}\n\n", told(sql).replace("main.", "")));
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lineage/forms.txt");
    if std::env::var_os("DP_UPDATE_GOLDENS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}
