use std::fmt::Write as _;

use crate::report::FORMAT_VERSION;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::columns::FileUse;
use super::graph::Lineage;
use super::text::is_control;
use crate::plan::{Action, Drift, Estimate, Forecast, Plan, Reason, Stage, Step, Warning};

/// Returns a value as JSON on one line, with control characters for the terminal escaped as JSON escapes.
pub fn json_line(value: &Value) -> String {
    shown(value.to_string())
}

/// Returns a value as indented JSON, escaped in the same way.
pub fn json_text(value: &Value) -> String {
    shown(serde_json::to_string_pretty(value).expect("a JSON value has a text"))
}

/// Escapes characters that JSON leaves unescaped. They occur only in strings, where an escape means the same.
pub fn shown(json: String) -> String {
    // Line breaks and tabs are layout; in strings they are already escaped.
    let steers = |c: char| !matches!(c, '\n' | '\t' | '\r') && is_control(c);
    if !json.contains(steers) {
        return json;
    }
    let mut safe = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if steers(c) {
            // All of them are in the basic plane, so one escape of four digits suffices for each.
            let _ = write!(safe, "\\u{:04x}", u32::from(c));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Returns the plan as JSON; with `all`, including unchanged assets.
pub fn plan_json(plan: &Plan, all: bool, forecast: Option<&Forecast>, explained: Option<&[Stage]>) -> Value {
    let shown = plan.steps.iter().filter(|step| all || step.wanted() != Action::Unchanged);
    let actions: Vec<Value> = shown.map(|one| step(one, plan.estimates.get(&one.asset))).collect();
    let mut value = json!({
        "format_version": FORMAT_VERSION,
        "dp_version": env!("CARGO_PKG_VERSION"),
        "project": plan.project,
        "environment": plan.environment,
        "state_id": plan.state_id,
        "serial": plan.serial,
        "summary": plan.summary(),
        "estimate": forecast.map(self::forecast),
        "actions": actions,
        "drift": plan.drift.iter().map(drift).collect::<Vec<_>>(),
        "warnings": plan.warnings.iter().map(warning_json).collect::<Vec<_>>(),
    });
    let held: Vec<Value> = plan.held_back().filter_map(|step| held_back(step, &plan.environment)).collect();
    if !held.is_empty() {
        value["held_back"] = json!(held);
    }
    if !plan.left_out.is_empty() {
        value["left_out"] = json!(plan.left_out);
    }
    if let Some(explained) = explained {
        value["explain"] = json!(explained);
    }
    value
}

/// Returns the lineage as JSON.
pub fn lineage_json(lineage: &Lineage) -> Value {
    let nodes = lineage.nodes.iter().map(|node| {
        let mut value = Map::new();
        value.insert("asset".to_owned(), json!(node.asset));
        value.insert("kind".to_owned(), json!(node.kind));
        insert_some(&mut value, "action", node.action.as_ref());
        insert_some(&mut value, "version", node.version.as_ref());
        insert_some(&mut value, "rows", node.rows);
        insert_some(&mut value, "unknown", node.unknown.as_ref());
        if !node.columns.is_empty() {
            value.insert("columns".to_owned(), node.columns.iter().map(|column| json!(column.name)).collect());
        }
        if !node.files.is_empty() {
            let used =
                |used: &FileUse| json!({ "file": used.file, "from": used.column, "to": used.to, "how": used.hows });
            value.insert("files".to_owned(), node.files.iter().map(used).collect());
        }
        Value::Object(value)
    });
    let edges = lineage.edges.iter().map(|edge| {
        let columns = edge.columns.iter().map(|used| {
            let mut value = Map::new();
            value.insert("from".to_owned(), json!(used.from));
            value.insert("to".to_owned(), json!(used.to));
            value.insert("how".to_owned(), json!(used.how.class()));
            insert_some(&mut value, "kind", used.how.is_value().then(|| used.how.word()));
            Value::Object(value)
        });
        let mut value = json!({ "from": edge.from, "to": edge.to, "columns": columns.collect::<Vec<_>>() });
        if edge.observed {
            value["observed"] = json!(true);
        }
        value
    });
    json!({
        "format_version": FORMAT_VERSION,
        "nodes": nodes.collect::<Vec<_>>(),
        "edges": edges.collect::<Vec<_>>(),
    })
}

#[expect(clippy::cast_precision_loss, reason = "times of thousands of years are not planned")]
fn seconds(ms: u64) -> f64 {
    ms as f64 / 1000.0
}

fn forecast(forecast: &Forecast) -> Value {
    json!({
        "seconds": seconds(forecast.ms),
        "jobs": forecast.jobs,
        "work_seconds": seconds(forecast.work_ms),
        "rows": forecast.rows,
        "bytes": forecast.bytes,
        "longest_chain": { "seconds": seconds(forecast.chain_ms), "assets": forecast.chain },
        "without_history": forecast.unknown,
    })
}

fn step(step: &Step, estimate: Option<&Estimate>) -> Value {
    let mut value = Map::new();
    value.insert("asset".to_owned(), json!(step.asset));
    // An asset that is no longer declared has no kind.
    value.insert("kind".to_owned(), if step.kind.is_empty() { Value::Null } else { json!(step.kind) });
    value.insert("action".to_owned(), json!(step.wanted().word()));
    value.insert("reasons".to_owned(), step.reasons.iter().map(reason).collect());
    value.insert("inputs".to_owned(), json!(step.inputs));
    if let Some(estimate) = estimate {
        let mut parts = Map::new();
        parts.insert("seconds".to_owned(), json!(seconds(estimate.ms)));
        insert_some(&mut parts, "rows", estimate.rows);
        insert_some(&mut parts, "bytes", estimate.bytes);
        value.insert("estimate".to_owned(), Value::Object(parts));
    }
    if !step.columns.is_empty() {
        value.insert("columns".to_owned(), json!(step.columns));
    }
    if step.held.is_some() {
        value.insert("held_back".to_owned(), json!(true));
    }
    if !step.cut_off.is_empty() {
        let cut_off = step.cut_off.iter().map(|cut_off| json!({ "input": cut_off.input, "columns": cut_off.columns }));
        value.insert("cut_off".to_owned(), cut_off.collect());
    }
    if !step.settings().is_empty() {
        value.insert("settings".to_owned(), json!(step.settings()));
    }
    if !step.checks.is_empty() {
        value.insert("checks".to_owned(), json!(step.checks));
    }
    Value::Object(value)
}

/// Returns what a rollback holds back of an asset: the run and its time, the reason, and the next step.
fn held_back(step: &Step, environment: &str) -> Option<Value> {
    let held = step.held.as_ref()?;
    let why = step.reasons.iter().rev().find(|reason| matches!(reason.code(), "rolled_back" | "held_back"))?;
    Some(json!({
        "asset": step.asset,
        "action": held.action.word(),
        "run": held.run,
        "since": held.since,
        "version": held.version,
        "with": held.with,
        "why": why.detail(),
        "resume": super::in_environment(&format!("dp apply --resume {}", step.asset), environment),
    }))
}

fn reason(reason: &Reason) -> Value {
    let mut value = Map::new();
    value.insert("code".to_owned(), json!(reason.code()));
    value.insert("detail".to_owned(), json!(reason.detail()));
    if let Some((file, line)) = reason.place() {
        value.insert("file".to_owned(), json!(file));
        value.insert("line".to_owned(), json!(line));
    }
    Value::Object(value)
}

fn drift(drift: &Drift) -> Value {
    let mtime = drift.mtime.and_then(|seconds| Timestamp::from_second(seconds).ok());
    let mut value = Map::new();
    value.insert("asset".to_owned(), json!(drift.asset));
    value.insert("what".to_owned(), json!(drift.what));
    value.insert("path".to_owned(), json!(drift.path));
    insert_some(&mut value, "mtime", mtime.map(|mtime| mtime.to_string()));
    value.insert("action".to_owned(), json!(drift.action));
    Value::Object(value)
}

/// Returns a warning as JSON.
pub fn warning_json(warning: &Warning) -> Value {
    let mut value = Map::new();
    value.insert("code".to_owned(), json!(warning.code));
    value.insert("message".to_owned(), json!(warning.message));
    insert_some(&mut value, "file", warning.file.as_ref());
    insert_some(&mut value, "line", warning.line);
    insert_some(&mut value, "column", warning.column);
    Value::Object(value)
}

fn insert_some(map: &mut Map<String, Value>, key: &str, value: Option<impl serde::Serialize>) {
    if let Some(value) = value {
        map.insert(key.to_owned(), json!(value));
    }
}

#[cfg(test)]
mod tests {
    use super::super::columns::ColumnUse;
    use super::super::graph::{Edge, Node};
    use super::super::plan::tests::{plan_of, step_of};
    use super::*;
    use crate::model::AssetName;
    use crate::sql::lineage::How;

    #[test]
    fn the_plan_has_exactly_the_documented_keys() {
        let mut plan = plan_of(vec![
            Step {
                reasons: vec![Reason::DefinitionChanged {
                    changes: vec!["sql changed".to_owned()],
                    file: "assets/a/b.toml".to_owned(),
                    line: 7,
                }],
                inputs: vec!["raw.orders".parse().unwrap()],
                columns: vec!["column `x` added".to_owned()],
                ..step_of("a.b", Action::Rebuild)
            },
            Step {
                kind: String::new(),
                reasons: vec![Reason::Removed { file: None }],
                ..step_of("a.old", Action::Destroy)
            },
            step_of("a.same", Action::Unchanged),
        ]);
        plan.drift.push(Drift {
            asset: Some("a.b".parse().unwrap()),
            what: "changed".to_owned(),
            path: "out/x".to_owned(),
            mtime: Some(0),
            action: "rebuild".to_owned(),
        });
        plan.warnings.push(Warning {
            code: "dp::x::y".to_owned(),
            message: "odd".to_owned(),
            file: None,
            line: None,
            column: None,
        });
        let expected = json!({
            "format_version": "1.0", "dp_version": env!("CARGO_PKG_VERSION"), "project": "shop", "environment": "prod",
            "state_id": "s", "serial": 12,
            "summary": {
                "create": 0, "rebuild": 1, "maybe": 0, "reuse": 0, "check": 0, "destroy": 1, "unchanged": 1,
                "held_back": 0, "settings": 0,
            },
            "estimate": null,
            "actions": [
                {
                    "asset": "a.b", "kind": "sql", "action": "rebuild",
                    "reasons": [{
                        "code": "definition_changed", "detail": "sql changed", "file": "assets/a/b.toml", "line": 7,
                    }],
                    "inputs": ["raw.orders"], "columns": ["column `x` added"],
                },
                {
                    "asset": "a.old", "kind": null, "action": "destroy",
                    "reasons": [{ "code": "removed", "detail": "no longer declared" }], "inputs": [],
                },
            ],
            "drift": [{
                "asset": "a.b", "what": "changed", "path": "out/x", "mtime": "1970-01-01T00:00:00Z", "action": "rebuild",
            }],
            "warnings": [{ "code": "dp::x::y", "message": "odd" }],
        });
        assert_eq!(plan_json(&plan, false, None, None), expected);
        let orders = "a.b".parse::<AssetName>().unwrap();
        plan.estimates.insert(
            orders.clone(),
            Estimate {
                ms: 1_200,
                rows: Some(1_000),
                bytes: None,
            },
        );
        let value = plan_json(&plan, false, plan.forecast(4).as_ref(), None);
        assert_eq!(value["actions"][0]["estimate"], json!({ "seconds": 1.2, "rows": 1000 }));
        let expected = json!({
            "seconds": 1.2, "jobs": 4, "work_seconds": 1.2, "rows": 1000, "bytes": 0,
            "longest_chain": { "seconds": 1.2, "assets": [orders] }, "without_history": 0,
        });
        assert_eq!(value["estimate"], expected);
        assert_eq!(plan_json(&plan, true, None, None)["actions"][2]["action"], "unchanged");
    }

    #[test]
    fn lineage_leaves_out_what_is_not_known() {
        let used = |to: Option<&str>, how| ColumnUse {
            from: "x".to_owned(),
            to: to.map(str::to_owned),
            how,
        };
        let lineage = Lineage {
            nodes: vec![Node {
                rows: Some(3),
                ..Node::new("a.b".parse().unwrap(), "sql")
            }],
            edges: vec![Edge {
                from: "a.a".parse().unwrap(),
                to: "a.b".parse().unwrap(),
                columns: vec![used(Some("y"), How::Aggregation), used(None, How::Filter)],
                observed: false,
            }],
            ..Lineage::default()
        };
        assert_eq!(
            lineage_json(&lineage),
            json!({
                "format_version": "1.0",
                "nodes": [{ "asset": "a.b", "kind": "sql", "rows": 3 }],
                "edges": [{ "from": "a.a", "to": "a.b", "columns": [
                    { "from": "x", "to": "y", "how": "value", "kind": "aggregation" },
                    { "from": "x", "to": null, "how": "filter" },
                ] }],
            })
        );
    }
}
