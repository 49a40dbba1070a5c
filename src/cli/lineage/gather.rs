//! Collects the whole graph: as declared, or as a run read and wrote it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::super::session::Session;
use crate::effects::{Owner, Owners};
use crate::model::{AssetName, PathState, RunId, Schema, Version};
use crate::ops::{Known, OpError, RequestError};
use crate::sql::lineage::{ByColumn, ColumnLineage};
use crate::view::{ColumnUse, Edge, FileUse, Lineage, Node, NodeColumn};

/// Returns the declared graph, as far as the project has no mistakes.
pub(super) fn declared(known: &Known, session: &Session) -> Result<Lineage, OpError> {
    let mut lineage = Lineage::default();
    for (name, facts) in &known.analysis.facts {
        let asset = &known.project.assets[name];
        let kind = if asset.is_view() { "view" } else { asset.kind_word() };
        let mut columns = columns(&facts.schema);
        for column in &mut columns {
            let contract = asset.columns.iter().find(|contract| contract.name == column.name);
            column.description = contract.and_then(|contract| contract.description.clone());
        }
        lineage.nodes.push(Node {
            columns,
            files: files(&facts.lineage),
            description: asset.description.clone(),
            owner: asset.owner.clone(),
            unknown: facts.lineage.unknown.clone(),
            ..Node::new(name.clone(), kind)
        });
        lineage.edges.extend(facts.inputs.iter().map(|input| edge(input, name, Some(&**facts.lineage))));
    }
    if known.project.assets.values().any(|asset| asset.command().is_some())
        && let Some(reader) = session.reader()?
    {
        let snapshot = reader.snapshot(&known.project.settings.environment)?;
        let versions = snapshot.published.values().map(|published| &published.version);
        let edges = versions.flat_map(|version| observed(version, &known.surroundings.owners));
        let drawn = |edge: &Edge| {
            [&edge.from, &edge.to].into_iter().all(|name| lineage.nodes.iter().any(|node| node.asset == *name))
        };
        let edges: Vec<Edge> = edges.filter(drawn).collect();
        lineage.edges.extend(edges);
    }
    Ok(lineage)
}

/// Returns what a run read and wrote, from the state alone.
pub(super) fn recorded(run: RunId, session: &Session) -> Result<Lineage, OpError> {
    let not_found = || RequestError::NotFound {
        name: run.to_string(),
        help: "`dp history` lists the runs".to_owned(),
    };
    let reader = session.reader()?.ok_or_else(not_found)?;
    let detail = reader.run(run)?.ok_or_else(not_found)?;
    let mut versions: BTreeMap<AssetName, Version> = BTreeMap::new();
    for step in &detail.steps {
        let version = step.outcome.as_ref().and_then(|outcome| outcome.version.as_ref());
        if let Some(version) = version.map(|id| reader.version(id)).transpose()?.flatten() {
            versions.insert(version.asset.clone(), version);
        }
    }
    // A run can be shown even if the project has mistakes.
    let owners = session.declared().ok().map(|(project, _)| Owners::of(&project));
    let mut lineage = Lineage::default();
    let mut others: BTreeMap<AssetName, Node> = BTreeMap::new();
    for version in versions.values() {
        let is_source = version.inputs.iter().all(|input| input.version.is_none());
        let kind = match (&version.view_sql, &version.program, is_source) {
            (Some(_), ..) => "view",
            (None, Some(_), _) => "command",
            (None, None, true) => "source",
            (None, None, false) => "sql",
        };
        let by_column = reader.column_lineage(&version.id)?;
        lineage.nodes.push(Node {
            version: Some(version.id.to_string()),
            rows: version.rows,
            columns: columns(&version.schema),
            files: by_column.as_ref().map(files).unwrap_or_default(),
            unknown: by_column.as_ref().and_then(|by_column| by_column.unknown.clone()),
            ..Node::new(version.asset.clone(), kind)
        });
        for seen in owners.iter().flat_map(|owners| observed(version, owners)) {
            if !versions.contains_key(&seen.from) {
                others.entry(seen.from.clone()).or_insert_with(|| Node::new(seen.from.clone(), "read"));
            }
            lineage.edges.push(seen);
        }
        for input in version.inputs.iter().filter(|input| input.direct) {
            let (Some(id), Ok(name)) = (&input.version, input.name.parse::<AssetName>()) else {
                continue;
            };
            lineage.edges.push(edge(&name, &version.asset, by_column.as_ref()));
            if !versions.contains_key(&name) {
                let schema = reader.version(id)?.map(|version| version.schema);
                let node = Node {
                    version: Some(id.to_string()),
                    columns: schema.as_ref().map(columns).unwrap_or_default(),
                    ..Node::new(name.clone(), "read")
                };
                others.insert(name, node);
            }
        }
    }
    lineage.nodes.extend(others.into_values());
    Ok(lineage)
}

fn columns(schema: &Schema) -> Vec<NodeColumn> {
    let column = |column: &crate::model::Column| NodeColumn {
        name: column.name.clone(),
        data_type: column.data_type.clone(),
        description: None,
    };
    schema.0.iter().map(column).collect()
}

/// Returns the columns of files that a query reads directly.
fn files(lineage: &ColumnLineage) -> Vec<FileUse> {
    let mut files = Vec::new();
    let mut add = |uses: &ByColumn, output: Option<&str>| {
        for (file, columns) in uses.iter().filter(|(input, _)| input.starts_with("./")) {
            files.extend(columns.iter().map(|(column, hows)| FileUse {
                file: file.clone(),
                column: column.clone(),
                to: output.map(str::to_owned),
                hows: *hows,
            }));
        }
    };
    for output in &lineage.outputs {
        add(&output.sources, Some(&output.name));
    }
    add(&lineage.rows, None);
    files
}

fn edge(from: &AssetName, to: &AssetName, lineage: Option<&ColumnLineage>) -> Edge {
    let mut columns = Vec::new();
    let mut add = |uses: &ByColumn, output: Option<&str>| {
        for (column, hows) in uses.get(from.as_str()).into_iter().flatten() {
            columns.extend(hows.iter().map(|how| ColumnUse {
                from: column.clone(),
                to: output.map(str::to_owned),
                how,
            }));
        }
    };
    if let Some(lineage) = lineage {
        for output in &lineage.outputs {
            add(&output.sources, Some(&output.name));
        }
        add(&lineage.rows, None);
    }
    columns.sort();
    Edge {
        from: from.clone(),
        to: to.clone(),
        columns,
        observed: false,
    }
}

/// Returns the undeclared reads of other assets that a program was observed to make.
fn observed<'a>(version: &'a Version, owners: &'a Owners) -> impl Iterator<Item = Edge> + 'a {
    let read = version.observed().iter().filter(|input| matches!(input.state, PathState::File(_)));
    let owners = read.filter_map(|input| match owners.owner(Path::new(&input.path))? {
        Owner::Asset(asset) | Owner::Source(asset) => Some(asset),
        Owner::Dp => None,
    });
    let declared = |asset: &AssetName| version.input(asset).is_some();
    let others = owners.filter(move |asset| *asset != version.asset && !declared(asset)).collect::<BTreeSet<_>>();
    others.into_iter().map(|from| Edge {
        from,
        to: version.asset.clone(),
        columns: Vec::new(),
        observed: true,
    })
}
