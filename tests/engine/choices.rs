//! A query that counts as deterministic gives the same rows with any number of threads and any order of its input.
//!
//! `DP_CHOICES=full` compares more builds of each query.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use dp::engine::duckdb::{DuckAnalyst, DuckBuilder, SessionOptions};
use dp::model::Schema;
use dp::seam::{Analyst, BuildTask, Builder, Built, Relation, RelationBody};

use crate::{folder, options};

/// Columns with values that are equal and not identical, and some that have none.
const COLUMNS: [(&str, &str); 16] = [
    ("n", "i"),
    ("d", "['0.0', '-0.0', '1.5', 'nan', NULL][1 + i % 5]::DOUBLE"),
    ("f", "['0.0', '-0.0', '1.5', 'nan', NULL][1 + i % 5]::FLOAT"),
    ("iv", "[INTERVAL 1 MONTH, INTERVAL 30 DAYS, INTERVAL 1 DAY, INTERVAL 24 HOURS, NULL][1 + i % 5]"),
    ("s", "['a', 'A', 'b', NULL][1 + i % 4]"),
    ("c", "[1.00, 2.50, NULL][1 + i % 3]::DECIMAL(9, 2)"),
    ("z", "['12:00:00+00', '13:00:00+01', NULL][1 + i % 3]::TIMETZ"),
    ("t", "TIMESTAMP '2020-01-01' + INTERVAL (i % 7) HOURS"),
    ("b", "[true, false, NULL][1 + i % 3]"),
    ("bl", "('x' || i % 4)::BLOB"),
    ("u", "['11111111-1111-1111-1111-111111111111', '22222222-2222-2222-2222-222222222222'][1 + i % 2]::UUID"),
    ("st", "{'x': ['0.0', '-0.0', '1.5'][1 + i % 3]::DOUBLE, 'y': i % 2}"),
    ("l", "[['0.0', '-0.0', '1.5'][1 + i % 3]::DOUBLE]"),
    ("si", "{'x': i % 5}"),
    ("li", "[i % 5, NULL]"),
    ("m", "MAP {i % 2: [INTERVAL 1 MONTH, INTERVAL 30 DAYS][1 + i % 2]}"),
];

/// Ways to use a column, `C`.
const FORMS: [&str; 50] = [
    "select C from m.t group by C",
    "select C, count(*) as k from m.t group by all",
    "select C, n % 2 as k, count(*) as k2 from m.t group by rollup (C, n % 2)",
    "select distinct C from m.t",
    "select distinct C, n % 2 as k from m.t",
    "select distinct on (C) C, n from m.t order by C, n",
    "select C from m.t union select C from m.o",
    "select C from m.t union all select C from m.o",
    "select C from m.t intersect select C from m.o",
    "select C from m.t intersect all select C from m.o",
    "select C from m.t except select C from m.o where n < 2",
    "select C from m.t except all select C from m.o where n < 2",
    "with recursive r as (select C as x from m.t where n < 40 union select x from r) from r",
    "select min(C) as x, max(C) as y from m.t",
    "select n % 3 as k, max(C) as x from m.t group by 1",
    "select max(C, 3) as x from m.t",
    "select median(C) as x from m.t",
    "select quantile_disc(C, 0.3) as x from m.t",
    "select quantile_cont(C, 0.3) as x from m.t",
    "select mode(C) as x from m.t",
    "select mad(C) as x from m.t",
    "select histogram(C) as x from m.t",
    "select entropy(C) as x from m.t",
    "select any_value(C) as x from m.t",
    "select arg_max(C, n) as x from m.t",
    "select sum(C) as x from m.t",
    "select avg(C) as x from m.t",
    "select sum(distinct C) as x from m.t",
    "select product(C) as x from m.t",
    "select stddev(C) as x from m.t",
    "select count(C) as x, count(distinct C) as y, approx_count_distinct(C) as z from m.t",
    "select list(C order by C) as x from m.t",
    "select list(distinct C) as x from m.t",
    "select string_agg(C::varchar, ',' order by n) as x from m.t",
    "select bool_and(C is null) as x, count_if(C is null) as y from m.t",
    "select n, max(C) over (partition by n % 3) as x from m.t",
    "select n, max(C) over (order by n) as x from m.t",
    "select n, count(*) over (partition by C) as x from m.t",
    "select n, C, rank() over (order by C) as x, dense_rank() over (partition by n % 2 order by C) as y from m.t",
    "select n, first_value(C) over (order by C) as x from m.t",
    "select n, row_number() over (partition by C order by n) as x from m.t",
    "select C from m.t join m.o using (C)",
    "select C, t.n from m.t full join m.o using (C)",
    "select o.C as x, t.n from m.t join m.o on t.C = o.C where t.n < 50",
    "select n, C from m.t where C in (select C from m.o)",
    "select n, C from m.t semi join m.o using (C)",
    "select n, C, (select count(*) from m.o where o.C = t.C) as x from m.t",
    "select n, C, (select max(t.C::varchar || o.s) from m.o where o.n % 10 = t.n % 10) as x from m.t",
    "select C::varchar as x, count(*) as k from m.t group by 1",
    "select max(C collate nocase) as x, C collate nocase as y from m.t group by y",
];

/// Which builds of a query are compared: threads, and the order in which the rows of its inputs are stored.
fn builds() -> Vec<(u32, &'static str)> {
    let mut builds = vec![(1, "i"), (4, "i DESC")];
    if std::env::var("DP_CHOICES").is_ok_and(|form| form == "full") {
        builds.extend([(1, "i DESC"), (1, "hash(i)"), (4, "i"), (4, "hash(i)"), (3, "i % 7, i")]);
    }
    builds
}

const ROWS: usize = 9000;

/// The same rows in this order, in several row groups.
fn input(root: &Path, order: &str) -> (std::path::PathBuf, Schema) {
    let name = order.replace(|char: char| !char.is_alphanumeric(), "_");
    let columns = COLUMNS.map(|(name, value)| format!("{value} AS {name}"));
    let sql = format!("SELECT {} FROM range({ROWS}) AS r(i) ORDER BY {order}", columns.join(", "));
    let mut builder = DuckBuilder::open(&options(root)).unwrap();
    let file = root.join(format!(".dp/store/{name}.parquet"));
    let built = build(&mut builder, &sql, &file);
    (file, built.unwrap().schema)
}

fn build(builder: &mut DuckBuilder, sql: &str, file: &Path) -> Result<Built, dp::seam::EngineError> {
    builder.build(&BuildTask {
        sql: sql.to_owned(),
        schema: None,
        file: file.to_owned(),
        lists: Vec::new(),
        export: None,
    })
}

/// Why a query counts as not deterministic; `None` if it can't be bound.
fn unstable(analyst: &mut DuckAnalyst, sql: &str) -> Option<BTreeSet<String>> {
    let syntax = analyst.parse(&[sql]).unwrap().remove(0).ok()?;
    let bound = analyst.bind(sql).ok()?;
    Some(syntax.unstable.into_iter().chain(bound.unstable).collect())
}

fn analyst(root: &Path, schema: &Schema) -> DuckAnalyst {
    let mut analyst = DuckAnalyst::new(options(root));
    analyst.declare_schemas(&["m"]).unwrap();
    let relations = ["m.t", "m.o"].map(|name| Relation {
        name: name.parse().unwrap(),
        body: RelationBody::Empty(schema.clone()),
    });
    analyst.declare(&relations).unwrap();
    analyst
}

#[test]
fn what_counts_as_deterministic_is() {
    let (_folder, root) = folder();
    let mut inputs = BTreeMap::new();
    for (_, order) in builds() {
        inputs.entry(order).or_insert_with(|| input(&root, order));
    }
    let schema = inputs["i"].1.clone();
    let mut analyst = analyst(&root, &schema);
    let mut builders: Vec<(String, DuckBuilder)> = builds()
        .into_iter()
        .map(|(threads, order)| {
            let mut builder = DuckBuilder::open(&SessionOptions {
                threads: Some(threads),
                ..options(&root)
            })
            .unwrap();
            let (file, schema) = inputs[order].clone();
            let relations = ["m.t", "m.o"].map(|name| Relation {
                name: name.parse().unwrap(),
                body: RelationBody::Stored {
                    file: file.clone(),
                    schema: schema.clone(),
                },
            });
            builder.relate(&relations).unwrap();
            (format!("{threads} threads, by {order}"), builder)
        })
        .collect();
    let mut compared = 0;
    let mut wrong = Vec::new();
    for form in FORMS {
        // Joins of all rows with all others say nothing more than those of some.
        let form =
            if form.contains("join") { form.replace("m.o", "(from m.o where n < 20) o") } else { form.to_owned() };
        for (column, _) in COLUMNS {
            let sql = form.replace('C', column);
            if !unstable(&mut analyst, &sql).is_some_and(|reasons| reasons.is_empty()) {
                continue;
            }
            let mut first = None;
            for (how, builder) in &mut builders {
                let Ok(built) = build(builder, &sql, &root.join(".dp/tmp/result.parquet")) else {
                    break;
                };
                let content = built.content;
                match &first {
                    None => first = Some(content),
                    Some(first) if *first == content => compared += 1,
                    Some(_) => wrong.push(format!("{sql}  ({how})")),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these give other rows:\n{}", wrong.join("\n"));
    assert!(compared > 150, "only {compared} builds were compared");
}

#[test]
fn exact_types_are_grouped_without_a_doubt() {
    let (_folder, root) = folder();
    let (_, schema) = input(&root, "i");
    let mut analyst = analyst(&root, &schema);
    for column in ["n", "s", "c", "z", "t", "b", "bl", "u", "si", "li", "n::double", "c::double", "iv::varchar"] {
        for form in
            ["select C from m.t group by C", "select distinct C from m.t", "select C from m.t union select C from m.o"]
        {
            let sql = form.replace('C', &format!("({column})"));
            // Only the grouping itself says where its values are from.
            if column.ends_with("::double") && !sql.contains("group by") {
                continue;
            }
            assert_eq!(unstable(&mut analyst, &sql), Some(BTreeSet::new()), "{sql}");
        }
    }
    for column in ["d", "f", "iv", "st", "l", "m", "n::variant", "round(d)", "s collate nocase"] {
        for form in ["select C as x from m.t group by C", "select distinct C as x from m.t"] {
            let sql = form.replace('C', column);
            assert!(!unstable(&mut analyst, &sql).unwrap().is_empty(), "{sql}");
        }
    }
}
