//! `timezone` of a project, and times with a time zone wherever they are shown. What functions compute is in tests/zones.

use duckdb::Connection;

use crate::sandbox::Sandbox;

/// A project in Berlin, with times around the change of its clocks.
fn berlin() -> Sandbox {
    Sandbox::bare()
        .file("dp.toml", "[project]\nname = \"shop\"\ntimezone = \"Europe/Berlin\"\n")
        .asset(
            "raw.seen",
            "kind = \"sql\"\nsql = \"\"\"\nselect * from (values (1, timestamptz '2024-03-30 23:30:00+00'), (2, timestamptz '2024-03-31 01:30:00+00')) t(id, seen_at)\n\"\"\"\n",
        )
        .sql(
            "marts.days",
            "select id, seen_at::date as day, date_trunc('day', seen_at) as midnight, seen_at + interval 1 day as next, \
             extract(hour from seen_at) as hour, seen_at at time zone 'Asia/Tokyo' as tokyo from raw.seen",
        )
}

#[test]
fn everything_is_computed_and_shown_in_the_time_zone_of_the_project() {
    let sandbox = berlin();
    sandbox.apply();
    let output = sandbox.dp(["query", "--format", "csv", "from marts.days order by id"]);
    assert_eq!(
        output.stdout,
        "id,day,midnight,next,hour,tokyo\n\
         1,2024-03-31,2024-03-31 00:00:00+01,2024-04-01 00:30:00+02,0,2024-03-31 08:30:00\n\
         2,2024-03-31,2024-03-31 00:00:00+01,2024-04-01 03:30:00+02,3,2024-03-31 10:30:00\n"
    );
    let output = sandbox.dp(["query", "--format", "json", "select midnight from marts.days where id = 1"]);
    assert!(output.stdout.contains("\"2024-03-31 00:00:00+01\""), "{output}");
    let output = sandbox.dp(["query", "select seen_at from raw.seen where id = 2"]);
    assert!(output.stdout.contains("2024-03-31 03:30:00+02"), "{output}");
    assert!(sandbox.actions().is_empty());
}

#[test]
fn another_time_zone_builds_everything() {
    let sandbox = berlin();
    sandbox.apply();
    sandbox.edit("dp.toml", "Europe/Berlin", "UTC");
    let actions = sandbox.actions();
    assert_eq!(actions.len(), 2, "{actions:?}");
    sandbox.apply();
    let output = sandbox.dp(["query", "--format", "csv", "select day from marts.days order by id"]);
    assert_eq!(output.stdout, "day\n2024-03-30\n2024-03-31\n");
}

#[test]
fn exports_show_times_in_the_time_zone() {
    let sandbox = berlin().asset(
        "out.days",
        "kind = \"sql\"\nmaterialize = { file = \"out/days.csv\" }\nsql = \"select seen_at from raw.seen order by id\"\n",
    );
    sandbox.apply();
    assert_eq!(sandbox.read("out/days.csv"), "seen_at\n2024-03-31 00:30:00+01\n2024-03-31 03:30:00+02\n");
}

#[test]
fn a_name_that_is_no_time_zone_is_an_error_with_the_right_one() {
    let sandbox = berlin();
    sandbox.edit("dp.toml", "Europe/Berlin", "Europe/Berlln");
    let output = sandbox.dp(["validate"]);
    assert_eq!(output.code, 1, "{output}");
    assert!(output.stderr.contains("does not know the time zone `Europe/Berlln`"), "{output}");
    assert!(output.stderr.contains("did you mean `Europe/Berlin`?"), "{output}");
}

#[test]
fn a_view_that_depends_on_the_session_is_warned_of_and_published_as_written() {
    let view = |sql: &str| format!("kind = \"sql\"\nmaterialize = \"view\"\nsql = \"{sql}\"\n");
    let sandbox =
        berlin().asset("marts.loose", &view("select id, date_trunc('day', seen_at) as day from raw.seen")).asset(
            "marts.fixed",
            &view("select id, date_trunc('day', seen_at at time zone 'Europe/Berlin') as day from raw.seen"),
        );
    let output = sandbox.dp(["validate"]);
    assert_eq!(output.code, 0, "{output}");
    assert!(output.stderr.contains("compute the view `marts.loose` in their own"), "{output}");
    assert!(!output.stderr.contains("marts.fixed"), "{output}");
    sandbox.apply();
    let output = sandbox.dp([
        "query",
        "--format",
        "csv",
        "select l.day, f.day as f from marts.loose l join marts.fixed f using (id) where id = 1",
    ]);
    assert_eq!(output.stdout, "day,f\n2024-03-31 00:00:00+01,2024-03-31 00:00:00\n");
    let catalogue = Connection::open(sandbox.path("warehouse/prod.duckdb")).expect("the catalogue");
    let text: String = catalogue
        .query_row("SELECT sql FROM duckdb_views() WHERE view_name = 'loose'", [], |row| row.get(0))
        .expect("the view");
    // What any client has that knows time zones, and nothing of dp's own.
    assert!(text.contains("date_trunc('day', seen_at)"), "{text}");
}

#[test]
fn what_only_the_extension_has_names_it() {
    for (sql, what) in [
        ("select x.a from (select 'a' as a) as x order by x.a collate de", "the collation `de`"),
        ("select icu_sort_key('a', 'de') as a", "`icu_sort_key`"),
        ("from pg_timezone_names()", "pg_timezone_names"),
        ("select seen_at from range(now(), now(), interval 1 day) t(seen_at)", "a table function of times"),
        ("select timezone('Europe/Berlin', '12:00:00+00'::timetz) as a", "this use of a time with a time zone"),
        ("select strptime('2024-01-01 UTC', '%Y-%m-%d %Z') as a", "`%Z` in a format of `strptime`"),
    ] {
        let output = Sandbox::new().sql("marts.a", sql).dp(["validate"]);
        assert_eq!(output.code, 1, "{sql}: {output}");
        let text = output.stderr.split_whitespace().collect::<Vec<_>>().join(" ").replace(" │ ", " ");
        assert!(text.contains(what), "{sql}: {output}");
    }
}

#[test]
fn times_of_the_clock_are_noticed() {
    for sql in [
        "select current_date as a",
        "select today() as a",
        "select localtimestamp as a",
        "select age(current_date::timestamp) as a",
    ] {
        let output = Sandbox::new().sql("marts.a", sql).dp(["validate"]);
        assert_eq!(output.code, 0, "{sql}: {output}");
        assert!(output.stderr.contains("depends on the time of the build"), "{sql}: {output}");
    }
}

#[test]
fn columns_that_are_named_like_the_clock_or_the_session_are_columns() {
    let sandbox = Sandbox::new()
        .file("data/days.csv", "current_date,user,localtime\n2026-01-01,ann,10:00:00\n")
        .source("raw.days", "data/days.csv")
        .sql("marts.named", "select \"current_date\", user, localtime from raw.days where \"user\" <> ''")
        .sql("marts.file", "select current_date from read_csv('data/days.csv')")
        .asset(
            "marts.checked",
            "kind = \"sql\"\nsql = \"select \\\"current_date\\\" from raw.days\"\n\n[[checks]]\nname = \"early\"\n\
             sql = \"select * from ${this} where \\\"current_date\\\" > '2026-02-01'\"\n",
        );
    sandbox.apply();
    for asset in ["marts.named", "marts.file", "marts.checked"] {
        let shown = sandbox.dp(["show", asset]).success();
        assert!(!shown.stdout.contains("not deterministic"), "{shown}");
    }
    let plan = sandbox.dp(["plan"]).success();
    // The check does not read the clock, so it is not due again.
    assert!(plan.stdout.contains("Nothing to do") && !plan.stdout.contains("depends on when"), "{plan}");

    // The same words, once the column is gone, are the clock.
    sandbox.write("data/days.csv", "day,user,localtime\n2026-01-01,ann,10:00:00\n");
    let shown = sandbox.dp(["show", "marts.named"]).success();
    assert!(shown.stdout.contains("not deterministic: `current_date` depends on when it runs\n"), "{shown}");
}
