//! Damage to TOML: keys, values and tables that are well-formed, or nearly, and not what dp expects.

use crate::bytes::ODD;
use crate::chance::Chance;

/// Kinds of damage.
pub(crate) const NAMES: &[&str] = &[
    "another value",
    "another key",
    "a key twice",
    "a dotted key",
    "another table",
    "a table twice",
    "a key of somewhere else",
    "deep arrays",
    "deep tables",
    "deep keys",
    "a long value",
    "a long key",
    "many keys",
    "many checks",
    "many columns",
    "an odd value",
    "another kind",
    "another check",
];

/// Values of every type, and some that are none.
const VALUES: &[&str] = &[
    "1",
    "-1",
    "0",
    "true",
    "false",
    "1.5",
    "nan",
    "-inf",
    "9223372036854775807",
    "9223372036854775808",
    "1e400",
    "-0.0",
    "0x7f",
    "1979-05-27",
    "07:32:00",
    "1979-05-27T07:32:00Z",
    "9999-12-31T23:59:60Z",
    "\"\"",
    "''",
    "\" \"",
    "\"x\"",
    "[]",
    "[1, \"a\"]",
    "[[]]",
    "[\"\"]",
    "{}",
    "{ a = 1 }",
    "{ a = { b = { c = 1 } } }",
    "\"\\u0000\"",
    "\"\\uD800\"",
    "\"\"\"\nlines\n\"\"\"",
    "'''raw'''",
    "\"${var.late_after}\"",
    "\"${env.HOME}\"",
    "\"${this}\"",
    "\"../../etc/passwd\"",
    "\"/etc/passwd\"",
    "\"data/**/*\"",
    "\"*\"",
    "\"[\"",
    "\"a\\nb\"",
    "\"table\"",
    "\"view\"",
    "\"source\"",
    "\"sql\"",
    "\"command\"",
    "\"always\"",
    "\"1h\"",
    "\"-1h\"",
    "\"999999999999999999999h\"",
    "\"INTEGER\"",
    "\"STRUCT(a INTEGER)\"",
    "\"DECIMAL(99, 99)\"",
    "\"staging.flights\"",
    "\".\"",
    "\"a.b.c\"",
    "\"temp.x\"",
    "{ file = \"out/x.csv\", format = \"csv\" }",
    "{ file = \"/tmp/x.csv\" }",
    "{ file = \"assets/x.csv\" }",
    "\"Nowhere/Atlantis\"",
    "\"Europe/Paris\"",
    "\">=99\"",
    "\"not a version\"",
    "\"99999999999999GB\"",
    "\"-4GB\"",
    "1_000_000_000_000",
];

/// Tables and keys of some file of a project.
const TABLES: &[&str] = &[
    "[project]",
    "[vars]",
    "[environments.dev.vars]",
    "[environments.prod]",
    "[connections.warehouse]",
    "[connections.x]",
    "[defaults]",
    "[state]",
    "[source]",
    "[source.options]",
    "[columns.x]",
    "[columns.\"\"]",
    "[columns.\"a b\"]",
    "[[checks]]",
    "[checks]",
    "[[columns]]",
    "[[source]]",
    "[command]",
    "[output]",
    "[[files]]",
    "[a.b.c.d]",
    "[]",
    "[[]]",
    "[ source ]",
    "[source",
    "[\"source\"]",
];
const KEYS: &[&str] = &[
    "name",
    "kind",
    "sql",
    "sql_file",
    "materialize",
    "path",
    "format",
    "options",
    "description",
    "owner",
    "tags",
    "refresh",
    "protect",
    "depends_on",
    "moved_from",
    "checks",
    "type",
    "unique",
    "references",
    "row_count",
    "freshness",
    "severity",
    "requires",
    "timezone",
    "engine",
    "memory_limit",
    "threads",
    "connection",
    "keep_runs",
    "keep_for",
    "min_amount",
    "late_after",
    "range",
    "accepted_values",
    "not_null",
    "columns",
    "source",
    "\"\"",
    "\"a b\"",
    "'é'",
    "a.b",
    "1",
    "-",
    "ключ",
];
const CHECKS: &[&str] = &[
    "unique = []",
    "unique = [\"nothing\"]",
    "unique = \"x\"",
    "row_count = {}",
    "row_count = { min = 9, max = 1 }",
    "row_count = { min = -1 }",
    "row_count = 1",
    "freshness = { column = \"x\", max_age = \"1h\" }",
    "freshness = { column = \"x\" }",
    "references = { columns = [], asset = \"raw.orders\", to = [] }",
    "references = { columns = [\"a\", \"b\"], asset = \"raw.nothing\", to = [\"id\"] }",
    "references = { columns = [\"x\"], asset = \"${this}\", to = [\"x\"] }",
    "sql = \"select * from ${this} where\"",
    "sql = \"\"",
    "sql = \"select 1; select 2\"",
    "sql = \"drop table x\"",
    "sql = \"select * from nowhere\"",
    "sql = \"select random() from ${this}\"",
    "severity = \"fatal\"",
    "name = \"\"",
    "unique = [\"id\"]\nrow_count = { min = 1 }",
    "",
];

/// Damages the text in the way of this name; at random places, which need not make sense.
pub(crate) fn damage(name: &str, text: &str, chance: &mut Chance) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let pairs: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains(" = ")).collect();
    let headers: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].starts_with('[')).collect();
    let at = if pairs.is_empty() { 0 } else { *chance.of(&pairs) };
    if lines.is_empty() {
        lines.push(String::new());
    }
    let (key, value) = lines[at]
        .split_once(" = ")
        .map_or(("x".to_owned(), "1".to_owned()), |(key, value)| (key.to_owned(), value.to_owned()));
    let depth = *chance.of(&[10, 127, 129, 1_000, 10_000]);
    match name {
        "another value" => lines[at] = format!("{key} = {}", chance.of(VALUES)),
        "another key" => lines[at] = format!("{} = {value}", chance.of(KEYS)),
        "a key twice" => lines.insert(at, format!("{key} = {}", chance.of(VALUES))),
        "a dotted key" => lines[at] = format!("{key}.{} = {value}", chance.of(KEYS)),
        "another table" => {
            let table = (*chance.of(TABLES)).to_owned();
            if headers.is_empty() {
                lines.insert(at, table);
            } else {
                lines[*chance.of(&headers)] = table;
            }
        }
        "a table twice" => {
            let header = if headers.is_empty() { "[project]".to_owned() } else { lines[*chance.of(&headers)].clone() };
            lines.push(header);
            lines.push(format!("{} = {}", chance.of(KEYS), chance.of(VALUES)));
        }
        "a key of somewhere else" => {
            lines.insert(chance.below(lines.len()), format!("{} = {}", chance.of(KEYS), chance.of(VALUES)));
        }
        "deep arrays" => {
            lines[at] =
                format!("{key} = {}{}", "[".repeat(depth), "]".repeat(if chance.once_in(3) { 0 } else { depth }));
        }
        "deep tables" => lines[at] = format!("{key} = {}1{}", "{ a = ".repeat(depth), " }".repeat(depth)),
        "deep keys" => {
            let keys = vec!["a"; depth].join(".");
            let line = if chance.once_in(2) { format!("[{keys}]") } else { format!("{keys} = 1") };
            lines.push(line);
        }
        "a long value" => lines[at] = format!("{key} = \"{}\"", "long ".repeat(depth * 10)),
        "a long key" => lines.insert(at, format!("{} = 1", "k".repeat(depth * 10))),
        "many keys" => lines.extend((0..depth).map(|index| format!("key_{index} = {index}"))),
        "many checks" => lines.extend((0..depth.min(300)).map(|_| format!("[[checks]]\n{}", chance.of(CHECKS)))),
        "many columns" => {
            lines.extend((0..depth.min(1_000)).map(|index| format!("[columns.c{index}]\ntype = \"BIGINT\"")));
        }
        "an odd value" => lines[at] = format!("{key} = \"{}{}\"", chance.of(ODD), value.trim_matches('"')),
        "another kind" => {
            lines[0] = format!("kind = \"{}\"", chance.of(&["source", "sql", "command", "view", "", "SQL"]));
        }
        "another check" => lines.push(format!("\n[[checks]]\n{}", chance.of(CHECKS))),
        other => unreachable!("`{other}` is no damage"),
    }
    lines.join("\n") + "\n"
}
