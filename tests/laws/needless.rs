//! Nothing is built for nothing, or little: how much dp rebuilds that a look at all the data shows to be unaffected.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::shop::{Law, Shop};
use crate::story::{Stage, Story, story};

/// The rows of each asset, as JSON objects: their text, in which the columns have their order, and what it says.
type Tables = BTreeMap<String, Vec<(String, Value)>>;

/// How many tables were rebuilt that nobody had edited, and how many of these need not have been.
#[derive(Default)]
struct Tally {
    rebuilt: Cell<usize>,
    needless: Cell<usize>,
    cases: Cell<usize>,
}

/// What the engine can't do in a view or in JSON: the rows are there, and this test can't look at them.
const UNREADABLE: [&str; 2] = ["Unimplemented type for cast", "Map keys can not be NULL"];

/// The rows, or `None` if they can't be read in this form.
fn tables(shop: &Shop, names: &[String]) -> Result<Option<Tables>, proptest::test_runner::TestCaseError> {
    let parts = names
        .iter()
        .map(|name| format!("select '{name}' as asset, to_json(_row_)::varchar as row from {name} as _row_"));
    let sql = parts.collect::<Vec<_>>().join(" union all ");
    let said = shop.dp(&["query", "--format", "json", &sql]);
    if said.exit == Some(1) && UNREADABLE.iter().any(|error| said.stderr.contains(error)) {
        return Ok(None);
    }
    let said = said.must_exit(0, "what is published can be queried")?;
    let mut tables: Tables = names.iter().map(|name| (name.clone(), Vec::new())).collect();
    for line in said.json()?.as_array().into_iter().flatten() {
        let text = line["row"].as_str().unwrap().to_owned();
        let row = (text.clone(), serde_json::from_str(&text).unwrap());
        tables.entry(line["asset"].as_str().unwrap().to_owned()).or_default().push(row);
    }
    Ok(Some(tables))
}

/// The rows with some of their columns, whatever their order, or with all as they stand; sorted.
fn projected(rows: &[(String, Value)], words: Option<&BTreeSet<String>>) -> Vec<String> {
    let mut rows: Vec<String> = rows
        .iter()
        .map(|(text, row)| match words {
            None => text.clone(),
            Some(words) => {
                let fields = row.as_object().unwrap().iter().filter(|(name, _)| words.contains(&name.to_lowercase()));
                format!("{:?}", fields.collect::<Vec<_>>())
            }
        })
        .collect();
    rows.sort();
    rows
}

/// The files that declare an asset, as one text.
fn declaration(stage: &Stage, name: &str) -> String {
    let table = name.rsplit('.').next().unwrap();
    let folder = name.strip_suffix(table).unwrap().trim_end_matches('.');
    let folder = if folder == "main" { String::new() } else { format!("{folder}/") };
    let paths = [format!("assets/{folder}{table}.toml"), format!("sql/{table}.sql")];
    paths.iter().filter_map(|path| stage.files.get(path)).cloned().collect::<Vec<_>>().join("\n")
}

/// The words of a text, or `None` if a star stands for columns that it does not name.
fn words(text: &str) -> Option<BTreeSet<String>> {
    let without_counts = text.replace("count(*)", "");
    let counts_stars = without_counts.lines().any(|line| !line.trim_start().starts_with('/') && line.contains('*'));
    let words = text.split(|char: char| !char.is_alphanumeric() && char != '_');
    (!counts_stars).then(|| words.map(str::to_lowercase).collect())
}

/// The names that each asset reads by itself.
fn inputs(shop: &Shop) -> Result<BTreeMap<String, Vec<String>>, proptest::test_runner::TestCaseError> {
    let lineage = shop.dp(&["lineage", "--json"]).must_exit(0, "lineage is there")?.json()?;
    let mut inputs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for edge in lineage["edges"].as_array().into_iter().flatten() {
        let end = |key: &str| edge[key].as_str().unwrap().to_owned();
        inputs.entry(end("to")).or_default().push(end("from"));
    }
    Ok(inputs)
}

fn count(story: &Story, tally: &Tally) -> Law {
    let mut shop = Shop::new();
    let mut last: Option<(&Stage, Tables)> = None;
    for stage in &story.0 {
        shop.write(&stage.files, stage.files.keys());
        let said = shop.dp(&["apply", "--auto-approve", "--json"]);
        if said.exit != Some(0) {
            return Ok(());
        }
        let Some(now) = tables(&shop, &stage.names)? else {
            return Ok(());
        };
        // Rows that are stored are measured and those of a view are not, so the two can't be compared: whoever reads what
        // becomes one or the other is built again, and that is not counted here.
        if let Some((before, past)) = &last
            && !stage.title.contains(" is a view: ")
            && ["dp.toml", "data/rates.csv"].iter().all(|path| before.files.get(*path) == stage.files.get(*path))
        {
            tally.cases.set(tally.cases.get() + 1);
            let inputs = inputs(&shop)?;
            for event in said.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
                let name = event["asset"].as_str().unwrap_or_default();
                let text = declaration(stage, name);
                let unedited = past.contains_key(name) && text == declaration(before, name);
                let is_table = text.contains("kind = \"sql\"") && !text.contains("materialize = \"view\"");
                if event["outcome"] != "built" || !unedited || !is_table {
                    continue;
                }
                tally.rebuilt.set(tally.rebuilt.get() + 1);
                let words = words(&text);
                let unread = inputs.get(name).into_iter().flatten().all(|input| {
                    let rows = |tables: &Tables| tables.get(input).map(|rows| projected(rows, words.as_ref()));
                    rows(past) == rows(&now)
                });
                if unread && projected(&past[name], None) == projected(&now[name], None) {
                    crate::log(&format!("needless\t{name}\t{}", stage.title));
                    tally.needless.set(tally.needless.get() + 1);
                }
            }
        }
        last = Some((stage, now));
    }
    Ok(())
}

#[test]
fn little_is_rebuilt_that_nothing_has_changed_for() {
    let tally = Tally::default();
    crate::hold(10, story(3), |story| count(story, &tally));
    let (needless, rebuilt, cases) = (tally.needless.get(), tally.rebuilt.get(), tally.cases.get());
    crate::log(&format!("{needless} of {rebuilt} rebuilds in {cases} edits were needless"));
    // Few cases say little about a share.
    assert!(needless * 20 <= rebuilt.max(60), "{needless} of {rebuilt} rebuilds in {cases} edits were needless");
}
