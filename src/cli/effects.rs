use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use serde_json::json;

use super::exit::Exit;
use super::session::Session;
use crate::base::{fs, layout, text};
use crate::ledger::sqlite::Reader;
use crate::model::{AssetName, Effect, RunId, Seen};
use crate::ops::{OpError, RequestError};
use crate::view::{self, Cell, Overflow, Role, Table, Theme};

/// What `dp effects` takes.
#[derive(Debug, Args)]
pub(super) struct EffectsArgs {
    /// An asset (`ml.scores`; its last run in the environment) or a run (`r12`) [default: the last run in the environment]
    #[arg(value_name = "ASSET|RUN")]
    what: Option<String>,
    /// Show only effects that are neither declared nor allowed
    #[arg(long)]
    undeclared: bool,
    /// Show everything, including noise and paths that were only looked up
    #[arg(long)]
    all: bool,
    /// List the rules that classify effects as noise
    #[arg(long, conflicts_with_all = ["what", "undeclared", "all"])]
    rules: bool,
}

/// The requested effects.
struct Meant {
    run: RunId,
    asset: Option<AssetName>,
    effects: Vec<Effect>,
}

pub(super) fn run(args: &EffectsArgs, session: &mut Session) -> Result<Exit, OpError> {
    if args.rules {
        return rules(session);
    }
    let Some(reader) = session.reader()? else {
        return nothing(session);
    };
    let Some(mut meant) = meant(args, &reader, session)? else {
        return nothing(session);
    };
    if args.all {
        unfold(&mut meant, session)?;
    }
    if args.undeclared {
        meant.effects.retain(|effect| effect.sighting.as_ref().is_some_and(|sighting| !sighting.declared));
    }
    if session.global.json {
        let effects: Vec<_> = meant.effects.iter().map(effect_json).collect();
        session.json(&json!({
            "format_version": view::FORMAT_VERSION,
            "run": meant.run,
            "asset": meant.asset,
            "effects": effects,
        }))?;
        return Ok(Exit::Done);
    }
    let text = shown(&meant, args, session);
    session.out(&text)?;
    Ok(Exit::Done)
}

fn nothing(session: &Session) -> Result<Exit, OpError> {
    if session.global.json {
        session.json(&json!({
            "format_version": view::FORMAT_VERSION, "run": null, "asset": null, "effects": [],
        }))?;
    } else {
        session.out("No effects yet. Next: dp apply\n")?;
    }
    Ok(Exit::Done)
}

fn rules(session: &mut Session) -> Result<Exit, OpError> {
    let (project, _) = session.declared()?;
    let mut text = crate::effects::RULES.to_owned();
    for pattern in &project.settings.noise {
        text.push_str(&format!("{:<31} {pattern}\n", "dp.toml"));
    }
    if session.global.json {
        let rules: Vec<_> = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.rsplit_once(' '))
            .map(|(rule, pattern)| json!({ "rule": rule.trim_end(), "pattern": pattern }))
            .collect();
        session.json(&json!({ "format_version": view::FORMAT_VERSION, "rules": rules }))?;
    } else {
        session.out(&text)?;
    }
    Ok(Exit::Done)
}

fn meant(args: &EffectsArgs, reader: &Reader, session: &Session) -> Result<Option<Meant>, OpError> {
    let Some(what) = &args.what else {
        let last = reader.last_run(&session.global.env)?;
        return last.map(|run| of_run(reader, run)).transpose();
    };
    if what.starts_with('r')
        && let Ok(run) = what.parse::<RunId>()
    {
        if reader.run(run)?.is_some() {
            return of_run(reader, run).map(Some);
        }
        return Err(not_found(what, "`dp history` lists the runs".to_owned()));
    }
    let (project, broken) = session.declared()?;
    let asset = what.parse::<AssetName>().ok();
    let last = asset.as_ref().map(|asset| reader.last_effect_run_in(&session.global.env, asset)).transpose()?.flatten();
    match (asset, last) {
        (Some(asset), Some(run)) => {
            let mut found = of_run(reader, run)?;
            found.effects.retain(|effect| effect.asset == asset);
            found.asset = Some(asset);
            Ok(Some(found))
        }
        (Some(asset), None) if project.assets.contains_key(&asset) || broken.contains(&asset) => Ok(None),
        _ => {
            let names = project.assets.keys().map(AssetName::as_str);
            let help = text::did_you_mean(what, names)
                .unwrap_or_else(|| "`dp status` lists the assets, and `dp history` lists the runs".to_owned());
            Err(not_found(what, help))
        }
    }
}

fn not_found(what: &str, help: String) -> OpError {
    RequestError::NotFound {
        name: what.to_owned(),
        help,
    }
    .into()
}

fn of_run(reader: &Reader, run: RunId) -> Result<Meant, OpError> {
    let detail = reader.run(run)?;
    Ok(Meant {
        run,
        asset: None,
        effects: detail.into_iter().flat_map(|detail| detail.effects).map(|row| row.effect).collect(),
    })
}

/// Replaces combined rows with the single effects.
fn unfold(meant: &mut Meant, session: &Session) -> Result<(), OpError> {
    let root = session.root()?;
    let logs = root.join(layout::LOGS).join(meant.run.to_string());
    let programs: BTreeSet<AssetName> =
        meant.effects.iter().filter(|effect| effect.sighting.is_some()).map(|effect| effect.asset.clone()).collect();
    for asset in programs {
        let file = logs.join(format!("{asset}.effects"));
        if !fs::exists(&file) {
            continue;
        }
        let text = fs::read_to_string(&file)?;
        let whole: Vec<Effect> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let hashes: BTreeMap<(String, Option<String>), _> = meant
            .effects
            .iter()
            .filter(|effect| effect.asset == asset)
            .map(|effect| ((effect.kind.clone(), effect.path.clone()), effect.content.clone()))
            .collect();
        meant.effects.retain(|effect| effect.asset != asset || effect.sighting.is_none() || effect.kind == "printed");
        meant.effects.extend(whole.into_iter().map(|effect| Effect {
            content: hashes.get(&(effect.kind.clone(), effect.path.clone())).cloned().flatten(),
            ..effect
        }));
    }
    Ok(())
}

fn effect_json(effect: &Effect) -> serde_json::Value {
    let sighting = effect.sighting.as_ref();
    json!({
        "asset": effect.asset,
        "effect": effect.kind,
        "path": effect.path,
        "version": effect.version,
        "replaced": effect.replaced,
        "rows": effect.rows,
        "bytes": effect.bytes,
        "content": effect.content,
        "ms": effect.ms,
        "count": sighting.map_or(1, |sighting| sighting.count),
        "seen": sighting.map_or("observed", |sighting| sighting.seen.word()),
        "declared": sighting.is_none_or(|sighting| sighting.declared),
        "noise": sighting.and_then(|sighting| sighting.noise.clone()),
        "detail": sighting.and_then(|sighting| sighting.detail.clone()),
    })
}

fn shown(meant: &Meant, args: &EffectsArgs, session: &Session) -> String {
    let theme = session.theme();
    let folded = |effect: &&Effect| effect.sighting.as_ref().is_some_and(|sighting| sighting.noise.is_some());
    let minor = |effect: &&Effect| effect.kind == "looked";
    let mut by_asset: BTreeMap<&AssetName, Vec<&Effect>> = BTreeMap::new();
    for effect in meant.effects.iter().filter(|effect| args.all || (!folded(effect) && !minor(effect))) {
        by_asset.entry(&effect.asset).or_default().push(effect);
    }
    let mut text = String::new();
    if by_asset.is_empty() {
        let nothing = if args.undeclared { "no undeclared effects" } else { "no effects" };
        return format!("Run {}: {nothing}.\n", meant.run);
    }
    for (asset, effects) in by_asset {
        text.push_str(&format!("{}\n", theme.paint(Role::Heading, format!("{asset} in run {}", meant.run))));
        text.push_str(&table(&effects, args.all, &theme).render(&theme));
        if !args.all && !args.undeclared {
            let rules = meant.effects.iter().filter(|effect| effect.asset == *asset);
            text.push_str(&folds(rules, &theme));
        }
        text.push('\n');
    }
    text.pop();
    text
}

fn table(effects: &[&Effect], all: bool, theme: &Theme) -> Table {
    let mut table = Table::new(["effect", "where", "times", "size", "note"]).overflow(Overflow::Wrap);
    for effect in effects {
        let sighting = effect.sighting.as_ref();
        let is_surprise = sighting.is_some_and(|sighting| !sighting.declared);
        let note = sighting.map(|sighting| {
            let undeclared = is_surprise.then(|| "not declared".to_owned());
            let compared = (sighting.seen != Seen::Observed).then(|| sighting.seen.word().to_owned());
            // The program that caused an effect matters only for a surprising one.
            let detail = sighting.detail.as_deref().map(|detail| match detail.rsplit_once("by ") {
                Some((rest, _)) if !is_surprise && !all => shortened(rest.trim_end_matches("; "), theme),
                _ if all => detail.to_owned(),
                _ => shortened(detail, theme),
            });
            let parts = [undeclared, compared, sighting.noise.clone(), detail];
            parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
        });
        let note = note.unwrap_or_default();
        table.push([
            Cell::text(effect.kind.clone()),
            Cell::text(effect.path.clone().unwrap_or_default()),
            Cell::Number(sighting.map(|sighting| text::grouped(sighting.count)).unwrap_or_default()),
            Cell::Number(effect.bytes.map(text::bytes).unwrap_or_default()),
            if is_surprise { Cell::Styled(Role::Warning, note) } else { Cell::text(note) },
        ]);
    }
    table
}

/// The number of characters of a command line that are shown.
const SHOWN: usize = 60;

fn shortened(text: &str, theme: &Theme) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}{}", &text[..end], theme.ellipsis()),
        None => text.to_owned(),
    }
}

/// Returns the number of effects that each noise rule combines.
fn folds<'a>(effects: impl Iterator<Item = &'a Effect>, theme: &Theme) -> String {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for sighting in effects.filter_map(|effect| effect.sighting.as_ref()) {
        if let Some(rule) = &sighting.noise {
            *counts.entry(rule).or_default() += sighting.count;
        }
    }
    if counts.is_empty() {
        return String::new();
    }
    let parts: Vec<_> = counts.iter().map(|(rule, count)| format!("{rule} ({})", text::grouped(*count))).collect();
    let line = format!("Not listed: {}. `--all` lists them.", parts.join(", "));
    let lines = view::wrap(&line, theme.width).into_iter().map(|line| theme.paint(Role::Muted, line) + "\n");
    lines.collect()
}
