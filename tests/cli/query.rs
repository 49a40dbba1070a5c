//! `dp query`: what is published, read-only.

use insta::assert_snapshot;
use serde_json::json;

use crate::sandbox::Sandbox;

/// The shop, applied.
fn applied() -> Sandbox {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    sandbox
}

#[test]
fn table() {
    assert_snapshot!(applied().dp(["query", "from staging.orders order by id"]), @r"
    id  customer  amount
    ────────────────────
     1  ann           10
     2  bob           20
     3  ann           30
    3 rows
    [exit 0]
    ");
}

#[test]
fn table_of_no_rows() {
    assert_snapshot!(applied().dp(["query", "from staging.orders where id < 0"]), @r"
    id  customer  amount
    ────────────────────
    0 rows
    [exit 0]
    ");
}

#[test]
fn csv() {
    let sandbox = applied();
    let output = sandbox.dp([
        "query",
        "--format",
        "csv",
        "select id, customer || ',' as c, null as n from staging.orders order by id",
    ]);
    assert_eq!(output.stdout, "id,c,n\n1,\"ann,\",\n2,\"bob,\",\n3,\"ann,\",\n");
    assert_eq!(output.stderr, "");
}

#[test]
fn json() {
    let sandbox = applied();
    let expected = json!([{ "customer": "ann", "revenue": 40 }, { "customer": "bob", "revenue": 20 }]);
    assert_eq!(sandbox.dp(["query", "--format", "json", "from marts.revenue order by all"]).success().json(), expected);
    assert_eq!(sandbox.dp(["query", "--json", "from marts.revenue order by all"]).success().json(), expected);
    assert_eq!(sandbox.dp(["query", "--json", "from marts.revenue where false"]).success().json(), json!([]));
}

#[test]
fn parquet() {
    let sandbox = applied();
    let output =
        sandbox.command(["query", "--format", "parquet", "from marts.revenue order by all"]).output().expect("dp runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(&output.stdout[..4], b"PAR1");
    let other = Sandbox::new().source("raw.revenue", "data/revenue.parquet");
    std::fs::create_dir(other.path("data")).expect("a folder");
    std::fs::write(other.path("data/revenue.parquet"), output.stdout).expect("a file");
    other.apply();
    assert_eq!(other.query("from raw.revenue order by all"), sandbox.query("from marts.revenue order by all"));
}

#[test]
fn from_standard_input() {
    let output =
        applied().dp_with(["query", "-", "--format", "csv"], "select count(*) as n\nfrom raw.orders;\n").success();
    assert_eq!(output.stdout, "n\n4\n");
}

#[test]
fn a_name_without_schema_is_in_main() {
    let sandbox = Sandbox::new().sql("one", "select 1 as n").sql("main.two", "select n + 1 as n from one");
    sandbox.apply();
    assert_eq!(sandbox.query("select * from two"), "n\n2\n");
    assert_eq!(sandbox.query("select * from main.one"), "n\n1\n");
}

#[test]
fn only_reading() {
    let sandbox = applied();
    for sql in [
        "create table x (i integer)",
        "insert into staging.orders values (1, 'x', 2)",
        "drop view staging.orders",
        "copy staging.orders to 'out.csv'",
        "attach 'x.db'",
        "install httpfs",
        "pragma database_list",
        "set threads = 1",
        "select 1; select 2",
        "",
    ] {
        let output = sandbox.dp(["query", sql]);
        assert_eq!(output.code, 1, "{sql}:\n{output}");
        assert!(output.stderr.contains("dp::cli::query"), "{sql}:\n{output}");
        assert!(!output.stderr.contains("serialize"), "not a word for people:\n{output}");
    }
    assert!(!sandbox.path("out.csv").exists());
    assert_eq!(sandbox.dp(["plan", "--detailed-exitcode"]).code, 0);
}

#[test]
fn only_what_is_published() {
    let sandbox = applied();
    let path = sandbox.path("data/orders.csv").display().to_string();
    for sql in [
        "select * from read_csv('/etc/passwd')".to_owned(),
        "select * from '/etc/passwd'".to_owned(),
        "select * from read_text('/etc/hostname')".to_owned(),
        "select * from glob('/etc/*')".to_owned(),
        "select getenv('HOME') as home".to_owned(),
        format!("select * from read_csv('{path}')"),
    ] {
        let output = sandbox.dp(["query", sql.as_str()]);
        assert_eq!(output.code, 1, "{sql}:\n{output}");
    }
}

#[test]
fn mistakes() {
    let sandbox = applied();
    assert_snapshot!(sandbox.dp(["query", "selct 1"]), @r#"
    --- stderr ---
    dp::cli::query

      × the query failed: syntax error at or near "selct"
      help: correct the query; `dp status` lists the assets, and `dp show ASSET`
            lists the columns
    [exit 1]
    "#);
    let output = sandbox.dp(["query", "from staging.order"]).exits(1).says("dp::cli::query").says("staging.orders");
    assert!(!output.stderr.contains("schema \"staging\" does not exist"), "it does:\n{output}");
    assert_snapshot!(sandbox.dp(["query", "select nothing from staging.orders"]), @r#"
    --- stderr ---
    dp::cli::query

      × the query failed: Referenced column "nothing" not found in FROM clause!
      │ Candidate bindings: "amount"
      help: correct the query; `dp status` lists the assets, and `dp show ASSET`
            lists the columns
    [exit 1]
    "#);
    assert_snapshot!(sandbox.dp(["query", "select customer::integer from staging.orders"]), @"
    --- stderr ---
    dp::cli::query

      × the query failed: Could not convert string 'ann' to INT32 when casting from
      │ source column customer
      help: correct the query; `dp status` lists the assets, and `dp show ASSET`
            lists the columns
    [exit 1]
    ");
}

#[test]
fn nothing_published() {
    assert_snapshot!(Sandbox::shop().dp(["query", "from raw.orders"]), @"
    --- stderr ---
    dp::cli::nothing_published

      × nothing was ever published in `prod`
      help: run `dp apply --env prod`
    [exit 1]
    ");
}

#[test]
fn hostile_content_is_shown_escaped() {
    let sandbox = Sandbox::new().asset(
        "a.odd",
        "kind = \"sql\"\nsql = \"select chr(27) || '[31mred' as \\\"na\\u001bme\\\", 'two' || chr(10) || 'lines' || chr(9) || chr(8238) as s\"\n",
    );
    sandbox.apply();
    let output = sandbox.dp(["query", "from a.odd"]).success();
    assert!(!output.stdout.contains(['\u{1b}', '\u{202e}']), "{output:?}", output = output.stdout);
    assert_eq!(output.stdout.lines().count(), 4, "heads, a rule, one row and the count:\n{output}");
    let shown = sandbox.dp(["show", "a.odd"]).success();
    assert!(!shown.stdout.contains('\u{1b}'), "{:?}", shown.stdout);
    let plan = sandbox.dp(["plan", "--replace", "a.odd"]).success();
    assert!(!plan.stdout.contains('\u{1b}'), "{:?}", plan.stdout);
    // For programs it is what it is.
    assert!(
        sandbox.dp(["query", "--json", "from a.odd"]).success().json()[0]["s"].as_str().expect("a text").contains('\n')
    );
}

#[test]
fn wide_tables_fit_the_terminal() {
    let sandbox = Sandbox::new().sql("a.wide", "select repeat('x', 200) as a, repeat('y', 200) as b");
    sandbox.apply();
    let output = sandbox.dp(["query", "from a.wide"]).success();
    assert!(output.stdout.lines().all(|line| line.chars().count() <= 80), "{output}");
}

#[test]
fn types_are_kept() {
    let sandbox = Sandbox::new().sql(
        "a.types",
        "select sum(n)::hugeint as h, '1 month'::interval as i, 'x'::enum('x', 'y') as e from range(3) as t(n)",
    );
    sandbox.apply();
    assert_eq!(
        sandbox.query("select typeof(h) as h, typeof(i) as i, typeof(e) as e from a.types"),
        "h,i,e\nHUGEINT,INTERVAL,\"ENUM('x', 'y')\"\n"
    );
}

#[test]
fn a_query_may_be_in_a_file_and_begin_with_a_comment() {
    let sandbox = applied();
    sandbox.write("q.sql", "-- how many?\nselect count(*) as n from raw.orders;\n");
    let expected = "n\n4\n";
    assert_eq!(sandbox.dp(["query", "-f", "q.sql", "--format", "csv"]).success().stdout, expected);
    assert_eq!(sandbox.dp(["query", "--format", "csv", "--file", "q.sql"]).success().stdout, expected);
    let commented = "-- how many?\nselect count(*) as n from raw.orders";
    assert_eq!(sandbox.dp(["query", "--format", "csv", commented]).success().stdout, expected);
    assert_eq!(sandbox.dp(["query", commented, "--format", "csv"]).success().stdout, expected);
    sandbox.dp(["query", "-f", "none.sql"]).exits(1).says("none.sql");
    sandbox.dp(["query", "-f", "q.sql", "select 1"]).exits(64);
    sandbox.dp(["query"]).exits(64);
    sandbox.dp(["query", "--fromat"]).says("unexpected argument `--fromat`");
}

#[test]
fn a_query_is_any_text_that_the_engine_takes() {
    let sandbox = applied();
    for text in [
        "select 1 as a;",
        "select 1 as a; -- c",
        "select 1 as a -- c",
        "--c\r\nselect 1 as a",
        "--select 2\n--\n\nselect 1 as a",
        "/* c */ select 1 as a",
        "\n\n  SELECT 1 AS a\n",
        "(select 1 as a)",
        "\u{feff}select 1 as a",
        "values (1)",
        "from (select 1 as a)",
        "with x as (select 1 as a) from x",
        "table raw.orders",
        "describe raw.orders",
        "desc raw.orders",
        "show raw.orders",
        "summarize raw.orders",
        "show all tables",
        "select $$a;b$$ as a, 'it''s' as b, 1 as \"c\"\"d\", '--' as e",
        "pivot raw.orders on customer in ('ann') using sum(amount)",
        "unpivot (select 1 as a, 2 as b) on a, b",
        "from range(3)",
        "explain select 1",
        "select * from (describe raw.orders)",
    ] {
        for arguments in [&["query", text][..], &["query", "--", text]] {
            let output = sandbox.dp(arguments);
            assert_eq!(output.code, 0, "{text:?}: {output}");
        }
        let output = sandbox.dp_with(["query", "-"], text);
        assert_eq!(output.code, 0, "{text:?}: {output}");
    }
    for text in ["", ";", "-- c\n", "select 1; select 2", "create table x(a int)", "pragma version"] {
        sandbox.dp(["query", text]).exits(1).says("dp::cli::query");
    }
    sandbox.dp(["query", "pivot raw.orders on customer"]).exits(1).says("PIVOT needs its values");
}

#[test]
fn how_it_is_computed() {
    let sandbox = applied();
    let plan = sandbox.dp(["query", "explain select * from staging.orders where amount > 10"]).success().stdout;
    assert!(plan.contains("READ_PARQUET") || plan.contains("Read Parquet") || plan.contains("PARQUET"), "{plan}");
    let analyzed = sandbox.dp(["query", "/* a */ EXPLAIN ANALYZE from staging.orders"]).success().stdout;
    assert!(analyzed.to_lowercase().contains("total time"), "{analyzed}");
    sandbox.dp(["query", "explain from nothing.here"]).exits(1).says("is not published");
    sandbox.dp(["query", "--json", "explain select 1"]).exits(1);
}

#[test]
fn columns_of_one_name() {
    let sandbox = applied();
    let joined = "select * from raw.orders a join staging.orders b using (customer, amount) order by a.id";
    let output = sandbox.dp(["query", joined]).success();
    assert_eq!(output.stdout.lines().next().expect("a heading").matches("id").count(), 2, "{}", output.stdout);
    for format in ["csv", "json"] {
        sandbox.dp(["query", "--format", format, "select 1 as a, 2 as a"]).success();
    }
}

#[test]
fn null_and_the_text_null_are_told_apart() {
    let output = applied().dp(["query", "select null as a, 'NULL' as b, 'null' as c"]).success();
    assert_eq!(output.stdout.lines().nth(2).map(str::trim), Some("NULL  'NULL'  null"));
}

#[test]
fn an_unknown_environment_is_called_so() {
    let sandbox = applied();
    let commands = "
        query select_1 | status | show raw.orders | show r1 | validate | plan | apply -y | destroy -y | check | why raw.orders |
        why raw.orders --run r1 | lineage | lineage --run r1 | effects | effects r1 | effects raw.orders | history | events |
        rollback -y | env list | env diff | env diff nope | env promote prod -y | env delete nope -y | gc -y | gc --dry-run |
        state list | state show raw.orders | state accept raw.orders --reason x | state adopt raw.orders data/orders.csv --reason x |
        state mv raw.orders raw.other --reason x | state rm raw.orders --reason x | state backup | state restore -y | state unlock
        ";
    let before = sandbox.record("select count(*) from runs");
    for command in commands.split('|') {
        let words: Vec<String> = command.split_whitespace().map(|word| word.replace("select_1", "select 1")).collect();
        // A text that is no name, and a name that nobody declared, unless the command may make a new environment.
        let may_be_new = ["validate", "plan", "apply", "env promote"].iter().any(|new| command.trim().starts_with(new));
        for name in if may_be_new { &["No pe!"][..] } else { &["No pe!", "nope"] } {
            let words = words.iter().map(|word| if word == "nope" { *name } else { word });
            let output = sandbox.dp(["--env", *name].into_iter().chain(words)).exits(1);
            assert!(output.stderr.contains(&format!("unknown environment `{name}`")), "{command}: {output}");
        }
    }
    assert_eq!(sandbox.record("select count(*) from runs"), before);
}
