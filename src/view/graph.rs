use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::columns::{self, ColumnTrace, ColumnUse, FileUse};
use super::diagrams;
use super::forest::{Forest, Next, Thing};
use super::style::Theme;
use super::text::one_line;
use crate::base::text;
use crate::model::AssetName;

/// The lineage to draw.
#[derive(Clone, Debug, Default)]
pub struct Lineage {
    /// The assets.
    pub nodes: Vec<Node>,
    /// The edges, from upstream to downstream.
    pub edges: Vec<Edge>,
    /// The requested asset.
    pub focus: Option<AssetName>,
    /// The trace of the requested column; nodes and edges then contain only the places on it.
    pub trace: Option<ColumnTrace>,
    /// Whether to draw columns.
    pub show_columns: bool,
}

/// An asset in a drawing.
#[derive(Clone, Debug)]
pub struct Node {
    /// The asset's name.
    pub asset: AssetName,
    /// `source`, `sql` or `command`.
    pub kind: String,
    /// The word of the planned action, if a plan is drawn.
    pub action: Option<String>,
    /// The asset's version.
    pub version: Option<String>,
    /// Rows of that version.
    pub rows: Option<u64>,
    /// The columns, with types and descriptions as far as they are known.
    pub columns: Vec<NodeColumn>,
    /// The columns of files that the query reads directly.
    pub files: Vec<FileUse>,
    /// The declared description.
    pub description: Option<String>,
    /// The declared owner.
    pub owner: Option<String>,
    /// Why the columns that it reads are unknown, so that everything depends on everything.
    pub unknown: Option<String>,
}

/// A column of an asset in a drawing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeColumn {
    /// The column's name.
    pub name: String,
    /// The engine's type; empty if it is unknown.
    pub data_type: String,
    /// The declared description.
    pub description: Option<String>,
}

/// An edge: one asset reads another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The upstream asset.
    pub from: AssetName,
    /// The downstream asset.
    pub to: AssetName,
    /// The columns, sorted; empty if only the number of rows counts, or if nothing is known.
    pub columns: Vec<ColumnUse>,
    /// Whether the edge was observed and not declared.
    pub observed: bool,
}

impl Node {
    /// Creates a node without further data.
    pub fn new(asset: AssetName, kind: impl Into<String>) -> Self {
        Self {
            asset,
            kind: kind.into(),
            action: None,
            version: None,
            rows: None,
            columns: Vec::new(),
            files: Vec::new(),
            description: None,
            owner: None,
            unknown: None,
        }
    }

    pub(super) fn notes(&self) -> Vec<String> {
        let rows =
            self.rows.map(|rows| if rows == 1 { "1 row".to_owned() } else { format!("{} rows", text::grouped(rows)) });
        let kind = (!self.kind.is_empty()).then(|| self.kind.clone());
        [kind, self.action.clone(), self.version.clone(), rows]
            .into_iter()
            .flatten()
            .map(|note| one_line(&note).into_owned())
            .collect()
    }
}

/// Draws trees: the upstream and downstream assets of the focus; without a focus, everything downstream of assets that
/// read nothing; for a column, its trace.
///
/// A subtree that was already drawn is not repeated.
pub fn tree(lineage: &Lineage, theme: &Theme) -> String {
    if let Some(trace) = &lineage.trace {
        return columns::trace_tree(lineage, trace, theme);
    }
    let mut details = if lineage.show_columns { columns::column_lines(lineage, theme) } else { BTreeMap::new() };
    let mut nodes: BTreeMap<&AssetName, Thing> = BTreeMap::new();
    for name in lineage.edges.iter().flat_map(|edge| [&edge.from, &edge.to]) {
        let thing = Thing {
            name: name.to_string(),
            ..Thing::default()
        };
        nodes.insert(name, thing);
    }
    for node in &lineage.nodes {
        let thing = Thing {
            name: node.asset.to_string(),
            notes: node.notes(),
            details: details.remove(&node.asset).unwrap_or_default(),
        };
        nodes.insert(&node.asset, thing);
    }
    let numbers: BTreeMap<AssetName, usize> =
        nodes.keys().enumerate().map(|(number, name)| ((*name).clone(), number)).collect();
    let (mut up, mut down) = (Next::new(), Next::new());
    let ways: BTreeMap<_, _> = lineage.edges.iter().map(|edge| ((&edge.from, &edge.to), edge.observed)).collect();
    for ((from, to), observed) in ways {
        let said = || if observed { OBSERVED.to_owned() } else { String::new() };
        up.entry(numbers[to]).or_default().push((numbers[from], said()));
        down.entry(numbers[from]).or_default().push((numbers[to], said()));
    }
    let mut forest = Forest {
        things: nodes.into_values().collect(),
        theme,
        out: String::new(),
    };
    let Some(focus) = &lineage.focus else {
        let mut seen = BTreeSet::new();
        for root in (0..forest.things.len()).filter(|thing| !up.contains_key(thing)) {
            forest.line("", root, "", false);
            forest.details(root, "", down.contains_key(&root));
            forest.branches(root, &down, "", &mut seen);
        }
        return forest.out;
    };
    let focus = numbers[focus];
    forest.line("", focus, "", true);
    let sides: Vec<_> =
        [("reads", &up), ("read by", &down)].into_iter().filter(|(_, next)| next.contains_key(&focus)).collect();
    forest.details(focus, "", !sides.is_empty());
    for (index, (title, next)) in sides.iter().enumerate() {
        let is_last = index + 1 == sides.len();
        forest.title(title, is_last);
        let prefix = forest.stem(is_last);
        forest.branches(focus, next, prefix, &mut BTreeSet::new());
    }
    forest.out
}

/// The note for an edge that was observed and not declared.
const OBSERVED: &str = "observed, not declared";

/// Formats for Graphviz.
pub fn dot(lineage: &Lineage) -> String {
    if lineage.show_columns {
        return diagrams::dot_columns(lineage);
    }
    let mut out = "digraph lineage {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n".to_owned();
    for node in &lineage.nodes {
        let shape = match node.kind.as_str() {
            "source" => "cylinder",
            "sql" => "box",
            "command" => "component",
            _ => "ellipse",
        };
        let name = dot_quoted(node.asset.as_str());
        let mut label = vec![node.asset.to_string()];
        label.extend(Some(node.notes().join(", ")).filter(|notes| !notes.is_empty()));
        let label = label.iter().map(|line| dot_escaped(line)).collect::<Vec<_>>().join("\\n");
        let focus = if lineage.focus.as_ref() == Some(&node.asset) { ", penwidth=2" } else { "" };
        let _ = writeln!(out, "  {name} [shape={shape}, label=\"{label}\"{focus}];");
    }
    for edge in &lineage.edges {
        let mark = if edge.observed { " [style=dashed, label=\"observed\"]" } else { "" };
        let _ = writeln!(out, "  {} -> {}{mark};", dot_quoted(edge.from.as_str()), dot_quoted(edge.to.as_str()));
    }
    out.push_str("}\n");
    out
}

pub(super) fn dot_quoted(text: &str) -> String {
    format!("\"{}\"", dot_escaped(text))
}

fn dot_escaped(text: &str) -> String {
    one_line(text).replace('\\', "\\\\").replace('"', "\\\"")
}

/// Formats for Mermaid, which Markdown pages draw.
pub fn mermaid(lineage: &Lineage) -> String {
    if lineage.show_columns {
        return diagrams::mermaid_columns(lineage);
    }
    let mut out = "graph LR\n".to_owned();
    // Names may be keywords of Mermaid, such as `end`; numbers are not.
    let mut ids = BTreeMap::new();
    for (index, node) in lineage.nodes.iter().enumerate() {
        ids.insert(&node.asset, index);
        let (open, close) = match node.kind.as_str() {
            "source" => ("[(", ")]"),
            "sql" => ("[", "]"),
            "command" => ("[[", "]]"),
            _ => ("(", ")"),
        };
        let mut label = mermaid_escaped(node.asset.as_str());
        let notes = node.notes();
        if !notes.is_empty() {
            label = format!("{label}<br/>{}", mermaid_escaped(&notes.join(", ")));
        }
        let _ = writeln!(out, "  n{index}{open}\"{label}\"{close}");
    }
    for edge in &lineage.edges {
        if let (Some(from), Some(to)) = (ids.get(&edge.from), ids.get(&edge.to)) {
            let arrow = if edge.observed { "-. observed .->" } else { "-->" };
            let _ = writeln!(out, "  n{from} {arrow} n{to}");
        }
    }
    if let Some(index) = lineage.focus.as_ref().and_then(|focus| ids.get(focus)) {
        let _ = writeln!(out, "  style n{index} stroke-width:3px");
    }
    out
}

pub(super) fn mermaid_escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '"' | '#' | '&' | '<' | '>' | ';' | '`' | '\\' => {
                let _ = write!(escaped, "#{};", u32::from(c));
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> AssetName {
        text.parse().unwrap()
    }

    fn lineage(edges: &[(&str, &str)], focus: Option<&str>) -> Lineage {
        let edges: Vec<Edge> = edges
            .iter()
            .map(|(from, to)| Edge {
                from: name(from),
                to: name(to),
                columns: Vec::new(),
                observed: false,
            })
            .collect();
        let names: BTreeSet<AssetName> = edges.iter().flat_map(|edge| [edge.from.clone(), edge.to.clone()]).collect();
        let kind = |name: &AssetName| if name.schema() == "raw" { "source" } else { "sql" };
        Lineage {
            nodes: names.into_iter().map(|name| Node::new(name.clone(), kind(&name))).collect(),
            edges,
            focus: focus.map(name),
            ..Lineage::default()
        }
    }

    const DIAMOND: [(&str, &str); 5] =
        [("raw.a", "s.base"), ("s.base", "s.left"), ("s.base", "s.right"), ("s.left", "s.top"), ("s.right", "s.top")];

    #[test]
    fn what_was_only_seen_is_marked() {
        let mut seen = lineage(&[("raw.a", "s.base"), ("raw.b", "s.base")], Some("s.base"));
        seen.edges[1].observed = true;
        assert!(tree(&seen, &Theme::plain(80)).contains("raw.b (source, observed, not declared)"));
        assert!(dot(&seen).contains("\"raw.b\" -> \"s.base\" [style=dashed, label=\"observed\"];"));
        assert!(mermaid(&seen).contains("-. observed .->"));
    }

    #[test]
    fn a_diamond_is_drawn_once() {
        let mut diamond = lineage(&DIAMOND, Some("s.top"));
        diamond.nodes[0].rows = Some(1234);
        let expected = "\
s.top (sql)
└── reads
    ├── s.left (sql)
    │   └── s.base (sql)
    │       └── raw.a (source, 1,234 rows)
    └── s.right (sql)
        └── s.base (sql) … (above)
";
        assert_eq!(tree(&diamond, &Theme::plain(80)), expected);
    }

    #[test]
    fn both_sides_of_the_focus_are_drawn() {
        let ascii = Theme {
            unicode: false,
            ..Theme::plain(80)
        };
        let expected = "\
s.base (sql)
|-- reads
|   `-- raw.a (source)
`-- read by
    |-- s.left (sql)
    |   `-- s.top (sql)
    `-- s.right (sql)
        `-- s.top (sql)
";
        assert_eq!(tree(&lineage(&DIAMOND, Some("s.base")), &ascii), expected);
    }

    #[test]
    fn without_a_focus_it_goes_from_the_roots_downwards() {
        let mut edges = DIAMOND.to_vec();
        edges.push(("raw.b", "s.base"));
        let expected = "\
raw.a (source)
└── s.base (sql)
    ├── s.left (sql)
    │   └── s.top (sql)
    └── s.right (sql)
        └── s.top (sql)
raw.b (source)
└── s.base (sql) … (above)
";
        assert_eq!(tree(&lineage(&edges, None), &Theme::plain(80)), expected);
    }

    #[test]
    fn a_long_chain_needs_no_stack() {
        let names: Vec<String> = (0..3_000).map(|n| format!("s.t{n}")).collect();
        let edges: Vec<(&str, &str)> = names.windows(2).map(|pair| (pair[0].as_str(), pair[1].as_str())).collect();
        assert_eq!(tree(&lineage(&edges, None), &Theme::plain(80)).lines().count(), 3_000);
    }

    #[test]
    fn dot_is_quoted() {
        let mut value = lineage(&[("raw.a", "s.b")], Some("s.b"));
        value.nodes[0].version = Some("v\"1\\\n".to_owned());
        let expected = "\
digraph lineage {
  rankdir=LR;
  node [fontname=\"sans-serif\"];
  \"raw.a\" [shape=cylinder, label=\"raw.a\\nsource, v\\\"1\\\\\\\\n\"];
  \"s.b\" [shape=box, label=\"s.b\\nsql\", penwidth=2];
  \"raw.a\" -> \"s.b\";
}
";
        assert_eq!(dot(&value), expected);
    }

    #[test]
    fn mermaid_has_safe_ids_and_labels() {
        let mut value = lineage(&[("raw.end", "s.graph")], Some("s.graph"));
        value.nodes[1].action = Some("\"]<b>".to_owned());
        let expected = "\
graph LR
  n0[(\"raw.end<br/>source\")]
  n1[\"s.graph<br/>sql, #34;]#60;b#62;\"]
  n0 --> n1
  style n1 stroke-width:3px
";
        assert_eq!(mermaid(&value), expected);
    }

    #[test]
    fn colour_is_only_there_when_it_is_on() {
        let value = lineage(&DIAMOND, Some("s.base"));
        let theme = Theme::plain(80);
        assert!(!tree(&value, &theme).contains('\u{1b}'));
        let colored = tree(&value, &Theme { color: true, ..theme });
        assert_eq!(console::strip_ansi_codes(&colored), tree(&value, &theme));
    }
}
