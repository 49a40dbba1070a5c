//! Each kind of check, passing and failing, and what NULL means to it.

use insta::assert_snapshot;

use crate::sandbox::{Output, Sandbox};

/// Five rows: `id` 1 to 5, `name` with a duplicate and a NULL, `amount` with a NULL.
const ROWS: &str = "
    select * from (values
        (1, 'ann', 10),
        (2, 'bob', 20),
        (3, 'bob', null),
        (4, null, 40),
        (5, null, 50)
    ) as t(id, name, amount)";

/// An apply of those rows with these checks, after `[columns]` or `[[checks]]`.
fn with(checks: &str) -> (Sandbox, Output) {
    let sandbox = Sandbox::new()
        .asset(
            "raw.names",
            "kind = \"sql\"\nsql = \"select unnest(['ann', 'bob']) as name, unnest([1, 2]) as number\"\n",
        )
        .asset("a.rows", &format!("kind = \"sql\"\nsql = \"\"\"{ROWS}\n\"\"\"\n\n{checks}\n"));
    let output = sandbox.dp(["apply", "--auto-approve"]);
    (sandbox, output)
}

/// The checks pass and are on record with this name.
#[track_caller]
fn passes(checks: &str, name: &str) {
    let (sandbox, output) = with(checks);
    assert_eq!(output.code, 0, "{output}");
    let results = sandbox.record("select check_name, outcome, failures from check_results where asset = 'a.rows'");
    assert_eq!(results, [[name, "passed", "0"]]);
    assert_eq!(sandbox.dp(["plan", "--detailed-exitcode"]).code, 0);
}

/// The check fails for so many rows; gives what is said of it.
#[track_caller]
fn fails(checks: &str, name: &str, failures: usize) -> String {
    let (sandbox, output) = with(checks);
    assert_eq!(output.code, 3, "{output}");
    let results = sandbox.record("select check_name, outcome, failures from check_results where asset = 'a.rows'");
    assert_eq!(results, [[name, "failed", failures.to_string().as_str()]], "{output}");
    assert!(sandbox.versions().is_empty());
    let text = output.to_string();
    let lines: Vec<_> =
        text.lines().skip_while(|line| !line.contains('✗')).take_while(|line| !line.contains("  failed ")).collect();
    lines.join("\n")
}

#[test]
fn not_null() {
    passes("[columns.id]\nchecks = [\"not_null\"]", "not_null(id)");
    assert_snapshot!(fails("[columns.name]\nchecks = [\"not_null\"]", "not_null(name)", 2), @r"
    ✗ a.rows: check not_null(name): 2 rows fail (blocks publishing)
        id  name  amount
        ────────────────
         4  NULL      40
         5  NULL      50
    ");
}

#[test]
fn unique() {
    passes("[columns.id]\nchecks = [\"unique\"]", "unique(id)");
    // Two NULLs are no duplicates of each other.
    passes("[columns.amount]\nchecks = [\"unique\"]", "unique(amount)");
    assert_snapshot!(fails("[columns.name]\nchecks = [\"unique\"]", "unique(name)", 2), @r"
    ✗ a.rows: check unique(name): 2 rows fail, in 1 group (blocks publishing)
        name  rows
        ──────────
        bob      2
    ");
}

#[test]
fn unique_over_columns() {
    passes("[[checks]]\nunique = [\"name\", \"amount\"]", "unique(name, amount)");
    fails("[[checks]]\nname = \"one a name\"\nunique = [\"name\"]", "one a name", 2);
}

#[test]
fn accepted_values() {
    passes("[columns.name]\nchecks = [{ accepted_values = [\"ann\", \"bob\"] }]", "accepted_values(name)");
    assert_snapshot!(fails("[columns.name]\nchecks = [{ accepted_values = [\"ann\"] }]", "accepted_values(name)", 2), @r"
    ✗ a.rows: check accepted_values(name): 2 rows fail (blocks publishing)
        id  name  amount
        ────────────────
         2  bob       20
         3  bob   NULL
    ");
    fails("[columns.id]\nchecks = [{ accepted_values = [1, 2, 3] }]", "accepted_values(id)", 2);
}

#[test]
fn range() {
    passes("[columns.amount]\nchecks = [{ range = { min = 10, max = 50 } }]", "range(amount)");
    passes("[columns.amount]\nchecks = [{ range = { min = 0 } }]", "range(amount)");
    assert_snapshot!(fails("[columns.amount]\nchecks = [{ range = { max = 40.5 } }]", "range(amount)", 1), @r"
    ✗ a.rows: check range(amount): 1 row fails (blocks publishing)
        id  name  amount
        ────────────────
         5  NULL      50
    ");
    fails("[columns.amount]\nchecks = [{ range = { min = 15, max = 45 } }]", "range(amount)", 2);
}

#[test]
fn references() {
    let check = |to: &str, from: &str| {
        format!("[[checks]]\nreferences = {{ columns = [\"{from}\"], asset = \"raw.names\", to = [\"{to}\"] }}")
    };
    passes(&check("name", "name"), "references(name -> raw.names)");
    assert_snapshot!(fails(&check("number", "id"), "references(id -> raw.names)", 3), @r"
    ✗ a.rows: check references(id -> raw.names): 3 rows fail, in 3 groups (blocks
      publishing)
        id  rows
        ────────
         3     1
         4     1
         5     1
    ");
}

#[test]
fn references_over_columns() {
    let check =
        "[[checks]]\nreferences = { columns = [\"name\", \"id\"], asset = \"raw.names\", to = [\"name\", \"number\"] }";
    // (3, bob) is not there; a row with a NULL in it passes.
    fails(check, "references(name, id -> raw.names)", 1);
}

#[test]
fn row_count() {
    passes("[[checks]]\nrow_count = { min = 1, max = 5 }", "row_count");
    assert_snapshot!(fails("[[checks]]\nrow_count = { min = 6 }", "row_count", 1), @r"
    ✗ a.rows: check row_count: it has 5 rows (blocks publishing)
        rows
        ────
           5
    ");
    fails("[[checks]]\nrow_count = { max = 4 }", "row_count", 1);
}

#[test]
fn sql() {
    passes("[[checks]]\nname = \"sane\"\nsql = \"select * from ${this} where amount > 100\"", "sane");
    assert_snapshot!(fails("[[checks]]\nname = \"sane\"\nsql = \"select id, amount from ${this} where amount > 15\"", "sane", 3), @r"
    ✗ a.rows: check sane: 3 rows fail (blocks publishing)
        id  amount
        ──────────
         2      20
         4      40
         5      50
    ");
}

#[test]
fn sql_over_other_assets() {
    passes(
        "[[checks]]\nname = \"all there\"\nsql = \"select name from raw.names where name not in (select name from ${this} where name is not null)\"",
        "all there",
    );
}

#[test]
fn freshness() {
    let log = |at: &str| {
        Sandbox::new().asset(
            "a.log",
            &format!(
                "
                kind = \"sql\"
                sql = \"select timestamp '{at}' as at union all select timestamp '2000-01-01' union all select null\"

                [[checks]]
                freshness = {{ column = \"at\", max_age = \"24h\" }}
                "
            ),
        )
    };
    let fresh = log("2200-01-01");
    fresh.apply();
    // Tomorrow it may fail.
    assert_eq!(fresh.actions(), ["a.log check [checks_due]"]);
    log("2001-01-01")
        .dp(["apply", "--auto-approve"])
        .exits(3)
        .says("its newest value is [TIME .............], which is 9")
        .says("old; at most 1 d 0 h is allowed");
    let empty = Sandbox::new().asset(
        "a.log",
        "kind = \"sql\"\nsql = \"select null::timestamp as at\"\n\n[[checks]]\nfreshness = { column = \"at\", max_age = \"24h\" }\n",
    );
    empty.dp(["apply", "--auto-approve"]).exits(3).says("it has no newest value");
}

#[test]
fn at_most_five_rows_are_shown() {
    let sandbox = Sandbox::new().asset(
        "a.many",
        "
        kind = \"sql\"
        sql = \"select range as n from range(1, 101)\"

        [columns.n]
        checks = [{ range = { max = 50 } }]
        ",
    );
    let output = sandbox.dp(["apply", "--auto-approve"]);
    assert_snapshot!(output, @r"
    Create
      + a.many  not published here

    Plan: 1 to create.
    Nothing was published: 1 failed (run r1, [TIME]).
    Next: correct the failed assets and apply again; finished builds are reused
    --- stderr ---
      ✗ a.many: check range(n): 50 rows fail (blocks publishing)
           n
          ──
          51
          52
          53
          54
          55
          … 45 more
      failed     a.many                          [TIME]
          1 check failed: range(n)
    [exit 3]
    ");
}

#[test]
fn failing_rows_are_shown_escaped() {
    let sandbox = Sandbox::new()
        .asset("a.odd", "kind = \"sql\"\nsql = \"select 'a' || chr(27) || '[31mred' || chr(10) || 'two' as s\"\n\n[columns.s]\nchecks = [{ accepted_values = [\"x\"] }]\n");
    let output = sandbox.dp(["apply", "--auto-approve"]).exits(3);
    assert!(!output.to_string().contains('\u{1b}'), "a control character reached the terminal");
}

#[test]
fn several_failures_are_all_told() {
    let (sandbox, output) = with(
        "[columns.name]\nchecks = [\"not_null\", \"unique\"]\n\n[[checks]]\nname = \"few\"\nrow_count = { max = 3 }\nseverity = \"warn\"\n",
    );
    let output = output.exits(3).says("not_null(name)").says("unique(name)").says("few");
    assert!(output.stderr.contains("2 checks failed"), "{output}");
    let results = sandbox
        .record("select check_name, severity, outcome, failures from check_results where asset = 'a.rows' order by 1");
    assert_eq!(
        results,
        [
            ["few", "warn", "failed", "1"],
            ["not_null(name)", "error", "failed", "2"],
            ["unique(name)", "error", "failed", "2"]
        ]
    );
}

#[test]
fn a_check_runs_again_when_what_it_refers_to_changes() {
    let sandbox =
        Sandbox::new().file("data/names.csv", "name\nann\nbob\n").source("raw.names", "data/names.csv").asset(
            "a.rows",
            "
            kind = \"sql\"
            sql = \"select 'bob' as name\"

            [[checks]]
            references = { columns = [\"name\"], asset = \"raw.names\", to = [\"name\"] }
            ",
        );
    sandbox.apply();
    let before = sandbox.versions();
    sandbox.write("data/names.csv", "name\nann\n");
    assert_eq!(sandbox.actions(), ["a.rows check [checks_due]", "raw.names rebuild [input_changed]"]);
    sandbox.dp(["apply", "--auto-approve"]).exits(3).says("references(name -> raw.names)");
    assert_eq!(sandbox.versions(), before, "nothing is published, neither the names");
}

#[test]
fn checks_of_a_source() {
    let sandbox = Sandbox::shop();
    sandbox.edit("assets/raw/orders.toml", "[source]", "[columns.id]\nchecks = [\"unique\"]\n\n[source]");
    sandbox.apply();
    sandbox.edit("data/orders.csv", "2,bob,20", "1,bob,20");
    sandbox.dp(["apply", "--auto-approve"]).exits(3).says("raw.orders: check unique(id)");
}

#[test]
fn a_check_that_can_not_run() {
    // It is right by its types and fails for the data.
    let (sandbox, output) =
        with("[[checks]]\nname = \"numbers\"\nsql = \"select * from ${this} where name::integer > 1\"");
    assert_eq!(output.code, 3, "{output}");
    output.says("numbers").says("Could not convert string");
    assert_eq!(sandbox.record("select outcome from check_results where check_name = 'numbers'"), [["errored"]]);
    assert!(sandbox.versions().is_empty());
}

#[test]
fn groups_are_counted_as_groups_and_rows_as_rows() {
    let sandbox = Sandbox::new().asset(
        "a.many",
        "kind = \"sql\"\nsql = \"select 1 as one, range as rows from range(7)\"\n\n[columns.one]\nchecks = [\"unique\"]\n\n\
         [[checks]]\nname = \"pairs\"\nunique = [\"one\", \"rows\"]\n",
    );
    let output = sandbox.dp(["apply", "--auto-approve"]).exits(3).says("7 rows fail, in 1 group");
    assert!(!output.to_string().contains("pairs:"), "a column of that name is no count of rows: {output}");
    let record =
        sandbox.record("select failures, document ->> 'groups' from check_record where check_name = 'unique(one)'");
    assert_eq!(record, [["7", "1"]]);
    let many = Sandbox::new().asset(
        "a.many",
        "kind = \"sql\"\nsql = \"select range // 2 as n from range(40)\"\n\n[columns.n]\nchecks = [\"unique\"]\n",
    );
    many.dp(["apply", "--auto-approve"]).exits(3).says("40 rows fail, in 20 groups").says("15 more groups");
}

#[test]
fn no_check_casts_what_it_compares() {
    let code = |check: &str, rows: &str| {
        Sandbox::new()
            .sql("a.numbers", "select unnest([1, 2]) as id, date '2026-01-01' as day")
            .asset("a.rows", &format!("kind = \"sql\"\nsql = \"select {rows} as code\"\n\n{check}\n"))
    };
    let values = "[columns.code]\nchecks = [{ accepted_values = [1, 2] }]";
    for rows in ["unnest(['01', ' 2 ', '1'])", "'A7'"] {
        let refused = code(values, rows).dp(["validate"]).exits(1).says("dp::sql::check");
        refused
            .says("`accepted_values` has 1, but `code` is VARCHAR")
            .says("write it as `\"1\"`")
            .says("assets/a/rows.toml");
    }
    let texts = "[columns.code]\nchecks = [{ accepted_values = [\"1\", \"2\"] }]";
    code(texts, "unnest(['1', '2'])").apply();
    code(texts, "unnest(['01', '2'])").dp(["apply", "--auto-approve"]).exits(3).says("1 row fails");
    code(texts, "unnest([1, 2])").dp(["validate"]).exits(1).says("`code` is INTEGER");
    let range = "[columns.code]\nchecks = [{ range = { min = 1 } }]";
    code(range, "'x'").dp(["validate"]).exits(1).says("`range` has 1, but `code` is VARCHAR");
    let references = "[[checks]]\nreferences = { columns = [\"code\"], asset = \"a.numbers\", to = [\"id\"] }";
    code(references, "'1'").dp(["validate"]).exits(1).says("`code` is VARCHAR, but `id` of `a.numbers` is INTEGER");
    code(references, "2::bigint").apply();
    let days = "[[checks]]\nreferences = { columns = [\"code\"], asset = \"a.numbers\", to = [\"day\"] }";
    code(days, "'2026-01-01'").dp(["validate"]).exits(1).says("`day` of `a.numbers` is DATE");
    let fresh = "[[checks]]\nfreshness = { column = \"code\", max_age = \"24h\" }";
    code(fresh, "1.5::decimal(10, 2)")
        .dp(["validate"])
        .exits(1)
        .says("`freshness` needs a date or timestamp, but `code` is DECIMAL(10,2)");
}
