//! Lineage as one HTML page without network access or other files. Names and descriptions are passed only as data,
//! which the page writes as text.

mod layers;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::graph::{Edge, Lineage, Node};
use super::json::json_line;
use super::text::one_line;
use crate::base::text;
use crate::model::AssetName;
use crate::sql::lineage::How;

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Returns the page.
pub fn html(lineage: &Lineage, title: &str) -> String {
    let data = json_line(&data(lineage, title));
    let mut page = String::with_capacity(TEMPLATE.len() + STYLE.len() + SCRIPT.len() + data.len() + title.len());
    let mut rest = TEMPLATE;
    // In one pass, so that a placeholder in the data is not replaced.
    while let Some((before, after)) = rest.split_once("{{") {
        let (key, after) = after.split_once("}}").expect("the template's placeholders are closed");
        page.push_str(before);
        match key {
            "title" => page.push_str(&in_markup(&one_line(title))),
            "style" => page.push_str(STYLE.trim_end()),
            "data" => page.push_str(&in_script(&data)),
            "script" => page.push_str(SCRIPT.trim_end()),
            other => unreachable!("the template has no placeholder `{other}`"),
        }
        rest = after;
    }
    page.push_str(rest);
    page
}

fn data(lineage: &Lineage, title: &str) -> Value {
    let numbers: BTreeMap<&AssetName, usize> =
        lineage.nodes.iter().enumerate().map(|(number, node)| (&node.asset, number)).collect();
    let ends: Vec<(usize, usize)> =
        lineage.edges.iter().filter_map(|edge| Some((*numbers.get(&edge.from)?, *numbers.get(&edge.to)?))).collect();
    let places = layers::places(lineage.nodes.len(), &ends);
    let nodes = lineage.nodes.iter().zip(&places).map(|(node, place)| node_data(node, *place));
    let known = lineage.edges.iter().filter(|edge| numbers.contains_key(&edge.from) && numbers.contains_key(&edge.to));
    let edges = known.zip(&ends).map(|(edge, (from, to))| {
        json!([from, to, uses(edge, &lineage.nodes[*from], &lineage.nodes[*to]), u8::from(edge.observed)])
    });
    let mut value = json!({
        "title": title,
        "hows": How::ALL.map(How::word),
        "nodes": nodes.collect::<Vec<_>>(),
        "edges": edges.collect::<Vec<_>>(),
    });
    if let Some(number) = lineage.focus.as_ref().and_then(|focus| numbers.get(focus)) {
        let column = lineage.trace.as_ref().and_then(|trace| trace.focus.as_ref()?.column.as_deref());
        value["focus"] = json!([number, column.and_then(|column| position(&lineage.nodes[*number], column))]);
    }
    value
}

fn node_data(node: &Node, (layer, order): (usize, usize)) -> Value {
    let columns = node.columns.iter().map(|column| match &column.description {
        Some(description) => json!([column.name, column.data_type, description]),
        None => json!([column.name, column.data_type]),
    });
    let mut value = Map::new();
    value.insert("asset".to_owned(), json!(node.asset));
    value.insert("kind".to_owned(), json!(node.kind));
    value.insert("columns".to_owned(), columns.collect());
    value.insert("layer".to_owned(), json!(layer));
    value.insert("order".to_owned(), json!(order));
    let rows = node.rows.map(|rows| text::count(usize::try_from(rows).unwrap_or(usize::MAX), "row"));
    for (key, text) in [
        ("description", &node.description),
        ("owner", &node.owner),
        ("version", &node.version),
        ("rows", &rows),
        ("unknown", &node.unknown),
    ] {
        if let Some(text) = text {
            value.insert(key.to_owned(), json!(text));
        }
    }
    Value::Object(value)
}

/// Returns the uses by position: upstream column, downstream column or -1 for its rows, and kind.
fn uses(edge: &Edge, from: &Node, to: &Node) -> Vec<(usize, i64, usize)> {
    let of = |used: &super::columns::ColumnUse| {
        let output = match &used.to {
            Some(column) => i64::try_from(position(to, column)?).ok()?,
            None => -1,
        };
        let how = How::ALL.iter().position(|how| *how == used.how)?;
        Some((position(from, &used.from)?, output, how))
    };
    edge.columns.iter().filter_map(of).collect()
}

fn position(node: &Node, column: &str) -> Option<usize> {
    node.columns.iter().position(|known| known.name == column)
}

/// Escapes JSON so that it neither ends the script nor opens a comment.
fn in_script(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for char in json.chars() {
        match char {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => safe.push_str(&format!("\\u{:04x}", u32::from(char))),
            _ => safe.push(char),
        }
    }
    safe
}

fn in_markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::NodeColumn;

    #[test]
    fn nothing_that_a_person_wrote_becomes_markup() {
        let hostile = "</script><script>alert(1)</script><!--\u{2028}{{script}}&amp;\"'";
        let lineage = Lineage {
            nodes: vec![Node {
                columns: vec![NodeColumn {
                    name: hostile.to_owned(),
                    data_type: hostile.to_owned(),
                    description: Some(hostile.to_owned()),
                }],
                description: Some(hostile.to_owned()),
                owner: Some(hostile.to_owned()),
                ..Node::new("a.b".parse().unwrap(), "sql")
            }],
            ..Lineage::default()
        };
        let page = html(&lineage, hostile);
        assert_eq!(page.matches("<script").count(), 2, "the page's own two");
        assert_eq!(page.matches("</script").count(), 2);
        assert!(!page.contains("<!--"));
        assert!(!page.contains('\u{2028}') || page.find('\u{2028}') < page.find("</title>"));
        assert_eq!(page.matches("'use strict'").count(), 1, "the data's placeholder stays text");
        let start = page.find("type=\"application/json\">").unwrap() + "type=\"application/json\">".len();
        let json: Value = serde_json::from_str(&page[start..start + page[start..].find("</script>").unwrap()]).unwrap();
        assert_eq!(json["nodes"][0]["columns"][0][0], hostile);
        assert_eq!(json["title"], hostile);
    }

    #[test]
    fn the_page_asks_the_network_for_nothing() {
        for text in [TEMPLATE, STYLE, SCRIPT] {
            for word in ["http:", "https:", "//cdn", "src=", "@import", "url(", "fetch(", "XMLHttpRequest", "innerHTML"]
            {
                assert!(!text.contains(word), "{word}");
            }
        }
        assert!(TEMPLATE.contains("default-src 'none'"));
    }
}
