//! A word such as `current_date` is a column where the binder finds one, and else the clock or the session.

use std::collections::BTreeSet;

use dp::engine::duckdb::DuckAnalyst;
use dp::engine::duckdb::functions::{CLOCK_WORDS, SESSION_WORDS};
use dp::model::{AssetName, Column, Schema};
use dp::seam::{Analyst, Relation, RelationBody};

use crate::{folder, options, syntax};

/// Returns an analyst that knows `raw.t`, with columns of these names, and `raw.u`, without.
fn analyst(root: &std::path::Path) -> DuckAnalyst {
    let mut analyst = DuckAnalyst::new(options(root));
    let columns = |columns: &[(&str, &str)]| {
        let column = |(name, data_type): &(&str, &str)| Column {
            name: (*name).to_owned(),
            data_type: (*data_type).to_owned(),
        };
        RelationBody::Empty(Schema(columns.iter().map(column).collect()))
    };
    let relation = |name: &str, body| Relation {
        name: name.parse::<AssetName>().unwrap(),
        body,
    };
    let named = [
        ("id", "INTEGER"),
        ("current_date", "DATE"),
        ("current_timestamp", "TIMESTAMP"),
        ("localtime", "TIME"),
        ("user", "VARCHAR"),
    ];
    analyst.declare_schemas(&["raw"]).unwrap();
    analyst
        .declare(&[
            relation("raw.t", columns(&named)),
            relation("raw.u", columns(&[("id", "INTEGER"), ("day", "DATE"), ("s", "STRUCT(\"user\" VARCHAR)")])),
        ])
        .unwrap();
    analyst
}

/// Returns the words that the query takes for values.
fn values(sql: &str) -> BTreeSet<String> {
    let (_folder, root) = folder();
    let mut analyst = analyst(&root);
    analyst.bind(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let words = syntax(sql).words.into_iter().map(|word| word.word).collect();
    analyst.session_words(sql, &words).unwrap()
}

#[test]
fn every_connection_binds_alike() {
    let (_folder, root) = folder();
    let mut analyst = analyst(&root);
    for sql in [
        "select (select max(u.day) from raw.u where u.day < t.current_date) as a from raw.t",
        "select id from raw.t where exists (select 1 from raw.u where u.id = t.id)",
    ] {
        let other = analyst.another().unwrap().bind(sql).unwrap();
        assert_eq!(analyst.bind(sql).unwrap().plan, other.plan, "{sql}");
    }
}

#[test]
fn columns_with_such_names_are_columns() {
    for sql in [
        r#"select "current_date", "user" from raw.t"#,
        "select current_date, localtime from raw.t where current_timestamp > '2000-01-01'",
        r#"select id, day as "current_date" from raw.u order by "current_date""#,
        r#"with c as (select id as "localtimestamp" from raw.u) select "localtimestamp" from c"#,
        r#"select "current_date", count(*) from raw.t group by "current_date""#,
        r#"select t."current_date", x.user from raw.t, (select 'a' as user) as x"#,
        "select s.user from raw.u",
        r#"select list_transform([1, 2], lambda "user": "user" + 1) as a"#,
        "select (select max(u.day) from raw.u where u.day < t.current_date) as a from raw.t",
        "select current_date, count(*) as a from raw.t group by current_date having current_date > '2000-01-01'",
    ] {
        assert_eq!(values(sql), BTreeSet::new(), "{sql}");
    }
}

#[test]
fn every_word_is_told_apart() {
    for word in CLOCK_WORDS.iter().chain(SESSION_WORDS) {
        assert_eq!(values(&format!("select {word} from (select 1 as {word})")), BTreeSet::new(), "{word}");
        let both = format!("select {word}, t.{word} from (select 1 as {word}) as t, (select {word} as x)");
        assert_eq!(values(&both), BTreeSet::from([(*word).to_owned()]), "{word}");
    }
    // Two words are decided one by one.
    assert_eq!(
        values("select current_date, localtime from raw.t, (select user as x)"),
        BTreeSet::from(["user".to_owned()])
    );
}

#[test]
fn no_use_of_the_clock_or_the_session_is_missed() {
    for sql in [
        "select current_date as a",
        r#"select "current_date" as a"#,
        "select CURRENT_TIMESTAMP as a from raw.u",
        "select current_time as a",
        "select localtime as a",
        "select localtimestamp as a",
        "select id from raw.u where day < current_date",
        "select id from raw.u where case when current_date > '1990-01-01' then true else false end",
        "select id from raw.u limit case when current_date > '1990-01-01' then 1 else 2 end",
        "select id from raw.u order by current_date",
        "select count(*) as a from raw.u group by current_date",
        "select day, count(*) as a from raw.u group by day having day > current_date",
        "select day as current_date, count(*) as a from raw.u group by day having current_date > '2000-01-01'",
        // The subquery finds no column of its own, and the enclosing query is asked later than the clock.
        "select (select max(id) from raw.u where day < current_date) as a from raw.t",
        "select id from raw.t where exists (select 1 from raw.u where day = current_date)",
        "with c as (select current_date as d) select d from c",
        "select current_date as a from raw.t union all select current_date from raw.u",
        "select a from (values (current_date)) as v(a)",
        "select a from range(timestamp '2000-01-01', current_date::timestamp, interval 1 year) r(a)",
        "select [current_date] as a",
        "select {'a': current_date} as a",
        "select max(id) filter (where day < current_date) as a from raw.u",
        "select sum(id) over (partition by current_date order by day) as a from raw.u",
        "select list_transform([1], lambda x: current_date) as a",
        "select try_cast(current_date as varchar) as a",
    ] {
        assert_eq!(values(sql).len(), 1, "{sql}");
    }
    for sql in ["select user as a", "select current_schema as a from raw.u", r#"select "session_user" as a from raw.t"#]
    {
        assert_eq!(values(sql).len(), 1, "{sql}");
    }
}
