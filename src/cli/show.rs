use clap::Args;
use serde_json::json;

use super::apply::default_jobs;
use super::exit::Exit;
use super::results::Results;
use super::session::Session;
use crate::base::{fs, text};
use crate::ledger::sqlite::{Reader, RunDetail};
use crate::model::{AssetName, CheckOutcome, Effect, RunId, Schema};
use crate::ops::{OpError, RequestError, snapshot};
use crate::plan::SavedPlan;
use crate::view::counts;
use crate::view::{self, Cell, PlanView, Role, Table};

/// What `dp show` takes.
#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// An asset (`staging.orders`), a run (`r12`) or a plan file from `dp plan --out`
    #[arg(value_name = "ASSET|RUN|PLANFILE")]
    what: String,
    /// Print the asset's query as the engine reads it
    #[arg(long)]
    sql: bool,
}

pub(super) fn run(args: &ShowArgs, session: &mut Session) -> Result<Exit, OpError> {
    let file = session.absolute(args.what.as_ref());
    if fs::is_file(&file) {
        let saved = SavedPlan::from_text(&fs::read_to_string(&file)?, &args.what)?;
        return plan(&saved, session);
    }
    let reader = session.reader()?;
    if args.what.starts_with('r')
        && let Ok(run) = args.what.parse::<RunId>()
        && let Some(detail) = reader.as_ref().map(|reader| reader.run(run)).transpose()?.flatten()
    {
        return show_run(&detail, session);
    }
    let request = session.request_in_part();
    let known = session.known(&request)?;
    let name = args.what.parse::<AssetName>().ok();
    // A published asset that is no longer declared can be shown whatever the project declares.
    session.expect_usable(&known, name.iter().filter(|name| known.analysis.broken.contains_key(*name)))?;
    let found = name.filter(|name| known.project.assets.contains_key(name));
    let published_only = found.is_none();
    let name = match (found, args.what.parse::<AssetName>(), &reader) {
        (Some(name), _, _) => name,
        (None, Ok(name), Some(reader)) if !reader.versions_of(&name, 1)?.is_empty() => name,
        _ => {
            let names = known.project.assets.keys().map(AssetName::as_str);
            let help = text::did_you_mean(&args.what, names)
                .unwrap_or_else(|| "`dp status` lists the assets, and `dp history` lists the runs".to_owned());
            return Err(RequestError::NotFound {
                name: args.what.clone(),
                help,
            }
            .into());
        }
    };
    let facts = known.analysis.facts.get(&name);
    if args.sql {
        let sql = facts.map(|facts| facts.sql.clone()).unwrap_or_default();
        if session.global.json {
            let mut json = json!({ "format_version": view::FORMAT_VERSION, "asset": name, "sql": sql });
            session.show_mistakes(Some(&known), Some(&mut json));
            session.json(&json)?;
        } else {
            session.show_mistakes(Some(&known), None);
            session.out_exact(&format!("{}\n", sql.trim_end()))?;
        }
        return Ok(Exit::Done);
    }
    asset(&name, &known, reader.as_ref(), published_only, session)
}

fn plan(saved: &SavedPlan, session: &mut Session) -> Result<Exit, OpError> {
    let forecast = saved.plan.forecast(default_jobs());
    if session.global.json {
        session.json(&view::plan_json(&saved.plan, false, forecast.as_ref(), None))?;
        return Ok(Exit::Done);
    }
    let view = PlanView {
        all: false,
        now: session.now(),
        next: None,
        forecast: forecast.as_ref(),
        explained: None,
        verbose: session.global.verbose,
        jobs: None,
    };
    let text = view::plan(&saved.plan, &view, &session.theme());
    session.out(&text)?;
    Ok(Exit::Done)
}

fn show_run(detail: &RunDetail, session: &mut Session) -> Result<Exit, OpError> {
    if session.global.json {
        let mut json = serde_json::to_value(detail).expect("dp's own values have a JSON form");
        json["format_version"] = json!(view::FORMAT_VERSION);
        session.json(&json)?;
        return Ok(Exit::Done);
    }
    let theme = session.theme();
    let run = &detail.summary;
    let ended = match (&run.outcome, run.finished) {
        (Some(outcome), Some(finished)) => {
            let ms = finished.duration_since(run.started).as_millis();
            format!("{outcome} after {}", text::duration_ms(u64::try_from(ms).unwrap_or(0)))
        }
        _ => "not ended".to_owned(),
    };
    let mut text = format!(
        "{}  {ended}{}\n",
        theme.paint(Role::Heading, format!("run {}", run.run)),
        run.counts.as_ref().map(|all| format!(": {}", counts(Some(all)))).unwrap_or_default(),
    );
    line(&mut text, &format!("dp {}", run.arguments.join(" ")), &theme);
    let by = format!("by {} on {}, pid {}, dp {}, {}", run.user, run.host, run.pid, run.dp_version, run.engine);
    line(&mut text, &by, &theme);
    line(&mut text, &format!("environment {}, started {}", run.environment, view::moment(run.started)), &theme);
    let mut steps = Table::new(["asset", "planned", "outcome", "took", "version"]);
    for step in &detail.steps {
        let outcome = step.outcome.as_ref();
        steps.push([
            Cell::text(step.intent.asset.to_string()),
            Cell::text(step.intent.action.clone()),
            Cell::text(outcome.map_or("not ended", |outcome| outcome.outcome.as_str()).replace('_', " ")),
            Cell::text(outcome.map(|outcome| text::duration_ms(outcome.ms)).unwrap_or_default()),
            Cell::text(
                outcome.and_then(|outcome| outcome.version.as_ref()).map(ToString::to_string).unwrap_or_default(),
            ),
        ]);
    }
    section(&mut text, "Steps", &steps, &theme);
    for step in &detail.steps {
        if let Some(message) = step.outcome.as_ref().and_then(|outcome| outcome.message.as_ref()) {
            let mut lines = message.lines();
            let first = lines.next().unwrap_or_default();
            line(&mut text, &format!("{}: {first}", step.intent.asset), &theme);
            for further in lines {
                line(&mut text, &format!("  {further}"), &theme);
            }
        }
    }
    let mut effects = Table::new(["effect", "asset", "where", "rows", "bytes"]);
    let is_noise = |effect: &Effect| effect.sighting.as_ref().is_some_and(|sighting| sighting.noise.is_some());
    for row in detail.effects.iter().filter(|row| !is_noise(&row.effect)) {
        let effect = &row.effect;
        effects.push([
            Cell::text(effect.kind.clone()),
            Cell::text(effect.asset.to_string()),
            Cell::text(effect.path.clone().unwrap_or_default()),
            Cell::value(Some(&effect.rows.map(text::grouped).unwrap_or_default()), true),
            Cell::value(Some(&effect.bytes.map(text::bytes).unwrap_or_default()), true),
        ]);
    }
    section(&mut text, "Effects", &effects, &theme);
    let mut checks = Table::new(["asset", "check", "outcome", "failures"]);
    for row in &detail.checks {
        checks.push([
            Cell::text(row.asset.to_string()),
            Cell::text(row.record.check.clone()),
            Cell::text(outcome_word(row.record.outcome)),
            Cell::count(row.record.failures),
        ]);
    }
    section(&mut text, "Checks", &checks, &theme);
    for row in detail.checks.iter().filter(|row| row.record.outcome != CheckOutcome::Passed) {
        if let Some(failed) = view::failed_check(&row.asset, &row.record, &theme) {
            text.push_str(&format!("\n{}\n", failed.trim_end()));
        }
    }
    session.out(&text)?;
    Ok(Exit::Done)
}

fn outcome_word(outcome: CheckOutcome) -> &'static str {
    match outcome {
        CheckOutcome::Passed => "passed",
        CheckOutcome::Failed => "failed",
        CheckOutcome::Errored => "could not run",
    }
}

/// Adds wrapped lines below a heading.
fn line(text: &mut String, words: &str, theme: &view::Theme) {
    for line in view::wrap(&view::one_line(words), theme.width.saturating_sub(2)) {
        text.push_str(&format!("  {line}\n"));
    }
}

fn section(text: &mut String, title: &str, table: &Table, theme: &view::Theme) {
    if !table.is_empty() {
        text.push_str(&format!("\n{}\n{}", theme.paint(Role::Heading, title), table.render(theme)));
    }
}

fn asset(
    name: &AssetName,
    known: &crate::ops::Known,
    reader: Option<&Reader>,
    gone: bool,
    session: &mut Session,
) -> Result<Exit, OpError> {
    let environment = session.global.env.clone();
    let snapshot = snapshot(reader, &environment)?;
    let published = snapshot.published.get(name);
    let declared = known.project.assets.get(name);
    let facts = known.analysis.facts.get(name);
    let (versions, checks, effects) = match reader {
        Some(reader) => {
            let checks = Results::new(reader, &snapshot, Some(known)).of(&environment, name)?;
            (reader.versions_of(name, 10)?, checks, reader.latest_effects(name, 10)?)
        }
        None => (Vec::new(), Vec::new(), Vec::new()),
    };
    let schema = facts
        .map(|facts| facts.schema.clone())
        .or_else(|| published.map(|published| published.version.schema.clone()))
        .unwrap_or_default();
    if session.global.json {
        let mut json = json!({
            "format_version": view::FORMAT_VERSION,
            "asset": name,
            "declared": !gone,
            "kind": declared.map(crate::project::Asset::kind_word),
            "description": declared.and_then(|asset| asset.description.clone()),
            "owner": declared.and_then(|asset| asset.owner.clone()),
            "tags": declared.map(|asset| &asset.tags),
            "file": declared.map(|asset| asset.file.path()),
            "columns": schema,
            "inputs": facts.map(|facts| &facts.inputs),
            "unstable": facts.map(|facts| &facts.unstable),
            "published": published.map(|published| &published.version.id),
            "versions": versions,
            "checks": checks,
            "effects": effects,
        });
        session.show_mistakes(Some(known), Some(&mut json));
        session.json(&json)?;
        return Ok(Exit::Done);
    }
    session.show_mistakes(Some(known), None);
    let theme = session.theme();
    let mut text = theme.paint(Role::Heading, name);
    let what = match declared {
        Some(asset) => format!("{} {}  {}", asset.kind_word(), asset.materialize.word(), asset.file.path()),
        None => "no longer declared".to_owned(),
    };
    if name.as_str().len() + 2 + what.len() <= theme.width {
        text.push_str(&format!("  {what}\n"));
    } else {
        text.push('\n');
        line(&mut text, &what, &theme);
    }
    if let Some(asset) = declared {
        if let Some(description) = &asset.description {
            line(&mut text, description, &theme);
        }
        if let Some(owner) = &asset.owner {
            line(&mut text, &format!("owner: {owner}"), &theme);
        }
    }
    if let Some(facts) = facts {
        if !facts.inputs.is_empty() {
            line(&mut text, &format!("reads: {}", text::and(&facts.inputs)), &theme);
        }
        if let Some(program) = published.and_then(|published| published.version.program.as_ref()) {
            text.push_str(&view::program(program, &theme));
        }
        if !facts.unstable.is_empty() {
            line(&mut text, &format!("not deterministic: {}", text::and(&facts.unstable)), &theme);
        }
    }
    // The files may have been edited since the published version was built.
    let shown = published.map(|published| &published.version.schema).filter(|shown| **shown != schema);
    let headers = if shown.is_some() {
        vec!["column", "type as declared now", "type published", "description"]
    } else {
        vec!["column", "type", "description"]
    };
    let mut columns = Table::new(headers);
    let dropped = shown.into_iter().flat_map(|shown| &shown.0).filter(|column| schema.column(&column.name).is_none());
    for column in schema.0.iter().chain(dropped) {
        let description = declared
            .into_iter()
            .flat_map(|asset| &asset.columns)
            .find(|contract| contract.name.eq_ignore_ascii_case(&column.name))
            .and_then(|contract| contract.description.clone());
        let of = |schema: &Schema| {
            schema.column(&column.name).map_or(Cell::Empty, |column| Cell::text(column.data_type.clone()))
        };
        let mut cells = vec![Cell::text(column.name.clone()), of(&schema)];
        cells.extend(shown.map(of));
        cells.push(Cell::text(description.unwrap_or_default()));
        columns.push(cells);
    }
    section(&mut text, "Columns", &columns, &theme);
    let mut table = Table::new(["version", "run", "finished", "rows", "size", ""]);
    for version in &versions {
        let shown = published.is_some_and(|published| published.version.id == version.id);
        table.push([
            Cell::text(version.id.to_string()),
            Cell::text(version.run.to_string()),
            Cell::text(view::moment(version.created)),
            Cell::value(Some(&version.rows.map(text::grouped).unwrap_or_default()), true),
            Cell::value(Some(&version.data.as_ref().map(|_| text::bytes(version.bytes())).unwrap_or_default()), true),
            Cell::text(if shown { "published" } else { "" }),
        ]);
    }
    section(&mut text, "Versions", &table, &theme);
    let mut table = Table::new(["check", "outcome", "failures", "run"]);
    for row in &checks {
        table.push([
            Cell::text(row.record.check.clone()),
            Cell::text(outcome_word(row.record.outcome)),
            Cell::count(row.record.failures),
            Cell::text(row.run.to_string()),
        ]);
    }
    section(&mut text, "Checks", &table, &theme);
    let mut table = Table::new(["effect", "run", "where", "rows"]);
    for row in &effects {
        table.push([
            Cell::text(row.effect.kind.clone()),
            Cell::text(row.run.to_string()),
            Cell::text(row.effect.path.clone().unwrap_or_default()),
            Cell::value(Some(&row.effect.rows.map(text::grouped).unwrap_or_default()), true),
        ]);
    }
    section(&mut text, "Effects", &table, &theme);
    session.out(&text)?;
    Ok(Exit::Done)
}
