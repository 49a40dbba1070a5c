use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn fmt(text: &str, kind: FileKind) -> String {
    formatted(&SourceFile::new("x.toml", text), kind).unwrap_or_else(|_| panic!("it is TOML:\n{text}"))
}

fn asset(text: &str) -> String {
    fmt(text, FileKind::Asset)
}

/// Counts comments. Text in a string that looks like one counts too, and is kept as well.
fn comments(text: &str) -> BTreeMap<String, usize> {
    let mut comments = BTreeMap::new();
    for line in text.lines() {
        if let Some((_, comment)) = line.split_once('#') {
            *comments.entry(comment.trim().to_owned()).or_default() += 1;
        }
    }
    comments
}

fn holds(text: &str, kind: FileKind) -> String {
    let once = fmt(text, kind);
    assert_eq!(fmt(&once, kind), once, "formatted twice:\n{text}");
    assert_eq!(data(&once), data(text), "{text}\n---\n{once}");
    assert_eq!(comments(&once), comments(text), "{text}\n---\n{once}");
    once
}

#[test]
fn keys_spaces_and_blank_lines() {
    let text = r#"

# Orders, cleaned.


# For everybody.
   owner="sales"   # who to ask
kind   =  "sql"
tags = [ "a","b", ]
sql = """
  select  1 -- # no comment of TOML
	from   x   
"""
[[checks]]
severity = "warn"
references={to=["id"],asset="raw.customers",columns=["customer_id"]}


[ columns . order_id ]  # one per order
checks = ["not_null",
  # small
  {range={max=9,min=1}} # both
]
type = "BIGINT"
[columns.amount]
description = "In euro""#;
    let expected = r#"# Orders, cleaned.

kind = "sql"
# For everybody.
owner = "sales"   # who to ask
tags = ["a", "b"]
sql = """
  select  1 -- # no comment of TOML
	from   x   
"""

[columns.order_id]  # one per order
type = "BIGINT"
checks = ["not_null",
  # small
  { range = { min = 1, max = 9 } }, # both
]

[columns.amount]
description = "In euro"

[[checks]]
references = { columns = ["customer_id"], asset = "raw.customers", to = ["id"] }
severity = "warn"
"#;
    assert_eq!(holds(text, FileKind::Asset), expected);
}

#[test]
fn what_people_name_keeps_its_order() {
    let text = "[vars]\nz = 1\na = 2\n\n[project]\nname = \"x\"\n\n[environments.b]\n[environments.a.vars]\nz = 3\n";
    let expected =
        "[project]\nname = \"x\"\n\n[vars]\nz = 1\na = 2\n\n[environments.b]\n\n[environments.a.vars]\nz = 3\n";
    assert_eq!(holds(text, FileKind::Project), expected);
    let options = "kind = \"source\"\n\n[source]\npath = \"x.csv\"\noptions = { types = { kind = \"A\", b = \"B\", name = \"C\" }, delim = \";\" }\n";
    assert_eq!(asset(options), options);
    let dotted =
        "columns.name.type = \"A\"\ncolumns.kind.description = \"b\"\ncolumns.kind.type = \"B\"\nkind = \"sql\"\n";
    let expected =
        "kind = \"sql\"\ncolumns.name.type = \"A\"\ncolumns.kind.type = \"B\"\ncolumns.kind.description = \"b\"\n";
    assert_eq!(holds(dotted, FileKind::Asset), expected);
}

#[test]
fn the_top_of_a_file_stays_there() {
    let text = "#:schema x.json\nowner = \"me\"\nkind = \"sql\"\n";
    assert_eq!(holds(text, FileKind::Asset), "#:schema x.json\n\nkind = \"sql\"\nowner = \"me\"\n");
    let text = "owner = \"me\"\n#:schema x.json\nkind = \"sql\"\n";
    assert_eq!(holds(text, FileKind::Asset), "#:schema x.json\n\nkind = \"sql\"\nowner = \"me\"\n");
    let text = "#:schema a\nowner = \"me\"\n#:schema b\nkind = \"sql\"\n";
    assert_eq!(holds(text, FileKind::Asset), "#:schema a\n\n#:schema b\n\nkind = \"sql\"\nowner = \"me\"\n");
    for text in ["", "\n", "# only\n\n\n# words", "# only"] {
        holds(text, FileKind::Asset);
    }
    assert_eq!(asset("# only\n\n\n# words"), "# only\n\n# words\n");
}

#[test]
fn carriage_returns_are_kept() {
    let text = "kind=\"sql\"\r\nsql = \"\"\"\r\nselect 1\r\n\"\"\"\r\n";
    assert_eq!(asset(text), "kind = \"sql\"\r\nsql = \"\"\"\r\nselect 1\r\n\"\"\"\r\n");
    let mixed = SourceFile::new("x.toml", "kind = \"sql\"\r\nowner = \"me\"\n");
    assert!(formatted(&mixed, FileKind::Asset).is_err());
    assert!(formatted(&SourceFile::new("x.toml", "kind = "), FileKind::Asset).is_err());
}

/// Files of the repository.
fn examples() -> Vec<(FileKind, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["examples", "tests/docs/example", "src/cli/init"] {
        for entry in walkdir::WalkDir::new(root.join(folder)).sort_by_file_name() {
            let path = entry.unwrap().into_path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                let kind = if path.ends_with("dp.toml") { FileKind::Project } else { FileKind::Asset };
                files.push((kind, std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    files
}

#[test]
fn the_examples_are_in_form() {
    for (kind, text) in examples() {
        assert_eq!(holds(&text, kind), text);
    }
}

/// Texts that are inserted between two lines or at the end of one; if the result is valid TOML, it is formatted.
const SCRAPS: [&str; 16] = [
    "\n",
    "\n\n\n",
    "# a comment",
    "\n# two\n\n# comments",
    "   ",
    "\t",
    "  # behind",
    "[columns.extra]",
    "[[checks]]",
    "[allow]",
    "x.y = 1",
    "owner = 'me'",
    "list = [1,2,\n # in\n 3 ]",
    "t = {b=1,a=[ 1,\n2]}",
    "kind = \"sql\"",
    "#:schema a",
];

fn mutated(text: &str, edits: &[(usize, usize, u8)]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (line, scrap, what) in edits {
        let at = line % (lines.len() + 1);
        let scrap = SCRAPS[scrap % SCRAPS.len()];
        match what % 5 {
            0 | 1 => lines.insert(at, scrap.to_owned()),
            2 if at < lines.len() => lines[at].push_str(scrap),
            3 if at < lines.len() => lines[at].insert_str(0, "  "),
            4 if at + 1 < lines.len() => lines.swap(at, at + 1),
            _ => {}
        }
    }
    lines.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_file_it_says_the_same_in_one_form(
        file in 0_usize..1000, edits in prop::collection::vec((0_usize..1000, 0_usize..1000, any::<u8>()), 1..6),
    ) {
        let examples = examples();
        let (kind, text) = &examples[file % examples.len()];
        let text = mutated(text, &edits);
        if data(&text).is_some() {
            holds(&text, *kind);
        }
    }
}
