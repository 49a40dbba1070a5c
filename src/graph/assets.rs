use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::model::AssetName;

/// Assets and their edges, from upstream to downstream.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    edges: DiGraph<AssetName, ()>,
    nodes: BTreeMap<AssetName, NodeIndex>,
    order: Vec<AssetName>,
}

/// Assets that depend on each other in a cycle: each reads the next, and the last reads the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameCycle(pub Vec<AssetName>);

impl Graph {
    /// Builds the graph from each asset's upstreams. Upstreams that are not assets are left out.
    ///
    /// # Errors
    /// One cycle for each group of assets that depend on each other: a shortest one through the group's first name.
    pub fn new(upstreams: &BTreeMap<AssetName, BTreeSet<AssetName>>) -> Result<Self, Vec<NameCycle>> {
        let mut graph = DiGraph::with_capacity(upstreams.len(), upstreams.len() * 2);
        let nodes: BTreeMap<_, _> = upstreams.keys().map(|name| (name.clone(), graph.add_node(name.clone()))).collect();
        for (name, inputs) in upstreams {
            for input in inputs {
                if let Some(from) = nodes.get(input) {
                    graph.add_edge(*from, nodes[name], ());
                }
            }
        }
        let order = topological(&graph);
        if order.len() < graph.node_count() {
            return Err(cycles(&graph));
        }
        Ok(Self {
            edges: graph,
            nodes,
            order,
        })
    }

    /// Returns all assets, each after its upstreams; otherwise ordered by name.
    pub fn order(&self) -> &[AssetName] {
        &self.order
    }

    /// Returns all assets in layers: the upstreams of an asset are in earlier layers, so the assets of one layer are
    /// independent.
    pub fn levels(&self) -> Vec<Vec<&AssetName>> {
        let mut depths: BTreeMap<&AssetName, usize> = BTreeMap::new();
        let mut levels: Vec<Vec<&AssetName>> = Vec::new();
        for name in &self.order {
            let above = self.edges.neighbors_directed(self.nodes[name], Direction::Incoming);
            let depth = above.map(|node| depths[&self.edges[node]] + 1).max().unwrap_or(0);
            depths.insert(name, depth);
            if levels.len() <= depth {
                levels.push(Vec::new());
            }
            levels[depth].push(name);
        }
        levels
    }

    /// Returns the direct upstreams of an asset, by name.
    pub fn upstreams(&self, name: &AssetName) -> Vec<&AssetName> {
        self.neighbours(name, Direction::Incoming)
    }

    /// Returns the direct downstreams of an asset, by name.
    pub fn downstreams(&self, name: &AssetName) -> Vec<&AssetName> {
        self.neighbours(name, Direction::Outgoing)
    }

    fn neighbours(&self, name: &AssetName, direction: Direction) -> Vec<&AssetName> {
        let Some(node) = self.nodes.get(name) else {
            return Vec::new();
        };
        let mut names: Vec<_> =
            self.edges.neighbors_directed(*node, direction).map(|neighbour| &self.edges[neighbour]).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Returns all upstream assets, without the asset itself.
    pub fn ancestors(&self, name: &AssetName) -> BTreeSet<AssetName> {
        self.reach(name, Direction::Incoming, usize::MAX)
    }

    /// Returns all downstream assets, without the asset itself.
    pub fn descendants(&self, name: &AssetName) -> BTreeSet<AssetName> {
        self.reach(name, Direction::Outgoing, usize::MAX)
    }

    /// Returns the assets that can be reached in at most `depth` steps, upstream or downstream.
    pub fn within(&self, name: &AssetName, up: bool, depth: usize) -> BTreeSet<AssetName> {
        let direction = if up { Direction::Incoming } else { Direction::Outgoing };
        self.reach(name, direction, depth)
    }

    fn reach(&self, name: &AssetName, direction: Direction, depth: usize) -> BTreeSet<AssetName> {
        let mut reached = BTreeSet::new();
        let mut front: Vec<NodeIndex> = self.nodes.get(name).copied().into_iter().collect();
        for _ in 0..depth {
            let mut next = Vec::new();
            for node in front {
                for neighbour in self.edges.neighbors_directed(node, direction) {
                    if reached.insert(self.edges[neighbour].clone()) {
                        next.push(neighbour);
                    }
                }
            }
            if next.is_empty() {
                break;
            }
            front = next;
        }
        reached
    }
}

/// Kahn's algorithm, which takes the smallest name of the ready ones. The result is shorter than the graph if it has
/// cycles.
fn topological(graph: &DiGraph<AssetName, ()>) -> Vec<AssetName> {
    let mut missing: Vec<usize> =
        graph.node_indices().map(|node| graph.neighbors_directed(node, Direction::Incoming).count()).collect();
    // Nodes are numbered by name, so the smallest index is the smallest name.
    let mut ready: BinaryHeap<Reverse<usize>> =
        (0..missing.len()).filter(|node| missing[*node] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(missing.len());
    while let Some(Reverse(index)) = ready.pop() {
        let node = NodeIndex::new(index);
        order.push(graph[node].clone());
        for next in graph.neighbors_directed(node, Direction::Outgoing) {
            missing[next.index()] -= 1;
            if missing[next.index()] == 0 {
                ready.push(Reverse(next.index()));
            }
        }
    }
    order
}

fn cycles(graph: &DiGraph<AssetName, ()>) -> Vec<NameCycle> {
    let mut found = Vec::new();
    for component in petgraph::algo::tarjan_scc(graph) {
        let members: BTreeSet<NodeIndex> = component.iter().copied().collect();
        let first = *members.first().expect("a component has a member");
        if members.len() == 1 && !graph.contains_edge(first, first) {
            continue;
        }
        // Breadth-first along "reads", so that the reported cycle is a shortest one.
        let mut previous: BTreeMap<NodeIndex, NodeIndex> = BTreeMap::new();
        let mut front = vec![first];
        'search: loop {
            let mut next = Vec::new();
            for node in front {
                let mut inputs: Vec<_> = graph.neighbors_directed(node, Direction::Incoming).collect();
                inputs.sort();
                for input in inputs {
                    if !members.contains(&input) || previous.contains_key(&input) {
                        continue;
                    }
                    previous.insert(input, node);
                    if input == first {
                        break 'search;
                    }
                    next.push(input);
                }
            }
            front = next;
        }
        let mut path = vec![graph[first].clone()];
        let mut node = previous[&first];
        while node != first {
            path.push(graph[node].clone());
            node = previous[&node];
        }
        path[1..].reverse();
        found.push(NameCycle(path));
    }
    found.sort_by(|left, right| left.0.cmp(&right.0));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> AssetName {
        text.parse().unwrap()
    }

    fn graph(edges: &[(&str, &[&str])]) -> Result<Graph, Vec<NameCycle>> {
        let upstreams = edges
            .iter()
            .map(|(asset, inputs)| (name(asset), inputs.iter().map(|input| name(input)).collect()))
            .collect();
        Graph::new(&upstreams)
    }

    #[test]
    fn order_follows_edges_then_names() {
        let graph = graph(&[("c", &["b"]), ("b", &[]), ("a", &["b"]), ("d", &[])]).unwrap();
        let order: Vec<_> = graph.order().iter().map(AssetName::table).collect();
        assert_eq!(order, ["b", "a", "c", "d"]);
        assert_eq!(graph.downstreams(&name("b")), [&name("a"), &name("c")]);
    }

    #[test]
    fn a_layer_reads_layers_before_it() {
        let graph = graph(&[("c", &["b"]), ("b", &[]), ("a", &["b"]), ("d", &["a", "b"])]).unwrap();
        let levels: Vec<Vec<_>> =
            graph.levels().iter().map(|level| level.iter().map(|name| name.table()).collect()).collect();
        assert_eq!(levels, [vec!["b"], vec!["a", "c"], vec!["d"]]);
    }

    #[test]
    fn a_cycle_is_shown_whole() {
        let cycles = graph(&[("a", &["b"]), ("b", &["c"]), ("c", &["a", "d"]), ("d", &[]), ("e", &["e"])]).unwrap_err();
        assert_eq!(cycles, [NameCycle(vec![name("a"), name("b"), name("c")]), NameCycle(vec![name("e")])]);
    }

    #[test]
    fn reach_stops_at_the_depth() {
        let graph = graph(&[("a", &[]), ("b", &["a"]), ("c", &["b"])]).unwrap();
        assert_eq!(graph.within(&name("a"), false, 1), [name("b")].into());
        assert_eq!(graph.ancestors(&name("c")), [name("a"), name("b")].into());
    }
}
