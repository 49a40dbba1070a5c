mod gather;
mod trace;

use std::collections::BTreeSet;

use clap::{Args, ValueEnum};

use self::trace::Reach;
use super::exit::Exit;
use super::session::Session;
use crate::model::{AssetName, RunId};
use crate::ops::{Known, OpError, RequestError};
use crate::view::{self, Lineage, Place};

/// What `dp lineage` takes.
#[derive(Debug, Args)]
pub(super) struct LineageArgs {
    /// Start at this asset, or trace this column
    #[arg(value_name = "ASSET[.COLUMN]")]
    asset: Option<String>,
    /// Show only upstream assets
    #[arg(long)]
    up: bool,
    /// Show only downstream assets
    #[arg(long)]
    down: bool,
    /// Show assets at most N steps away
    #[arg(long, value_name = "N", requires = "asset")]
    depth: Option<usize>,
    /// Show columns and where each comes from
    #[arg(long)]
    columns: bool,
    /// Show what this run read and wrote, instead of the current declarations
    #[arg(long, value_name = "RUN")]
    run: Option<RunId>,
    /// Output format
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
    /// One interactive page for a browser
    Html,
}

pub(super) fn run(args: &LineageArgs, session: &mut Session) -> Result<Exit, OpError> {
    let (whole, known) = if let Some(run) = args.run {
        (gather::recorded(run, session)?, None)
    } else {
        let known = known(args, session)?;
        (gather::declared(&known, session)?, Some(known))
    };
    let mut lineage = match args.asset.as_deref().map(|asset| focus(asset, &whole)).transpose()? {
        Some(place @ Place { column: Some(_), .. }) => trace::trace(whole, place, reach(args)),
        Some(place) => around(whole, place.asset, reach(args)),
        None => whole,
    };
    lineage.show_columns |= args.columns;
    let format = if session.global.json { Format::Json } else { args.format };
    match format {
        Format::Json => {
            let mut json = view::lineage_json(&lineage);
            session.show_mistakes(known.as_ref(), Some(&mut json));
            return session.json(&json).map(|()| Exit::Done);
        }
        Format::Tree => session.out(&view::tree(&lineage, &session.theme()))?,
        Format::Dot => session.out(&view::dot(&lineage))?,
        Format::Mermaid => session.out(&view::mermaid(&lineage))?,
        Format::Html => session.out_exact(&view::html(&lineage, &title(args, session)?))?,
    }
    session.show_mistakes(known.as_ref(), None);
    Ok(Exit::Done)
}

/// Returns what is known of the project, and an error if the requested asset has mistakes.
fn known(args: &LineageArgs, session: &mut Session) -> Result<Known, OpError> {
    let Some(written) = &args.asset else {
        return session.known(&session.request(&[], &[], false));
    };
    let known = session.known(&session.request_in_part())?;
    // The asset may be followed by a column.
    let ends = written.match_indices('.').map(|(index, _)| index).chain([written.len()]);
    let names: Vec<AssetName> = ends.filter_map(|end| written[..end].parse().ok()).collect();
    session.expect_usable(&known, names.iter().filter(|name| known.analysis.broken.contains_key(*name)))?;
    Ok(known)
}

/// Returns the title of a page.
fn title(args: &LineageArgs, session: &Session) -> Result<String, OpError> {
    // A run can be shown even if the project has mistakes.
    let folder = session.root()?;
    let name = session.declared().map(|(project, _)| project.settings.name);
    let name = name.unwrap_or_else(|_| folder.file_name().unwrap_or_default().to_string_lossy().into_owned());
    let of_run = args.run.map(|run| run.to_string());
    Ok([Some(name), args.asset.clone(), of_run].into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

fn reach(args: &LineageArgs) -> Reach {
    let both = args.up == args.down;
    Reach {
        up: both || args.up,
        down: both || args.down,
        depth: args.depth.unwrap_or(usize::MAX),
    }
}

/// Returns the requested asset or column.
fn focus(written: &str, whole: &Lineage) -> Result<Place, OpError> {
    let find = |name: &str| {
        let name = name.parse::<AssetName>().ok()?;
        whole.nodes.iter().find(|node| node.asset == name)
    };
    if let Some(node) = find(written) {
        return Ok(Place::rows(&node.asset));
    }
    // Names of assets have at most one dot; the text after the longest known name is a column.
    let places = written.match_indices('.').map(|(index, _)| index).take(2).collect::<Vec<_>>();
    for index in places.into_iter().rev() {
        let (Some(node), column) = (find(&written[..index]), &written[index + 1..]) else {
            continue;
        };
        let names = || node.columns.iter().map(|column| column.name.as_str());
        let found =
            names().find(|name| *name == column).or_else(|| names().find(|name| name.eq_ignore_ascii_case(column)));
        if let Some(found) = found {
            return Ok(Place::column(&node.asset, found));
        }
        let help = crate::base::text::did_you_mean(column, names())
            .unwrap_or_else(|| format!("`dp lineage {} --columns` lists the columns", node.asset));
        let name = format!("{}.{column}", node.asset);
        return Err(RequestError::NotFound { name, help }.into());
    }
    let names = whole.nodes.iter().map(|node| node.asset.as_str());
    let help =
        crate::base::text::did_you_mean(written, names).unwrap_or_else(|| "`dp status` lists the assets".to_owned());
    Err(RequestError::NotFound {
        name: written.to_owned(),
        help,
    }
    .into())
}

/// Returns what can be reached from an asset in the requested directions and distance.
fn around(whole: Lineage, focus: AssetName, reach: Reach) -> Lineage {
    let mut kept = BTreeSet::from([focus.clone()]);
    let mut edges = BTreeSet::new();
    for up in [true, false] {
        if !(if up { reach.up } else { reach.down }) {
            continue;
        }
        let mut front = BTreeSet::from([focus.clone()]);
        let mut seen = front.clone();
        for _ in 0..reach.depth {
            let mut next = BTreeSet::new();
            for (index, edge) in whole.edges.iter().enumerate() {
                let (here, there) = if up { (&edge.to, &edge.from) } else { (&edge.from, &edge.to) };
                if front.contains(here) {
                    edges.insert(index);
                    if seen.insert(there.clone()) {
                        next.insert(there.clone());
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
    let edges = whole.edges.into_iter().enumerate().filter(|(index, _)| edges.contains(index));
    Lineage {
        nodes: whole.nodes.into_iter().filter(|node| kept.contains(&node.asset)).collect(),
        edges: edges.map(|(_, edge)| edge).collect(),
        focus: Some(focus),
        ..Lineage::default()
    }
}
