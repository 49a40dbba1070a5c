use std::collections::BTreeSet;

use clap::Args;
use serde_json::json;

use super::versions;
use crate::base::text;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::model::{AssetName, EnvironmentName, Version};
use crate::ops::{OpError, RequestError, snapshot};
use crate::ops::{environment_names, expect_known};
use crate::view::{self, Cell, Role, Table};

/// What `dp env diff` takes.
#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// First environment [default: prod]
    a: Option<String>,
    /// Second environment; a single name is compared with prod [default: that of --env]
    b: Option<String>,
    /// List equal assets too
    #[arg(long)]
    all: bool,
}

/// One asset in two environments.
struct Pair<'a> {
    asset: &'a AssetName,
    a: Option<&'a Version>,
    b: Option<&'a Version>,
}

/// A column with its types in both environments.
struct ColumnPair<'a> {
    name: &'a str,
    a: Option<&'a str>,
    b: Option<&'a str>,
}

pub(super) fn run(args: &DiffArgs, session: &mut Session) -> Result<Exit, OpError> {
    let (project, _) = session.declared()?;
    let reader = session.reader()?;
    let names = environment_names(&project, reader.as_ref())?;
    let (a, b) = sides(args, &session.global.env, &names)?;
    for name in [&a, &b] {
        expect_known(name, &names)?;
    }
    let (here, there) = match &reader {
        Some(reader) => {
            reader.at_one_moment(|| Ok::<_, OpError>((snapshot(Some(reader), &a)?, snapshot(Some(reader), &b)?)))?
        }
        None => Default::default(),
    };
    let (here, there) = (versions(&here), versions(&there));
    let assets: BTreeSet<&AssetName> = here.keys().chain(there.keys()).copied().collect();
    let pairs: Vec<Pair<'_>> = assets
        .into_iter()
        .map(|asset| Pair {
            asset,
            a: here.get(asset).copied(),
            b: there.get(asset).copied(),
        })
        .collect();
    if session.global.json {
        session.json(&as_json(&pairs, &a, &b, args.all))?;
    } else {
        session.out(&text(&pairs, &a, &b, args.all, session))?;
    }
    Ok(Exit::Done)
}

/// Returns the two environments to compare.
fn sides(args: &DiffArgs, environment: &str, names: &BTreeSet<String>) -> Result<(String, String), OpError> {
    let prod = EnvironmentName::PROD;
    match (&args.a, &args.b) {
        (Some(a), Some(b)) => Ok((a.clone(), b.clone())),
        (Some(other), None) if other != prod => Ok((prod.to_owned(), other.clone())),
        (None, _) if environment != prod => Ok((prod.to_owned(), environment.to_owned())),
        _ => {
            let mut others = names.iter().filter(|name| *name != prod);
            match (others.next(), others.next()) {
                (Some(only), None) => Ok((prod.to_owned(), only.clone())),
                _ => Err(RequestError::BadArgument {
                    command: "env diff",
                    why: format!("name two of {}", text::named(names, 10)),
                }
                .into()),
            }
        }
    }
}

impl Pair<'_> {
    /// Returns how the two differ, in the words of the JSON; empty if they are the same.
    fn differs(&self) -> Vec<&'static str> {
        let (Some(a), Some(b)) = (self.a, self.b) else {
            return vec![if self.a.is_some() { "only_a" } else { "only_b" }];
        };
        if a.id == b.id {
            return Vec::new();
        }
        let mut differs = Vec::new();
        if a.definition != b.definition {
            differs.push("definition");
        }
        if a.schema != b.schema {
            differs.push("columns");
        }
        if a.rows != b.rows {
            differs.push("rows");
        }
        if a.content != b.content {
            differs.push("content");
        }
        // The same in everything that counts, but built twice.
        if differs.is_empty() {
            differs.push("version");
        }
        differs
    }

    fn words(&self, a: &str, b: &str) -> String {
        let differs = self.differs();
        match differs.as_slice() {
            [] => "same".to_owned(),
            ["only_a"] => format!("only in {a}"),
            ["only_b"] => format!("only in {b}"),
            ["version"] => "same, built twice".to_owned(),
            _ => differs.join(", "),
        }
    }

    /// Returns columns that only one side has or whose types differ; all columns if only their order differs.
    fn columns(&self) -> Vec<ColumnPair<'_>> {
        let (Some(a), Some(b)) = (self.a, self.b) else {
            return Vec::new();
        };
        let both: BTreeSet<&str> = a.schema.names().chain(b.schema.names()).collect();
        let of = |version: &'_ Version, name: &str| version.schema.0.iter().position(|column| column.name == name);
        let mut pairs: Vec<(usize, ColumnPair<'_>)> = both
            .into_iter()
            .filter_map(|name| {
                let (in_a, in_b) = (of(a, name), of(b, name));
                let pair = ColumnPair {
                    name,
                    a: in_a.map(|index| a.schema.0[index].data_type.as_str()),
                    b: in_b.map(|index| b.schema.0[index].data_type.as_str()),
                };
                (pair.a != pair.b).then(|| (in_b.or(in_a).unwrap_or_default(), pair))
            })
            .collect();
        pairs.sort_by_key(|(index, _)| *index);
        pairs.into_iter().map(|(_, pair)| pair).collect()
    }
}

fn rows(version: Option<&Version>) -> Cell {
    match version {
        None => Cell::Empty,
        Some(version) if version.is_view() => Cell::text("view"),
        Some(version) => version.rows.map_or(Cell::Empty, Cell::count),
    }
}

fn text(pairs: &[Pair<'_>], a: &str, b: &str, all: bool, session: &Session) -> String {
    let theme = session.theme();
    let (differ, same): (Vec<&Pair<'_>>, Vec<&Pair<'_>>) = pairs.iter().partition(|pair| !pair.differs().is_empty());
    let shown: Vec<&Pair<'_>> = if all { pairs.iter().collect() } else { differ.clone() };
    let mut text = String::new();
    if !shown.is_empty() {
        let mut table =
            Table::new(["asset".to_owned(), format!("rows in {a}"), format!("rows in {b}"), "differs".to_owned()]);
        for pair in &shown {
            let words = pair.words(a, b);
            let words = match (pair.a, pair.b) {
                (Some(_), None) => Cell::Styled(Role::Removed, words),
                (None, Some(_)) => Cell::Styled(Role::Added, words),
                _ if pair.differs().is_empty() => Cell::Styled(Role::Muted, words),
                _ => Cell::Styled(Role::Changed, words),
            };
            table.push([Cell::text(pair.asset.to_string()), rows(pair.a), rows(pair.b), words]);
        }
        text.push_str(&table.render(&theme));
        text.push('\n');
    }
    for pair in shown.iter().filter(|pair| pair.differs().contains(&"columns")) {
        let columns = pair.columns();
        if columns.is_empty() {
            text.push_str(&format!("{}: the same columns in another order\n\n", pair.asset));
            continue;
        }
        let mut table = Table::new([format!("columns of {}", pair.asset), a.to_owned(), b.to_owned()]);
        for column in columns {
            let side = |data_type: Option<&str>| data_type.map_or(Cell::Empty, Cell::text);
            table.push([Cell::text(column.name), side(column.a), side(column.b)]);
        }
        text.push_str(&table.render(&theme));
        text.push('\n');
    }
    let same = text::count(same.len(), "asset");
    text.push_str(&if differ.is_empty() {
        format!("{a} and {b} publish the same: {same}.\n")
    } else {
        let verb = if differ.len() == 1 { "differs" } else { "differ" };
        format!("{} {verb} between {a} and {b}; {same} the same.\n", text::count(differ.len(), "asset"))
    });
    text
}

fn as_json(pairs: &[Pair<'_>], a: &str, b: &str, all: bool) -> serde_json::Value {
    let side = |version: Option<&Version>| {
        version.map(|version| {
            json!({
                "version": version.id,
                "definition": version.definition,
                "content": version.content,
                "rows": version.rows,
                "columns": version.schema,
            })
        })
    };
    let assets: Vec<_> = pairs
        .iter()
        .filter(|pair| all || !pair.differs().is_empty())
        .map(|pair| {
            let columns: Vec<_> = pair
                .columns()
                .iter()
                .map(|column| json!({ "name": column.name, "a": column.a, "b": column.b }))
                .collect();
            json!({
                "asset": pair.asset,
                "differs": pair.differs(),
                "columns": columns,
                "a": side(pair.a),
                "b": side(pair.b),
            })
        })
        .collect();
    json!({
        "format_version": view::FORMAT_VERSION,
        "a": a,
        "b": b,
        "same": pairs.iter().filter(|pair| pair.differs().is_empty()).count(),
        "assets": assets,
    })
}
