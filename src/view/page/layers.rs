//! Positions of boxes: in layers, each to the right of its upstreams, in an order with few crossings.

/// Returns the layer of each node and its position in the layer, from 0; the same for the same graph. In a cycle,
/// which a graph of assets does not have, nodes are in the first layer.
pub(super) fn places(count: usize, edges: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut above = vec![Vec::new(); count];
    let mut below = vec![Vec::new(); count];
    for (from, to) in edges {
        above[*to].push(*from);
        below[*from].push(*to);
    }
    let layer = layers(&above, &below);
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); layer.iter().max().map_or(0, |last| last + 1)];
    for (node, layer) in layer.iter().enumerate() {
        rows[*layer].push(node);
    }
    // Each node moves to the middle of its neighbours, alternately from the left and from the right, several times.
    let mut place = vec![0.0; count];
    let settle = |rows: &[Vec<usize>], place: &mut [f64]| {
        for row in rows {
            let middle = as_float(row.len()) / 2.0;
            for (index, node) in row.iter().enumerate() {
                place[*node] = as_float(index) - middle;
            }
        }
    };
    settle(&rows, &mut place);
    for sweep in 0..12 {
        let (forward, neighbours) = if sweep % 2 == 0 { (true, &above) } else { (false, &below) };
        let order: Vec<usize> = if forward { (0..rows.len()).collect() } else { (0..rows.len()).rev().collect() };
        for index in order {
            let wanted = |node: usize| {
                let near = &neighbours[node];
                if near.is_empty() {
                    place[node]
                } else {
                    near.iter().map(|other| place[*other]).sum::<f64>() / as_float(near.len())
                }
            };
            let mut row: Vec<(f64, usize)> = rows[index].iter().map(|node| (wanted(*node), *node)).collect();
            row.sort_by(|left, right| left.0.total_cmp(&right.0));
            rows[index] = row.into_iter().map(|(_, node)| node).collect();
            settle(&rows[index..=index], &mut place);
        }
    }
    let mut places = vec![(0, 0); count];
    for (layer, row) in rows.iter().enumerate() {
        for (order, node) in row.iter().enumerate() {
            places[*node] = (layer, order);
        }
    }
    places
}

/// Returns the length of the longest path to each node.
fn layers(above: &[Vec<usize>], below: &[Vec<usize>]) -> Vec<usize> {
    let mut waiting: Vec<usize> = above.iter().map(Vec::len).collect();
    let mut ready: Vec<usize> = (0..above.len()).filter(|node| waiting[*node] == 0).collect();
    let mut layer = vec![0; above.len()];
    while let Some(node) = ready.pop() {
        for next in &below[node] {
            layer[*next] = layer[*next].max(layer[node] + 1);
            waiting[*next] -= 1;
            if waiting[*next] == 0 {
                ready.push(*next);
            }
        }
    }
    for (node, waiting) in waiting.iter().enumerate() {
        if *waiting > 0 {
            layer[node] = 0;
        }
    }
    layer
}

#[expect(clippy::cast_precision_loss, reason = "places on a screen")]
fn as_float(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn everything_stands_right_of_what_it_is_made_from() {
        let edges = [(0, 1), (1, 2), (0, 2), (3, 2)];
        let found = places(5, &edges);
        assert_eq!(found.iter().map(|(layer, _)| *layer).collect::<Vec<_>>(), [0, 1, 2, 0, 0]);
        assert!(edges.iter().all(|(from, to)| found[*from].0 < found[*to].0));
    }

    #[test]
    fn crossings_are_taken_out() {
        // 0 → 4, 1 → 3: in the order of their numbers they would cross.
        let found = places(5, &[(0, 4), (1, 3)]);
        assert_eq!(found[0].1 < found[1].1, found[4].1 < found[3].1);
        assert_eq!(places(0, &[]), []);
    }
}
