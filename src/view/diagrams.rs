//! Columns in diagrams for other tools: Graphviz and Mermaid.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::graph::{Edge, Lineage, Node, dot_quoted, mermaid_escaped};
use super::text::one_line;
use crate::sql::lineage::Hows;

/// Columns of two assets, and the words for all uses of one in the other.
type Uses<'a> = BTreeMap<(&'a str, Option<&'a str>), Hows>;

fn uses(edge: &Edge) -> Uses<'_> {
    let mut uses = Uses::new();
    for used in &edge.columns {
        let known = uses.entry((&used.from, used.to.as_deref())).or_default();
        *known = known.and(Hows::of(used.how));
    }
    uses
}

fn position(node: Option<&Node>, column: &str) -> Option<usize> {
    node?.columns.iter().position(|known| known.name == column)
}

/// Formats for Graphviz: a table per asset, a row per column.
pub(super) fn dot_columns(lineage: &Lineage) -> String {
    let mut out = "digraph lineage {\n  rankdir=LR;\n  node [shape=plain, fontname=\"sans-serif\"];\n".to_owned();
    let mut nodes = BTreeMap::new();
    for node in &lineage.nodes {
        nodes.insert(&node.asset, node);
        let title = [vec![node.asset.to_string()], node.notes()].concat();
        let mut rows = format!(
            "<tr><td port=\"rows\"><b>{}</b></td></tr>",
            title.iter().map(|part| markup(part)).collect::<Vec<_>>().join("<br/>")
        );
        for (index, column) in node.columns.iter().enumerate() {
            let _ = write!(rows, "<tr><td port=\"c{index}\" align=\"left\">{}</td></tr>", markup(&column.name));
        }
        let name = dot_quoted(node.asset.as_str());
        let _ =
            writeln!(out, "  {name} [label=<<table border=\"0\" cellborder=\"1\" cellspacing=\"0\">{rows}</table>>];");
    }
    let port = |node: Option<&Node>, column: Option<&str>| {
        column.and_then(|column| position(node, column)).map_or("rows".to_owned(), |index| format!("c{index}"))
    };
    for edge in &lineage.edges {
        let (from, to) = (dot_quoted(edge.from.as_str()), dot_quoted(edge.to.as_str()));
        let (source, target) = (nodes.get(&edge.from).copied(), nodes.get(&edge.to).copied());
        if edge.columns.is_empty() {
            let label = if edge.observed { ", label=\"observed\"" } else { "" };
            let _ = writeln!(out, "  {from}:rows -> {to}:rows [style=dotted{label}];");
        }
        for ((column, output), hows) in uses(edge) {
            let (start, end) = (port(source, Some(column)), port(target, output));
            let style = if output.is_none() { ", style=dashed" } else { "" };
            let _ = writeln!(out, "  {from}:{start} -> {to}:{end} [tooltip=\"{hows}\"{style}];");
        }
    }
    out.push_str("}\n");
    out
}

/// Escapes text for Graphviz's markup, which uses the entities of HTML.
fn markup(text: &str) -> String {
    one_line(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Formats for Mermaid: a group per asset, a box per column.
pub(super) fn mermaid_columns(lineage: &Lineage) -> String {
    let mut out = "graph LR\n".to_owned();
    let mut numbers = BTreeMap::new();
    for (index, node) in lineage.nodes.iter().enumerate() {
        numbers.insert(&node.asset, (index, node));
        let title = [vec![node.asset.to_string()], node.notes()].concat().join(", ");
        let _ = writeln!(out, "  subgraph n{index}[\"{}\"]", mermaid_escaped(&title));
        for (column, known) in node.columns.iter().enumerate() {
            let _ = writeln!(out, "    n{index}c{column}[\"{}\"]", mermaid_escaped(&known.name));
        }
        // Mermaid does not draw an empty group.
        if node.columns.is_empty() {
            let _ = writeln!(out, "    n{index}r[\"rows\"]");
        }
        out.push_str("  end\n");
    }
    let place = |(index, node): (usize, &Node), column: Option<&str>| {
        let column = column.and_then(|column| position(Some(node), column));
        column.map_or_else(|| format!("n{index}"), |column| format!("n{index}c{column}"))
    };
    for edge in &lineage.edges {
        let (Some(from), Some(to)) = (numbers.get(&edge.from), numbers.get(&edge.to)) else {
            continue;
        };
        if edge.columns.is_empty() {
            let arrow = if edge.observed { "-. observed .->" } else { "-.->" };
            let _ = writeln!(out, "  n{} {arrow} n{}", from.0, to.0);
        }
        for ((column, output), hows) in uses(edge) {
            let (start, end) = (place(*from, Some(column)), place(*to, output));
            match output {
                Some(_) => {
                    let _ = writeln!(out, "  {start} --> {end}");
                }
                None => {
                    let _ = writeln!(out, "  {start} -. {hows} .-> {end}");
                }
            }
        }
    }
    if let Some((index, _)) = lineage.focus.as_ref().and_then(|focus| numbers.get(focus)) {
        let _ = writeln!(out, "  style n{index} stroke-width:3px");
    }
    out
}
