//! What dp says to somebody who comes from another tool, makes a slip, or reads its pages closely.

use crate::pty::on_terminal;
use crate::sandbox::Sandbox;

fn program(script: &str) -> String {
    format!(
        "kind = \"command\"\n[command]\nrun = [\"sh\", \"-c\", \"{script}; echo a > $DP_OUTPUT; echo 1 >> $DP_OUTPUT\"]\n\
         inputs = [\"raw.orders\"]\n[output]\nformat = \"csv\"\n"
    )
}

#[test]
fn verbs_of_other_tools_lead_to_those_of_dp() {
    let sandbox = Sandbox::shop();
    for (verb, help) in [
        ("test", "`dp apply` runs the checks; `dp check` runs them on published data"),
        ("deploy", "`dp apply` does it"),
        ("run", "`dp apply` does it"),
        ("compile", "`dp validate`"),
        ("ls", "`dp status`"),
    ] {
        let output = sandbox.dp([verb]).exits(64).says(&format!("dp has no command `{verb}`")).says(help);
        assert!(!output.to_string().contains("destroy"), "{output}");
        let json = sandbox.dp([verb, "--json"]).exits(64).json();
        assert_eq!(json["errors"][0]["message"], format!("dp has no command `{verb}`"));
    }
    sandbox.dp(["plam"]).exits(64).says("a similar subcommand exists: 'plan'");
}

#[test]
fn a_check_says_what_is_missing() {
    let sandbox =
        Sandbox::shop().asset("marts.x", "kind = \"sql\"\nsql = \"select 1 as a\"\n\n[[checks]]\nname = \"n\"\n");
    sandbox.dp(["validate"]).exits(1).says("this check has no condition").says("`references`");
    let check = "references = { columns = [\"id\"], asset = \"raw.orders\", to = [\"order_id\"] }";
    let sandbox = Sandbox::shop()
        .asset("marts.x", &format!("kind = \"sql\"\nsql = \"select id from raw.orders\"\n\n[[checks]]\n{check}\n"));
    let output = sandbox.dp(["validate"]).exits(1);
    output.says(
        "`raw.orders` has no column `order_id` (named under `to`); its columns are `id`, `customer` and `amount`",
    );
    let check = "freshness = { column = \"id\", max_age = \"24h\" }";
    let sandbox = Sandbox::shop()
        .asset("marts.x", &format!("kind = \"sql\"\nsql = \"select id from raw.orders\"\n\n[[checks]]\n{check}\n"));
    sandbox.dp(["validate"]).exits(1).says("`freshness` needs a date or timestamp, but `id` is BIGINT");
}

#[test]
fn the_clock_is_pointed_at_where_it_is_asked() {
    let sandbox = Sandbox::shop().sql("marts.x", "select id,\n  now() as t from raw.orders");
    let output = sandbox.dp(["validate"]).success().says("depends on the time of the build");
    assert!(output.stderr.contains("assets/marts/x.toml:4:3"), "{output}");
}

#[test]
fn files_that_other_tools_would_read_are_named() {
    let sandbox = Sandbox::shop().asset("marts.q", "kind = \"sql\"\nsql_file = \"assets/marts/q.sql\"\n");
    sandbox.write("assets/marts/q.sql", "select 1 as a\n");
    sandbox.write("assets/marts/forgotten.sql", "select 1 as a\n");
    sandbox.write("assets/staging/schema.yml", "version: 2\n");
    sandbox.write("assets/README.md", "notes\n");
    let output = sandbox.dp(["validate"]).success();
    let output = output
        .says("dp does not read `assets/marts/forgotten.sql`")
        .says("dp does not read `assets/staging/schema.yml`");
    let output = output.says("create `assets/marts/forgotten.toml` with `kind = \"sql\"`");
    assert!(!output.to_string().contains("q.sql") && !output.to_string().contains("README"), "{output}");
    sandbox.dp(["plan"]).success().says("dp::project::not_read");
}

#[test]
fn an_asset_that_reads_its_own_table_is_not_told_to_declare_a_cycle() {
    let sandbox = Sandbox::shop().asset("marts.own", &program("cat warehouse/prod/marts/own.parquet > old 2> old"));
    sandbox.apply();
    let output = sandbox.dp(["apply", "--auto-approve", "--replace", "marts.own"]).success();
    let output = output.says("`marts.own` read `warehouse/prod/marts/own.parquet`, which it does not declare");
    let output = output.says("read = [\"warehouse/prod/marts/own.parquet\"]");
    assert!(!output.to_string().contains("inputs = [\"raw.orders\", \"marts.own\"]"), "{output}");
}

#[test]
fn why_compares_what_a_program_was_handed() {
    let sandbox = Sandbox::shop().asset("marts.p", &program("true"));
    sandbox.apply();
    let output = sandbox.dp(["why", "marts.p"]).success().says("nothing that it was built from changed");
    assert!(output.stdout.contains("= raw.orders"), "{output}");
    let then = sandbox.dp(["why", "marts.p", "--run", "r1"]).success();
    assert!(!then.stdout.contains('≠'), "{then}");
}

#[test]
fn a_run_shows_lines_of_messages_and_the_rows_that_fail() {
    let sandbox = Sandbox::shop().asset(
        "marts.x",
        "kind = \"sql\"\nsql = \"select id from raw.orders\"\n\n[columns.id]\nchecks = [{ range = { max = 3 } }]\n",
    );
    sandbox.dp(["apply", "--auto-approve"]).exits(3);
    sandbox.dp(["show", "r1"]).success().says("check range(id): 1 row fails").says("id ── 4");
    let sandbox = Sandbox::shop().asset("marts.p", &program("echo one; echo two; exit 1"));
    sandbox.dp(["apply", "--auto-approve"]).exits(3);
    let output = sandbox.dp(["show", "r1"]).success();
    assert!(!output.stdout.contains("\\n"), "{output}");
    let lines: Vec<&str> = output.stdout.lines().map(str::trim).collect();
    assert!(lines.windows(2).any(|pair| pair == ["one", "two"]), "{output}");
}

#[test]
fn columns_that_were_edited_stand_beside_those_that_are_published() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    let same = sandbox.dp(["show", "marts.revenue"]).success();
    assert!(!same.stdout.contains("type published"), "{same}");
    sandbox.edit("assets/marts/revenue.toml", "select customer, sum(amount)", "select 1 as extra, sum(amount)");
    let output = sandbox.dp(["show", "marts.revenue"]).success();
    let rows: Vec<Vec<&str>> = output.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    let has = |row: &[&str]| rows.iter().any(|found| found == row);
    assert!(
        has(&["revenue", "HUGEINT", "HUGEINT"]) && has(&["extra", "INTEGER"]) && has(&["customer", "VARCHAR"]),
        "{output}"
    );
    assert!(output.stdout.contains("type as declared now  type published"), "{output}");
}

#[test]
fn effects_are_those_of_the_environment() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    for environment in ["dev", "pr-1"] {
        sandbox.dp(["apply", "--auto-approve", "--env", environment]).success();
    }
    sandbox.dp(["env", "delete", "pr-1", "--auto-approve"]).success();
    let run =
        |arguments: &[&str]| sandbox.dp(["effects", "--json"].iter().chain(arguments)).success().json()["run"].clone();
    assert_eq!(run(&[]), 1);
    assert_eq!(run(&["--env", "dev"]), 2);
    assert_eq!(run(&["raw.orders", "--env", "dev"]), 2);
    assert_eq!(run(&["raw.orders"]), 1);
}

#[test]
fn a_long_line_of_a_program_does_not_fill_the_screen() {
    let sandbox = Sandbox::shop().asset("marts.p", &program("head -c 16384 /dev/zero | tr '\\\\000' x; exit 1"));
    let output = sandbox.dp(["apply", "--auto-approve"]).exits(3).says("15,984 more characters");
    assert!(output.stderr.lines().count() < 30, "{output}");
}

#[test]
fn a_terminal_shows_the_first_rows() {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    let query = ["query", "select * from range(100000) as t(n)"];
    let (said, code) = on_terminal(sandbox.command(query), 80);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("Showing the first 500 rows. `--limit N` shows more"), "{said}");
    assert!(said.lines().count() < 510, "{}", said.lines().count());
    assert_eq!(sandbox.dp(query).success().stdout.lines().count(), 100_003, "a pipe gets all");
    let limited = [&query[..], &["--limit", "3"]].concat();
    assert!(sandbox.dp(&limited).success().stdout.ends_with("3 rows\n"));
    assert_eq!(sandbox.dp([&limited[..], &["--format", "csv"]].concat()).success().stdout, "n\n0\n1\n2\n");
    assert_eq!(sandbox.dp([&limited[..], &["--json"]].concat()).success().json().as_array().map(Vec::len), Some(3));
    let (said, _) = on_terminal(sandbox.command([&query[..], &["--limit", "700"]].concat()), 80);
    assert!(
        said.contains("700 rows") && !said.contains("Showing the first"),
        "{}",
        said.lines().last().unwrap_or_default()
    );
}
