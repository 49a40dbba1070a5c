//! A plan is a function of the project and the state, and survives being written down.

use serde_json::Value;

use crate::shop::{Law, Shop};
use crate::story::{Story, story};

/// Without what differs between two projects though they are the same: who they are, and how often they
/// have written down what happens.
fn anonymous(mut plan: Value) -> Value {
    if let Some(plan) = plan.as_object_mut() {
        plan.remove("state_id");
        plan.remove("serial");
        // How long builds took is history, and no two histories are the same.
        plan.remove("estimate");
    }
    for action in plan["actions"].as_array_mut().into_iter().flatten() {
        action.as_object_mut().and_then(|action| action.remove("estimate"));
    }
    plan
}

/// Without the lines that name a version: its id is made anew by each build.
fn without_versions(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.trim_start().starts_with("version ")).collect()
}

/// Without the assets that stay as they are, which a plan lists when asked to.
fn changes(mut plan: Value) -> Value {
    if let Some(actions) = plan["actions"].as_array_mut() {
        actions.retain(|action| action["action"] != "unchanged");
    }
    plan
}

fn deterministic(story: &Story) -> Law {
    let (mut one, mut other) = (Shop::new(), Shop::new());
    for (i, stage) in story.0.iter().enumerate() {
        one.write(&stage.files, stage.files.keys());
        other.write(&stage.files, stage.files.keys().rev());
        let plan = one.dp(&["plan", "--json", "--all"]);
        let again = one.dp(&["plan", "--json", "--all"]);
        if plan != again {
            return Err(again.fail(&format!("stage {i}: planning twice gives the same, not\n{}", plan.stdout)));
        }
        let elsewhere = other.dp(&["plan", "--json", "--all"]);
        if anonymous(plan.json()?) != anonymous(elsewhere.json()?) {
            return Err(elsewhere.fail(&format!("stage {i}: the same files give the same plan, not\n{}", plan.stdout)));
        }
        let (human, elsewhere) = (one.dp(&["plan"]), other.dp(&["plan"]));
        if without_versions(&human.stdout) != without_versions(&elsewhere.stdout) {
            let law = format!("stage {i}: the same files read the same, not\n{}", elsewhere.stdout);
            return Err(human.fail(&law));
        }
        if i + 1 < story.0.len() {
            one.dp(&["apply", "--auto-approve", "-j", "1"]);
            other.dp(&["apply", "--auto-approve", "-j", "4"]);
        }
    }
    Ok(())
}

/// A saved plan says what the plan said, also after its JSON went through another program, and applying it
/// does what applying at once does.
fn saved(story: &Story) -> Law {
    let (mut one, mut other) = (Shop::new(), Shop::new());
    for (i, stage) in story.0.iter().enumerate() {
        one.write(&stage.files, stage.files.keys());
        other.write(&stage.files, stage.files.keys());
        let plan = one.dp(&["plan", "--json", "--out", "saved"]);
        if plan.exit != Some(0) {
            return Ok(());
        }
        let text = std::fs::read_to_string(one.path().join("saved")).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        std::fs::write(one.path().join("again"), serde_json::to_string(&value).unwrap()).unwrap();
        let shown = one.dp(&["show", "again", "--json"]).must_exit(0, "a saved plan can be shown")?;
        if changes(shown.json()?) != changes(plan.json()?) {
            return Err(shown.fail(&format!("stage {i}: a saved plan says what was planned\n{}", plan.stdout)));
        }
        let ours = one.dp(&["apply", "again"]);
        let theirs = other.apply();
        if ours.exit != theirs.exit {
            return Err(ours.fail(&format!(
                "stage {i}: applying a saved plan is applying, which says\n{}\n{}",
                theirs.stdout, theirs.stderr
            )));
        }
        if ours.exit != Some(0) {
            return Ok(());
        }
        let (mine, yours) = (one.contents(&stage.names)?, other.contents(&stage.names)?);
        if mine != yours {
            return Err(ours.fail(&format!("stage {i}: a saved plan\n{mine}\nequals a direct apply\n{yours}")));
        }
        one.dp(&["plan", "--detailed-exitcode"]).must_exit(0, "nothing is left to do after a saved plan")?;
        let something = plan.json()?["actions"].as_array().is_some_and(|actions| !actions.is_empty());
        if something {
            one.dp(&["apply", "saved"]).must_exit(1, "a plan that was applied is stale")?;
        }
    }
    Ok(())
}

/// Destroying leaves nothing published, and can be undone by applying.
fn destroyed(story: &Story) -> Law {
    let mut shop = Shop::new();
    for (i, stage) in story.0.iter().enumerate() {
        shop.write(&stage.files, stage.files.keys());
        if shop.apply().exit != Some(0) {
            return Ok(());
        }
        let before = shop.contents(&stage.names)?;
        let said = shop.dp(&["destroy", "--auto-approve"]).must_exit(0, "everything can be destroyed")?;
        let left = (shop.published(), shop.contents(&[])?);
        if !left.0.is_empty() || left.1.lines().any(|line| line.contains('/')) {
            return Err(said.fail(&format!("stage {i}: nothing stays published, but {left:?}")));
        }
        shop.dp(&["plan", "--destroy", "--detailed-exitcode"])
            .must_exit(0, "what is destroyed is not destroyed again")?;
        shop.apply().must_exit(0, "what was destroyed can be made again")?;
        shop.dp(&["plan", "--detailed-exitcode"]).must_exit(0, "and then nothing is left to do")?;
        let after = shop.contents(&stage.names)?;
        if before != after {
            return Err(said.fail(&format!("stage {i}: before destroying\n{before}\nequals after\n{after}")));
        }
    }
    Ok(())
}

#[test]
fn the_same_inputs_give_the_same_plan_byte_for_byte() {
    crate::hold(5, story(2), deterministic);
}

#[test]
fn a_saved_plan_survives_json_and_does_what_it_says() {
    crate::hold(4, story(2), saved);
}

#[test]
fn destroying_leaves_nothing_and_is_undone_by_applying() {
    crate::hold(3, story(1), destroyed);
}
