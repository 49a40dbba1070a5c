use std::collections::{BTreeMap, BTreeSet};

use clap::{Args, ValueEnum};

use super::error::{CliError, RequestError};
use super::exit::Exit;
use super::session::Session;
use crate::project::AssetName;
use crate::state::{RunId, Version};
use crate::view::{self, Edge, Lineage, Node};

/// What `dp lineage` takes.
#[derive(Debug, Args)]
pub(super) struct LineageArgs {
    /// Begin at this asset
    asset: Option<String>,
    /// Only what it is made from
    #[arg(long)]
    up: bool,
    /// Only what is made from it
    #[arg(long)]
    down: bool,
    /// At most so many steps away
    #[arg(long, value_name = "N", requires = "asset")]
    depth: Option<usize>,
    /// What this run really read and wrote, whatever is declared now
    #[arg(long, value_name = "RUN")]
    run: Option<RunId>,
    /// How to draw it
    #[arg(long, value_name = "FORMAT", default_value = "tree")]
    format: Format,
}

/// How lineage is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For the terminal
    Tree,
    /// For Graphviz
    Dot,
    /// For Markdown
    Mermaid,
    /// For programs
    Json,
}

pub(super) fn run(args: &LineageArgs, session: &mut Session) -> Result<Exit, CliError> {
    let whole = match args.run {
        Some(run) => recorded(run, session)?,
        None => declared(session)?,
    };
    let focus = args.asset.as_deref().map(|asset| focus(asset, &whole)).transpose()?;
    let lineage = match focus {
        Some(focus) => around(whole, focus, args),
        None => whole,
    };
    let format = if session.global.json { Format::Json } else { args.format };
    match format {
        Format::Json => session.json(&view::lineage_json(&lineage))?,
        Format::Tree => session.out(&view::tree(&lineage, &session.theme()))?,
        Format::Dot => session.out(&view::dot(&lineage))?,
        Format::Mermaid => session.out(&view::mermaid(&lineage))?,
    }
    Ok(Exit::Done)
}

fn declared(session: &mut Session) -> Result<Lineage, CliError> {
    let request = session.request(&[], &[], false);
    let known = session.known(&request)?;
    let mut lineage = Lineage::default();
    for (name, facts) in &known.analysis.facts {
        let asset = &known.project.assets[name];
        let kind = if asset.is_view() { "view" } else { asset.kind_word() };
        lineage.nodes.push(Node::new(name.clone(), kind));
        lineage.edges.extend(facts.inputs.iter().map(|input| Edge {
            from: input.clone(),
            to: name.clone(),
        }));
    }
    Ok(lineage)
}

/// What a run read and wrote, from the record alone.
fn recorded(run: RunId, session: &Session) -> Result<Lineage, CliError> {
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
    let mut lineage = Lineage::default();
    let mut others: BTreeMap<AssetName, Node> = BTreeMap::new();
    for version in versions.values() {
        let is_source = version.inputs.iter().all(|input| input.version.is_none());
        let kind = match (&version.view_sql, is_source) {
            (Some(_), _) => "view",
            (None, true) => "source",
            (None, false) => "sql",
        };
        lineage.nodes.push(Node {
            version: Some(version.id.to_string()),
            rows: version.rows,
            ..Node::new(version.asset.clone(), kind)
        });
        for input in version.inputs.iter().filter(|input| input.direct) {
            let (Some(id), Ok(name)) = (&input.version, input.name.parse::<AssetName>()) else {
                continue;
            };
            lineage.edges.push(Edge {
                from: name.clone(),
                to: version.asset.clone(),
            });
            if !versions.contains_key(&name) {
                let node = Node {
                    version: Some(id.to_string()),
                    ..Node::new(name.clone(), "read")
                };
                others.insert(name, node);
            }
        }
    }
    lineage.nodes.extend(others.into_values());
    Ok(lineage)
}

fn focus(asset: &str, whole: &Lineage) -> Result<AssetName, CliError> {
    let wanted = asset.parse::<AssetName>().ok();
    let found = whole.nodes.iter().find(|node| Some(&node.asset) == wanted.as_ref());
    found.map(|node| node.asset.clone()).ok_or_else(|| {
        let names = whole.nodes.iter().map(|node| node.asset.as_str());
        let help =
            crate::words::did_you_mean(asset, names).unwrap_or_else(|| "`dp status` lists the assets".to_owned());
        RequestError::NotFound {
            name: asset.to_owned(),
            help,
        }
        .into()
    })
}

/// What can be reached from an asset in the directions and within the distance asked for.
fn around(whole: Lineage, focus: AssetName, args: &LineageArgs) -> Lineage {
    let both = args.up == args.down;
    let depth = args.depth.unwrap_or(usize::MAX);
    let mut kept = BTreeSet::from([focus.clone()]);
    let mut edges = BTreeSet::new();
    for up in [true, false] {
        if !(both || up == args.up) {
            continue;
        }
        let mut front = vec![focus.clone()];
        let mut seen = BTreeSet::from([focus.clone()]);
        for _ in 0..depth {
            let mut next = Vec::new();
            for edge in &whole.edges {
                let (here, there) = if up { (&edge.to, &edge.from) } else { (&edge.from, &edge.to) };
                if front.contains(here) {
                    edges.insert((edge.from.clone(), edge.to.clone()));
                    if seen.insert(there.clone()) {
                        next.push(there.clone());
                    }
                }
            }
            if next.is_empty() {
                break;
            }
            front = next;
        }
        kept.extend(seen);
    }
    Lineage {
        nodes: whole.nodes.into_iter().filter(|node| kept.contains(&node.asset)).collect(),
        edges: edges.into_iter().map(|(from, to)| Edge { from, to }).collect(),
        focus: Some(focus),
    }
}
