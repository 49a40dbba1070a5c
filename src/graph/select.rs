use std::collections::{BTreeMap, BTreeSet};

use miette::Diagnostic;
use thiserror::Error;

use super::Graph;
use crate::base::text;
use crate::model::AssetName;
use crate::project::Asset;

/// The assets that `ASSET…` on the command line selects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// The whole project, because no asset was named.
    All,
    /// These assets. Some may be published and no longer declared.
    Only(BTreeSet<AssetName>),
}

/// A selector that can't be resolved.
#[derive(Debug, Error, Diagnostic)]
pub enum SelectionError {
    /// The selector matches neither an asset nor anything published.
    #[error("`{selector}` selects no asset")]
    #[diagnostic(code(dp::graph::empty_selection))]
    #[expect(missing_docs, reason = "the message says it")]
    Empty {
        selector: String,
        #[help]
        help: String,
    },
}

impl Selection {
    /// Resolves selectors: `name`, `schema.*`, `tag:x`, `+name` (with its upstreams), `name+` (with its downstreams).
    ///
    /// `published` are published names, so that an asset that is no longer declared can be selected.
    pub fn parse<'a>(
        selectors: &[String],
        graph: &Graph,
        assets: &'a BTreeMap<AssetName, Asset>,
        published: impl Iterator<Item = &'a AssetName> + Clone,
    ) -> Result<Self, SelectionError> {
        if selectors.is_empty() {
            return Ok(Self::All);
        }
        let mut selected = BTreeSet::new();
        for selector in selectors {
            let (up, rest) = selector.strip_prefix('+').map_or((false, selector.as_str()), |rest| (true, rest));
            let (down, core) = rest.strip_suffix('+').map_or((false, rest), |rest| (true, rest));
            let all = || assets.keys().chain(published.clone());
            let matched: BTreeSet<AssetName> = if let Some(tag) = core.strip_prefix("tag:") {
                assets.values().filter(|asset| asset.tags.contains(tag)).map(|asset| asset.name.clone()).collect()
            } else if core == "*" {
                all().cloned().collect()
            } else if let Some(schema) = core.strip_suffix(".*") {
                all().filter(|name| name.schema() == schema).cloned().collect()
            } else {
                let name = core.parse::<AssetName>().ok();
                all().filter(|candidate| Some(*candidate) == name.as_ref()).cloned().collect()
            };
            if matched.is_empty() {
                return Err(SelectionError::Empty {
                    selector: selector.clone(),
                    help: suggestion(core, assets),
                });
            }
            for name in &matched {
                if up {
                    selected.extend(graph.ancestors(name));
                }
                if down {
                    selected.extend(graph.descendants(name));
                }
            }
            selected.extend(matched);
        }
        Ok(Self::Only(selected))
    }

    /// Whether an asset is selected.
    pub fn contains(&self, name: &AssetName) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(name),
        }
    }
}

fn suggestion(core: &str, assets: &BTreeMap<AssetName, Asset>) -> String {
    if let Some(tag) = core.strip_prefix("tag:") {
        let tags: BTreeSet<&str> = assets.values().flat_map(|asset| asset.tags.iter().map(String::as_str)).collect();
        let near = text::nearest(tag, tags.iter().copied()).map(|tag| format!("did you mean `tag:{tag}`?"));
        return near.unwrap_or_else(|| match tags.len() {
            0 => "name assets instead: no asset of this project has tags".to_owned(),
            _ => format!("use one of the tags {}", text::named(tags, 10)),
        });
    }
    let schemas: BTreeSet<&str> = assets.keys().map(AssetName::schema).collect();
    if let Some(schema) = core.strip_suffix(".*") {
        let near = text::nearest(schema, schemas.iter().copied()).map(|schema| format!("did you mean `{schema}.*`?"));
        return near.unwrap_or_else(|| format!("use one of the schemas {}", text::named(schemas, 10)));
    }
    text::did_you_mean(core, assets.keys().map(AssetName::as_str))
        .or_else(|| {
            let same_table = assets.keys().find(|name| name.table() == core)?;
            Some(format!("did you mean `{same_table}`?"))
        })
        .or_else(|| {
            let is_file = core.contains('/') || [".plan", ".json"].iter().any(|end| core.ends_with(end));
            is_file.then(|| {
                format!(
                    "correct the name, or save a plan with `dp plan --out {core}`: no file and no asset has this name"
                )
            })
        })
        .unwrap_or_else(|| {
            "write `schema.name`, `schema.*`, `tag:x`, `+name` or `name+`; `dp status` lists the assets".to_owned()
        })
}
