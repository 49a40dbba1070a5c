//! Traces one column through the graph, in both directions.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::model::AssetName;
use crate::sql::lineage::{How, Hows};
use crate::view::{ColumnTrace, Edge, Lineage, NodeColumn, Place, Ways};

/// The extent of a trace.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    pub up: bool,
    pub down: bool,
    /// The number of steps from asset to asset.
    pub depth: usize,
}

/// Returns what a column derives from and what derives from it, with the required parts of the graph.
///
/// What decides the rows of an asset decides each of its columns. Upstream, the rows of the column's asset are
/// therefore traced too; downstream, everything below an asset whose rows the column decides.
pub(super) fn trace(whole: Lineage, focus: Place, reach: Reach) -> Lineage {
    let web = Web::of(&whole.edges);
    let mut trace = ColumnTrace::default();
    if reach.up {
        trace.up = walk(&focus, reach.depth, |place| web.above(place, *place == focus));
    }
    if reach.down {
        trace.down = walk(&focus, reach.depth, |place| web.below(place));
    }
    let mut kept = BTreeSet::from([focus.asset.clone()]);
    let mut used: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    let up = trace.up.iter().flat_map(|(to, ways)| ways.keys().map(move |from| (from, to)));
    let down = trace.down.iter().flat_map(|(from, ways)| ways.keys().map(move |to| (from, to)));
    for (from, to) in up.chain(down) {
        kept.extend([from.asset.clone(), to.asset.clone()]);
        used.entry((from.asset.clone(), to.asset.clone()))
            .or_default()
            .insert((from.column.clone(), to.column.clone()));
    }
    let edges = whole.edges.into_iter().filter_map(|mut edge| {
        let used = used.get(&(edge.from.clone(), edge.to.clone()))?;
        edge.columns.retain(|column| used.contains(&(Some(column.from.clone()), column.to.clone())));
        Some(edge)
    });
    let edges: Vec<Edge> = edges.collect();
    let nodes = whole.nodes.into_iter().filter(|node| kept.contains(&node.asset)).map(|mut node| {
        let named = |column: &NodeColumn| {
            let here = |asset: &AssetName, name: Option<&String>| *asset == node.asset && name == Some(&column.name);
            here(&focus.asset, focus.column.as_ref())
                || edges.iter().any(|edge| {
                    edge.columns
                        .iter()
                        .any(|used| here(&edge.from, Some(&used.from)) || here(&edge.to, used.to.as_ref()))
                })
        };
        let columns = std::mem::take(&mut node.columns);
        node.columns = columns.into_iter().filter(named).collect();
        node
    });
    Lineage {
        nodes: nodes.collect(),
        focus: Some(focus.asset.clone()),
        trace: Some(ColumnTrace {
            focus: Some(focus),
            ..trace
        }),
        show_columns: true,
        edges,
    }
}

/// Returns each place that can be reached within `depth` assets, with the edges from it.
fn walk(focus: &Place, depth: usize, next: impl Fn(&Place) -> Ways) -> BTreeMap<Place, Ways> {
    let mut reached: BTreeMap<Place, Ways> = BTreeMap::new();
    // Nearer places come first, so each place is reached on its shortest path first.
    let mut front = VecDeque::from([(focus.clone(), 0)]);
    while let Some((place, distance)) = front.pop_front() {
        if reached.contains_key(&place) {
            continue;
        }
        let is_near = |to: &Place| to.asset == place.asset;
        let ways: Ways = next(&place).into_iter().filter(|(to, _)| is_near(to) || distance < depth).collect();
        for to in ways.keys() {
            if is_near(to) {
                front.push_front((to.clone(), distance));
            } else {
                front.push_back((to.clone(), distance + 1));
            }
        }
        reached.insert(place, ways);
    }
    reached.retain(|_, ways| !ways.is_empty());
    reached
}

/// Edges by their ends.
struct Web<'a> {
    into: BTreeMap<&'a str, Vec<&'a Edge>>,
    from: BTreeMap<&'a str, Vec<&'a Edge>>,
}

impl<'a> Web<'a> {
    fn of(edges: &'a [Edge]) -> Self {
        let mut web = Self {
            into: BTreeMap::new(),
            from: BTreeMap::new(),
        };
        for edge in edges {
            web.into.entry(edge.to.as_str()).or_default().push(edge);
            web.from.entry(edge.from.as_str()).or_default().push(edge);
        }
        web
    }

    /// Returns what a place derives from.
    fn above(&self, place: &Place, with_rows: bool) -> Ways {
        let mut ways = Ways::new();
        for edge in self.into.get(place.asset.as_str()).into_iter().flatten() {
            for used in edge.columns.iter().filter(|used| used.to == place.column) {
                add(&mut ways, Place::column(&edge.from, &used.from), Some(used.how));
            }
            if place.column.is_none() {
                add(&mut ways, Place::rows(&edge.from), None);
            }
        }
        if with_rows && place.column.is_some() && self.into.contains_key(place.asset.as_str()) {
            add(&mut ways, Place::rows(&place.asset), None);
        }
        ways
    }

    /// Returns what derives from a place.
    fn below(&self, place: &Place) -> Ways {
        let mut ways = Ways::new();
        for edge in self.from.get(place.asset.as_str()).into_iter().flatten() {
            if place.column.is_none() {
                add(&mut ways, Place::rows(&edge.to), None);
            }
            for used in edge.columns.iter().filter(|used| Some(&used.from) == place.column.as_ref()) {
                let to = Place {
                    asset: edge.to.clone(),
                    column: used.to.clone(),
                };
                add(&mut ways, to, Some(used.how));
            }
        }
        ways
    }
}

fn add(ways: &mut Ways, place: Place, how: Option<How>) {
    let known = ways.entry(place).or_default();
    *known = how.map_or(*known, |how| known.and(Hows::of(how)));
}
