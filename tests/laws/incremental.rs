//! What was there before makes no difference to what comes out.

use std::fs;

use proptest::test_runner::TestCaseError;

use crate::shop::{Law, Shop};
use crate::story::{Stage, Story, story};

/// The law itself, and with it: a plan after an apply is empty, an edit of no consequence plans nothing, and
/// what one build refuses the other refuses in the same words.
pub(crate) fn law(story: &Story) -> Law {
    let mut shop = Shop::new();
    let mut settled = false;
    for (i, stage) in story.0.iter().enumerate() {
        shop.write(&stage.files, stage.files.keys());
        if let Some(asset) = &stage.damage {
            shop.damage(asset);
        }
        if stage.cosmetic && settled {
            shop.dp(&["plan", "--detailed-exitcode"])
                .must_exit(0, &format!("stage {i}: an edit of no consequence plans nothing"))?;
        }
        settled = advance(&shop, stage, i)?;
        compare(&shop, stage, i, settled)?;
    }
    Ok(())
}

/// One of the ways to get everything published; whether it was.
fn advance(shop: &Shop, stage: &Stage, i: usize) -> Result<bool, TestCaseError> {
    let applied = match stage.whim % 6 {
        1 => {
            let planned = shop.dp(&["plan", "--out", "saved"]);
            if planned.exit == Some(0) { shop.dp(&["apply", "saved"]) } else { planned }
        }
        2 => shop.dp(&["apply", "--auto-approve", "-j", "1"]),
        3 => {
            // A part first, with what it needs, then the rest. The part may fail where the whole does.
            let name = format!("+{}", stage.names[stage.whim % stage.names.len()]);
            shop.dp(&["apply", "--auto-approve", &name]);
            shop.apply()
        }
        4 => shop.dp(&["apply", "--auto-approve", "--replace", &stage.names[stage.whim % stage.names.len()]]),
        _ => shop.apply(),
    };
    crate::log(&format!("{:?}\t{}", applied.exit, stage.title));
    match applied.exit {
        Some(0) => {
            let law = format!("stage {i}: a plan after an apply is empty (exit 0)");
            shop.dp(&["plan", "--detailed-exitcode"]).must_exit(0, &law)?;
            Ok(true)
        }
        Some(1 | 3) => Ok(false),
        _ => Err(applied.fail(&format!("stage {i}: apply works, or refuses, or fails"))),
    }
}

/// Builds the same from nothing, elsewhere.
fn compare(shop: &Shop, stage: &Stage, i: usize, settled: bool) -> Law {
    let mut fresh = Shop::new();
    fresh.write(&stage.files, stage.files.keys().rev());
    let applied = fresh.apply();
    if !settled {
        let (ours, theirs) = (shop.dp(&["plan", "--json"]), fresh.dp(&["plan", "--json"]));
        let law = format!("stage {i}: what is refused is refused alike, here\n{}\nand from nothing", ours.stdout);
        if applied.exit == Some(0) || ours.errors()? != theirs.errors()? {
            return Err(applied.fail(&law));
        }
        return Ok(());
    }
    let law = format!("stage {i}: what an incremental apply builds, a fresh build builds too");
    let applied = applied.must_exit(0, &law)?;
    let (ours, theirs) = (shop.contents(&stage.names)?, fresh.contents(&stage.names)?);
    if ours == theirs {
        return Ok(());
    }
    let only = |a: &str, b: &str| {
        let lines: Vec<_> = a.lines().filter(|line| !b.lines().any(|other| other == *line)).collect();
        if lines.is_empty() { "the same lines, in other numbers".to_owned() } else { lines.join("\n  ") }
    };
    Err(applied.fail(&format!(
        "stage {i}: an incremental apply equals a fresh build\nonly incremental:\n  {}\nonly fresh:\n  {}",
        only(&ours, &theirs),
        only(&theirs, &ours),
    )))
}

#[test]
fn an_incremental_apply_equals_a_fresh_build() {
    crate::hold(8, story(3), law);
}

/// For a story that `DP_LAWS_KEEP` names a folder for: its stages as folders, to try by hand.
pub(crate) fn keep(story: &Story) {
    let Some(folder) = std::env::var_os("DP_LAWS_KEEP") else {
        return;
    };
    for (i, stage) in story.0.iter().enumerate() {
        for (path, text) in &stage.files {
            let file = std::path::Path::new(&folder).join(i.to_string()).join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
    }
}
