//! Parquet files of other writers, read where they lie: their rows count, and not what the files say about them.
//!
//! The files are in `tests/engine/parquet`, beside the script that writes them.

use std::path::Path;

use crate::sandbox::Sandbox;

/// A project over one of the files: a snapshot, in place, and in SQL by function and by name.
fn over(file: &str) -> Sandbox {
    // INT96 is refused unless somebody says that its nanoseconds may go.
    let at = if file == "old.parquet" { "[columns.at]\ntype = \"TIMESTAMP\"\ncast = \"lenient\"\n" } else { "" };
    let source = |head: &str| format!("kind = \"source\"\n{head}[source]\npath = \"data/it.parquet\"\n{at}");
    let sandbox =
        Sandbox::new().asset("raw.copied", &source("")).asset("raw.inplace", &source("materialize = \"view\"\n"));
    std::fs::create_dir_all(sandbox.path("data")).expect("a folder");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engine/parquet").join(file);
    std::fs::copy(&from, sandbox.path("data/it.parquet")).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    sandbox
}

/// Each question has this answer, wherever it is asked; `R` stands for the rows.
fn answers(file: &str, questions: &[(&str, &str)]) {
    let mut sandbox = over(file);
    let selected = |from: &str| {
        let columns = questions.iter().enumerate().map(|(number, (sql, _))| {
            format!("(select {})::varchar as q{number}", sql.replace(" R", &format!(" {from}")))
        });
        format!("select {}", columns.collect::<Vec<_>>().join(",\n"))
    };
    let places = [
        ("copied", "raw.copied"),
        ("inplace", "raw.inplace"),
        ("function", "read_parquet('data/it.parquet')"),
        ("options", "read_parquet(['data/it.parquet'], union_by_name = true) as other"),
        ("name", "'data/it.parquet'"),
        ("view", "t.over"),
    ];
    // Queries can't say that nanoseconds may go, so they read an INT96 file as a source.
    let places = if file == "old.parquet" { &places[..2] } else { &places[..] };
    let is_in_queries = places.len() > 2;
    if is_in_queries {
        let view = "kind = 'sql'\nmaterialize = 'view'\nsql = '''from read_parquet('data/it.parquet')'''";
        sandbox = sandbox.asset("t.over", view);
    }
    for (name, from) in places {
        sandbox = sandbox.sql(&format!("t.{name}"), &selected(from));
    }
    sandbox.apply();
    for (number, (sql, expected)) in questions.iter().enumerate() {
        for (name, _) in places {
            let answer = sandbox.dp(["query", "--format", "csv", &format!("select q{number} from t.{name}")]).success();
            let answer = answer.stdout.lines().nth(1).unwrap_or_default().trim_matches('"').to_owned();
            assert_eq!(answer, *expected, "{file}, {name}: {sql}");
        }
    }
    let asked = sandbox.query(&selected("raw.inplace"));
    assert_eq!(asked, sandbox.query("from t.copied"), "{file}, asked in place");
    if !is_in_queries {
        return;
    }
    let asked = sandbox.query(&selected("read_parquet('data/it.parquet')"));
    assert_eq!(asked, sandbox.query("from t.copied"), "{file}, asked by function");
}

/// What holds for the floating-point columns that all writers left the same in.
const FLOATS: [(&str, &str); 14] = [
    ("list(id order by id) from R where b > 1.0", "[2]"),
    ("list(id order by id) from R where b <> 1.0", "[2, 4]"),
    ("list(id order by id) from R where b <= 1.0", "[1, 4]"),
    ("list(id order by id) from R where b = 'nan'", "[2]"),
    ("list(id order by id) from R where b in (1.0, 'nan')", "[1, 2]"),
    ("list(id order by id) from R where isnan(b)", "[2]"),
    ("list(id order by id) from R where f > 7", "[2]"),
    ("list(id order by id) from R where s.x > 1", "[2]"),
    ("list(id order by id) from R where l[1] > 1", "[2]"),
    ("max(b) from R", "nan"),
    ("max(f) from R where id <> 2", "7.0"),
    ("[min(z), max(z)]::varchar from R", "[0.0, 0.0]"),
    ("[min(m), max(m)]::varchar from R", "[-0.0, -0.0]"),
    ("count(*) from R where b > 1 or b is null", "2"),
];

#[test]
fn nan_is_in_no_bounds() {
    for file in ["nan_pyarrow.parquet", "nan_polars.parquet", "nan_pyarrow_pages.parquet"] {
        answers(file, &FLOATS);
    }
    answers("nan_pyarrow.parquet", &[("list(id order by id) from R where h > 7", "[2]"), ("max(h) from R", "nan")]);
    answers("nan_nobody.parquet", &FLOATS[..6]);
}

#[test]
fn old_bounds_were_compared_in_another_order() {
    answers(
        "old.parquet",
        &[
            ("list(id order by id) from R where t = 'b' or t = 'a'", "[1]"),
            ("list(id order by id) from R where t > 'm'", "[2, 3]"),
            ("list(id order by id) from R where b < '\\x70'::blob", "[1]"),
            ("list(id order by id) from R where u > 6", "[2, 3]"),
            ("list(id order by id) from R where u = 1", "[1]"),
            ("list(id order by id) from R where d > 1", "[2]"),
            ("list(id order by id) from R where d < 0", "[1]"),
            ("list(id order by id) from R where \"at\" < '1990-01-01'", "[1]"),
            ("[min(u), max(u)] from R", "[1, 3000000000]"),
            ("[min(t), max(t)] from R", "[a, é]"),
            ("count(*) from R where \"at\" is null", "0"),
        ],
    );
}

#[test]
fn nulls_may_be_miscounted() {
    answers(
        "nulls.parquet",
        &[
            ("list(id order by id) from R where \"none\" is null", "[2, 4]"),
            ("count(\"none\") from R", "2"),
            ("list(coalesce(\"none\", 0) order by id) from R", "[5, 0, 6, 0]"),
            ("list(id order by id) from R where s.x is null", "[2, 3]"),
            ("list(id order by id) from R where s is null", "[2]"),
            ("list(id order by id) from R where l[1] is null", "[2, 3]"),
            ("count(*) from R where \"none\" = 5", "1"),
        ],
    );
}

#[test]
fn a_column_that_is_counted_as_null_and_is_not_is_refused() {
    let sandbox = over("all_null.parquet");
    sandbox.dp(["validate"]).exits(1).says("count every value of `n` as NULL");
    let direct = Sandbox::new().sql("t.direct", "select n from read_parquet('data/it.parquet')");
    std::fs::create_dir_all(direct.path("data")).expect("a folder");
    std::fs::copy(sandbox.path("data/it.parquet"), direct.path("data/it.parquet")).expect("a copy");
    direct.dp(["validate"]).exits(1).says("count every value of `n` as NULL");
}

#[test]
fn bounds_may_be_those_of_the_first_page() {
    answers(
        "bounds.parquet",
        &[
            ("list(id order by id) from R where n > 20", "[2]"),
            ("list(id order by id) from R where n < 10", "[3]"),
            ("list(id order by id) from R where n between -10 and 0", "[3]"),
            ("[min(n), max(n)] from R", "[-7, 500]"),
            ("[min(t), max(t)] from R", "[abc, zzzz]"),
            ("list(id order by id) from R where t = 'zzzz'", "[4]"),
            ("list(id order by id) from R where day > '2020-01-05'", "[2]"),
            ("list(id order by id) from R where s.x = 500", "[2]"),
            ("count(distinct n) from R", "4"),
            ("list(n order by n) from (select n from R group by n)", "[-7, 10, 20, 500]"),
            ("list(c.id order by c.id) from (from R) c join (select 500 as n) d using (n)", "[2]"),
            ("list(id order by id) from (select id from R order by n desc limit 1)", "[2]"),
        ],
    );
    answers("page.parquet", &[("count(*) from R where n > 20", "1"), ("count(*) from R where n < 10", "1")]);
}

#[test]
fn a_file_may_claim_an_order_and_a_number_of_rows() {
    answers(
        "order.parquet",
        &[
            ("count(*) from R", "4"),
            ("count(n) from R", "4"),
            ("list(n) from (select n from R order by n)", "[-7, 10, 20, 500]"),
            ("max(n) from R", "500"),
            ("n from (select n from R order by n limit 1)", "-7"),
        ],
    );
}

#[test]
fn a_filter_may_know_no_value() {
    answers(
        "bloom.parquet",
        &[
            ("count(*) from R where i = 7", "40"),
            ("count(*) from R where t = 'text 7'", "40"),
            ("count(*) from R where i in (7, 8)", "80"),
        ],
    );
}

#[test]
fn options_aliases_and_neighbours_stay_as_they_are() {
    let sandbox = over("nan_pyarrow.parquet").sql(
        "t.joined",
        "select a.id, b.b, nan.f, it.z, read_parquet.m
         from read_parquet ( ['data/it.parquet'] /* ) */ , filename = true ) a
         join 'data/it.parquet' as b using (id)
         join (from read_parquet('data/it.parquet')) nan on nan.id = a.id
         join 'data/it.parquet' on it.id = a.id, parquet_scan('data/it.parquet') x(i, j), read_parquet('data/it.parquet')
         where a.filename like '%it.parquet' and x.i = a.id and read_parquet.id = a.id and b.b > 1",
    );
    sandbox.apply();
    assert_eq!(
        sandbox.query("select count(*) as a, max(id) as b from t.joined"),
        sandbox.query("select 1 as a, 2 as b")
    );
}
