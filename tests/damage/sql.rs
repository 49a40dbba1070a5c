//! Damage to queries, token by token, and queries that are too deep, too long or not allowed.

use crate::bytes::ODD;
use crate::chance::Chance;

/// Kinds of damage.
pub(crate) const NAMES: &[&str] = &[
    "delete a token",
    "repeat a token",
    "swap tokens",
    "another token",
    "one more token",
    "deep parentheses",
    "deep operators",
    "deep cases",
    "deep lists",
    "deep queries",
    "deep functions",
    "deep types",
    "a long union",
    "a long list",
    "a wide select",
    "many with",
    "a long name",
    "a huge number",
    "an unclosed text",
    "another statement",
    "a placeholder",
    "reads another asset",
    "reads a file",
    "an odd name",
];

const TOKENS: &[&str] = &[
    "select",
    "from",
    "where",
    "group by",
    "order by",
    "limit",
    "join",
    "left join",
    "natural join",
    "asof join",
    "positional join",
    "on",
    "using",
    "union",
    "union all by name",
    "except",
    "with",
    "with recursive",
    "as",
    "as materialized",
    "case",
    "when",
    "end",
    "null",
    "*",
    "* exclude (x)",
    "* replace (1 as x)",
    "columns('.*')",
    "distinct",
    "distinct on (x)",
    "having",
    "qualify",
    "window",
    "over ()",
    "over (partition by 1 order by 2)",
    "filter (where true)",
    "within group (order by x)",
    "values",
    "lateral",
    "unnest",
    "unnest([1, 2])",
    "pivot",
    "unpivot",
    "pivot x on y using sum(z)",
    "tablesample 10%",
    "using sample 5",
    "for update",
    "fetch first row only",
    "offset",
    "at time zone 'UTC'",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    ".",
    "..",
    "::",
    "->",
    "->>",
    "||",
    "=",
    "==",
    "<>",
    "!",
    "?",
    "$1",
    ":x",
    "@",
    "#1",
    "%",
    "&",
    "~",
    "!~~",
    "^@",
    "\\",
    "`",
    "--",
    "/*",
    "*/",
    "'",
    "\"",
    "$$",
    "E'\\x00'",
    "x'ff'",
    "''",
    "\"\"",
    "0",
    "-1",
    "1e999",
    "1.2.3",
    "1_000",
    "0x",
    "nan",
    "interval",
    "interval 1 day",
    "date '0000-00-00'",
    "timestamp 'infinity'",
    "true",
    "random()",
    "now()",
    "current_setting('threads')",
    "getenv('HOME')",
    "uuid()",
    "nextval('s')",
    "pg_sleep(9)",
    "version()",
    "read_text('/etc/passwd')",
    "read_csv('data/*.csv')",
    "glob('*')",
    "range(9)",
    "generate_series(1, 9)",
    "duckdb_settings()",
    "pragma_version()",
    "sniff_csv('data/airlines.csv')",
    "query('select 1')",
    "query_table('x')",
    "x -> x + 1",
    "lambda x: x",
    "struct_pack(a := 1)",
    "map {'a': 1}",
    "[x for x in [1]]",
    "grouping sets ((), (1))",
    "rollup (1)",
    "cube (1, 2)",
    "group by all",
    "order by all",
    "try_cast(1 as x)",
    "cast(1 as bigint[][3])",
    "(select 1)",
    "exists (select 1)",
    "any (select 1)",
    "information_schema.tables",
    "duckdb_tables",
    "sqlite_master",
    "pg_catalog.pg_class",
    "temp.x",
    "memory.main.x",
    "system",
    "main",
    "this",
    "excluded",
    "rowid",
    "generated",
    "default",
];

const STATEMENTS: &[&str] = &[
    "drop table x",
    "create table x as select 1",
    "insert into x values (1)",
    "update x set a = 1",
    "delete from x",
    "copy (select 1) to '/tmp/damage.csv'",
    "attach '/tmp/damage.db'",
    "detach memory",
    "install httpfs",
    "load httpfs",
    "pragma threads = 1",
    "set threads = 1",
    "reset all",
    "call pragma_version()",
    "explain select 1",
    "explain analyze select 1",
    "describe select 1",
    "summarize select 1",
    "show tables",
    "begin",
    "commit",
    "vacuum",
    "checkpoint",
    "export database '/tmp/damage'",
    "import database '/tmp/damage'",
    "prepare p as select 1",
    "execute p",
    "use x",
    "select 1; select 2",
    "select 1 into x",
    ";",
    ";;;",
    "-- nothing",
    "/* nothing",
    "table x",
    "from range(3)",
    "values (1), (2)",
    "pivot x on y",
    "create macro f(x) as x",
    "alter table x rename to y",
    "comment on table x is 'y'",
    "select",
    "select from",
    "with x as (select 1)",
];

const PLACEHOLDERS: &[&str] = &[
    "${",
    "${}",
    "${var}",
    "${var.}",
    "${var.nothing}",
    "${var.late_after}",
    "${var.min_amount}",
    "${this}",
    "${file}",
    "${env.HOME}",
    "${partition.start}",
    "$${",
    "$${x}",
    "${var.late_after",
    "${ var.late_after }",
    "${var.late_after}${var.late_after}",
    "${VAR.late_after}",
    "${var.late_after.x}",
    "'${var.late_after}'",
    "${\n}",
    "${é}",
    "${var.${var.x}}",
    "$",
    "$$",
    "${{}}",
];

/// Parts of the text: words, numbers, single signs; blanks go with what is before them.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut begin = 0;
    let mut last = ' ';
    for (at, char) in text.char_indices() {
        let is_word = |char: char| char.is_alphanumeric() || char == '_';
        if at > begin && !char.is_whitespace() && !(is_word(char) && is_word(last)) {
            tokens.push(&text[begin..at]);
            begin = at;
        }
        last = char;
    }
    tokens.push(&text[begin..]);
    tokens
}

fn nested(open: &str, inner: &str, close: &str, depth: usize) -> String {
    format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
}

/// Damages the query in the way of this name.
pub(crate) fn damage(name: &str, text: &str, assets: &[String], chance: &mut Chance) -> String {
    let mut tokens: Vec<String> = tokens(text).into_iter().map(str::to_owned).collect();
    let at = chance.below(tokens.len());
    let other = chance.below(tokens.len());
    let depth = *chance.of(&[5, 50, 200, 900, 1_100, 3_000, 10_000]);
    let expression = |expression: String| format!("select {expression} as deep\n");
    match name {
        "delete a token" => {
            tokens.remove(at);
        }
        "repeat a token" => tokens.insert(other, tokens[at].clone()),
        "swap tokens" => tokens.swap(at, other),
        "another token" => tokens[at] = format!("{} ", chance.of(TOKENS)),
        "one more token" => tokens.insert(at, format!(" {} ", chance.of(TOKENS))),
        "deep parentheses" => match chance.below(3) {
            0 => return expression(nested("(", "1", ")", depth)),
            1 => return nested("(", "select 1 as deep", ")", depth),
            _ => tokens.insert(at, "(".repeat(depth)),
        },
        "deep operators" => {
            let one =
                *chance.of(&["1 + ", "- ", "not ", "1 = ", "true and ", "'a' || ", "1 ** ", "~ ", "1 in (1) and "]);
            return expression(format!("{}1", one.repeat(depth)));
        }
        "deep cases" => return expression(nested("case when true then ", "1", " end", depth)),
        "deep lists" => {
            let (open, close) = *chance.of(&[("[", "]"), ("{'a': ", "}"), ("map {1: ", "}"), ("row(", ")")]);
            return expression(nested(open, "1", close, depth));
        }
        "deep queries" => {
            let (open, close) = *chance.of(&[
                ("select * from (", ") as t"),
                ("select (", ") as x"),
                ("select 1 as x where exists (", ")"),
                ("with t as (", ") select * from t"),
            ]);
            return nested(open, "select 1 as x", close, depth.min(3_000));
        }
        "deep functions" => {
            return expression(nested(chance.of::<&str>(&["abs(", "upper(", "cast(", "list_value("]), "1", ")", depth));
        }
        "deep types" => return expression(format!("null::INTEGER{}", "[]".repeat(depth))),
        "a long union" => {
            return vec!["select 1 as x"; depth.min(3_000)].join(*chance.of::<&str>(&[
                " union all ",
                " union ",
                " except ",
                " intersect ",
            ]));
        }
        "a long list" => return expression(format!("1 in ({})", vec!["1"; depth].join(", "))),
        "a wide select" => {
            return format!(
                "select {}",
                (0..depth.min(3_000)).map(|index| format!("{index} as c{index}")).collect::<Vec<_>>().join(", ")
            );
        }
        "many with" => {
            let with: Vec<String> = (0..depth.min(1_100)).map(|index| format!("t{index} as (select 1 as x)")).collect();
            return format!("with {} select * from t0", with.join(", "));
        }
        "a long name" => tokens[at] = format!(" {} ", "n".repeat(depth * 10)),
        "a huge number" => {
            tokens[at] =
                format!(" {}{} ", "9".repeat(depth), chance.of(&["", ".5", "e9", "::DECIMAL(38, 38)", "::HUGEINT"]));
        }
        "an unclosed text" => {
            tokens.insert(at, (*chance.of(&["'", "\"", "/*", "$$", "$a$", "E'", "'\\", "--"])).to_owned());
        }
        "another statement" => return (*chance.of(STATEMENTS)).to_owned(),
        "a placeholder" => tokens.insert(at, format!(" {} ", chance.of(PLACEHOLDERS))),
        "reads another asset" => {
            let asset = chance.of(assets);
            return match chance.below(4) {
                0 => format!("select * from {asset}"),
                1 => format!("{text}\nunion all by name select * from {asset}"),
                2 => format!("select count(*) as n from {asset} as a, ({}) as b", text.trim().trim_end_matches(';')),
                _ => text.replacen("from ", &format!("from {asset} natural join "), 1),
            };
        }
        "reads a file" => {
            let file = *chance.of(&[
                "data/airlines.csv",
                "data/*.csv",
                "/etc/passwd",
                "../x.csv",
                "data",
                "",
                "nowhere.parquet",
                "dp.toml",
                ".dp/state.db",
                "data/\0.csv",
                "http://localhost:1/x.csv",
                "s3://b/x.parquet",
                "/dev/zero",
                "/proc/self/environ",
            ]);
            return match chance.below(3) {
                0 => format!("select * from '{file}'"),
                1 => format!("select * from read_csv('{file}', header = true)"),
                _ => format!("select * from read_parquet(['{file}', 'data/' || 'x'])"),
            };
        }
        "an odd name" => tokens[at] = format!("\"{}\" ", chance.of(ODD)),
        other => unreachable!("`{other}` is no damage"),
    }
    tokens.concat()
}
