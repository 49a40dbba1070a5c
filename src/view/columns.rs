//! Columns in drawings of lineage.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::forest::{Forest, Next, Thing};
use super::graph::Lineage;
use super::style::Theme;
use crate::model::AssetName;
use crate::sql::lineage::{How, Hows};

/// A column of an input, and its use in the reader.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ColumnUse {
    /// The column of the input.
    pub from: String,
    /// The column of the result; `None` if it decides the rows, and so all columns.
    pub to: Option<String>,
    /// The kind of use.
    pub how: How,
}

/// A column of a file that a query reads directly, and its use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileUse {
    /// The file: `./` and its path in the project.
    pub file: String,
    /// The column.
    pub column: String,
    /// The column of the result; `None` if it decides the rows.
    pub to: Option<String>,
    /// The kinds of use.
    pub hows: Hows,
}

impl FileUse {
    fn words(&self) -> String {
        format!("{}.{}{}", self.file, self.column, in_brackets(self.hows))
    }
}

/// Formats the kinds of use in brackets; empty for an unchanged value.
fn in_brackets(hows: Hows) -> String {
    let words: Vec<_> = hows.words().into_iter().filter(|word| *word != "identity").collect();
    if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) }
}

/// A column of an asset, or the set of its rows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The asset.
    pub asset: AssetName,
    /// The column; `None` for the set of rows.
    pub column: Option<String>,
}

impl Place {
    /// Creates the place of a column.
    pub fn column(asset: &AssetName, column: &str) -> Self {
        Self {
            asset: asset.clone(),
            column: Some(column.to_owned()),
        }
    }

    /// Creates the place of an asset's rows.
    pub fn rows(asset: &AssetName) -> Self {
        Self {
            asset: asset.clone(),
            column: None,
        }
    }

    fn name(&self) -> String {
        match &self.column {
            Some(column) => format!("{}.{column}", self.asset),
            None => format!("rows of {}", self.asset),
        }
    }
}

/// The neighbours of a place, and how they derive from it or it from them.
pub type Ways = BTreeMap<Place, Hows>;

/// The trace of a column.
#[derive(Clone, Debug, Default)]
pub struct ColumnTrace {
    /// The traced column.
    pub focus: Option<Place>,
    /// What each place derives from.
    pub up: BTreeMap<Place, Ways>,
    /// What derives from each place.
    pub down: BTreeMap<Place, Ways>,
}

/// Returns the trace of a column as a tree.
pub(super) fn trace_tree(lineage: &Lineage, trace: &ColumnTrace, theme: &Theme) -> String {
    let Some(focus) = &trace.focus else {
        return String::new();
    };
    let mut places: BTreeSet<&Place> = BTreeSet::from([focus]);
    for (place, ways) in trace.up.iter().chain(&trace.down) {
        places.insert(place);
        places.extend(ways.keys());
    }
    let numbers: BTreeMap<&Place, usize> = places.iter().enumerate().map(|(number, place)| (*place, number)).collect();
    let of_files = |place: &Place| {
        let files = lineage.nodes.iter().filter(|node| node.asset == place.asset).flat_map(|node| &node.files);
        files.filter(|used| used.to == place.column).map(FileUse::words).collect()
    };
    let things = places.iter().map(|place| Thing {
        name: place.name(),
        details: of_files(place),
        ..Thing::default()
    });
    let mut forest = Forest {
        things: things.collect(),
        theme,
        out: String::new(),
    };
    let next = |side: &BTreeMap<Place, Ways>| -> Next {
        let ways = |ways: &Ways| {
            let mut ways: Vec<_> = ways.iter().map(|(place, hows)| (place, hows.words().join(", "))).collect();
            // Columns first, then rows.
            ways.sort_by_key(|(place, _)| place.column.is_none());
            ways.into_iter().map(|(place, words)| (numbers[place], words)).collect()
        };
        side.iter().map(|(place, found)| (numbers[place], ways(found))).collect()
    };
    let root = numbers[focus];
    forest.line("", root, "", true);
    let sides: Vec<_> = [("comes from", next(&trace.up)), ("goes to", next(&trace.down))]
        .into_iter()
        .filter(|(_, next)| next.contains_key(&root))
        .collect();
    forest.details(root, "", !sides.is_empty());
    for (index, (title, next)) in sides.iter().enumerate() {
        let is_last = index + 1 == sides.len();
        forest.title(title, is_last);
        let prefix = forest.stem(is_last);
        forest.branches(root, next, prefix, &mut BTreeSet::new());
    }
    forest.out
}

/// Returns, by asset, a line per column with what it derives from, and a line for the rows.
pub(super) fn column_lines(lineage: &Lineage, theme: &Theme) -> BTreeMap<AssetName, Vec<String>> {
    type Uses<'a> = BTreeMap<(&'a AssetName, &'a str), Hows>;
    let mut sources: BTreeMap<(&AssetName, Option<&str>), Uses<'_>> = BTreeMap::new();
    for edge in &lineage.edges {
        for used in &edge.columns {
            let known = sources.entry((&edge.to, used.to.as_deref())).or_default();
            let hows = known.entry((&edge.from, &used.from)).or_default();
            *hows = hows.and(Hows::of(used.how));
        }
    }
    let arrow = theme.either("←", "<-");
    let mut lines = BTreeMap::new();
    for node in &lineage.nodes {
        let mut of_node = Vec::new();
        for column in node.columns.iter().map(|column| Some(column.name.as_str())).chain([None]) {
            let uses = sources.get(&(&node.asset, column)).into_iter().flatten();
            let mut uses: Vec<_> =
                uses.map(|((asset, column), hows)| format!("{asset}.{column}{}", in_brackets(*hows))).collect();
            uses.extend(node.files.iter().filter(|used| used.to.as_deref() == column).map(FileUse::words));
            if uses.is_empty() && column.is_none() {
                continue;
            }
            let mut line = column.unwrap_or("rows").to_owned();
            if !uses.is_empty() {
                let _ = write!(line, " {arrow} {}", uses.join(", "));
            }
            of_node.push(line);
        }
        if node.unknown.is_some() {
            of_node.push("unknown: each column may depend on every column that it reads".to_owned());
        }
        lines.insert(node.asset.clone(), of_node);
    }
    lines
}
