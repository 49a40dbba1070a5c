//! The decision as a table: each reason with the action that follows, without a gap and with one.

use std::collections::BTreeSet;

use super::world_tests::{World, digest, file, name, now};
use super::{Inputs, Verdict, decide, known};
use crate::model::{Aspect, HeldBack, ObservedInput, OutputState, PathState, ProgramRun, RunId, SchemaChange};
use crate::plan::{Action, Reason, Step};
use crate::project::Refresh;

/// A row: what is the case, the asset, the edit of the world, and what follows from it.
///
/// The last three columns are the words of the step: without a gap; with a gap, because `t.up` is rebuilt; and what the
/// run does with the step of the gap when `t.up` has the same rows, and when it has others.
type Row = (&'static str, &'static str, fn(&mut World), &'static str, &'static str, [&'static str; 2]);

const ROWS: &[Row] = &[
    ("nothing", "t.table", |_| {}, "unchanged", "maybe input_may_change", ["cut_off", "build"]),
    (
        "it is new",
        "t.table",
        |world| {
            world.snapshot.published.remove(&name("t.table"));
            world.versions.retain(|version| version.asset != name("t.table"));
        },
        "create new",
        "create new",
        ["build", "build"],
    ),
    (
        "it is new here, and stored",
        "t.table",
        |world| {
            world.snapshot.published.remove(&name("t.table"));
        },
        "reuse new",
        "create new",
        ["reuse", "build"],
    ),
    (
        "its definition was edited",
        "t.table",
        |world| world.edit("t.table"),
        "rebuild definition_changed",
        "rebuild definition_changed",
        ["build", "build"],
    ),
    (
        "its definition was edited back",
        "t.table",
        |world| {
            world.edit("t.table");
            world.store("t.table", "edited");
        },
        "reuse definition_changed",
        "rebuild definition_changed",
        ["reuse", "build"],
    ),
    (
        "its input has other rows",
        "t.table",
        |world| world.publish("t.up", "other rows"),
        "rebuild input_changed",
        "maybe input_may_change",
        ["cut_off", "build"],
    ),
    (
        "its input has other rows, in columns that it does not read",
        "t.table",
        |world| {
            world.publish("t.up", "other rows");
            world.published("t.up").lists[0].content = digest("a of rows");
        },
        "unchanged",
        "maybe input_may_change",
        ["cut_off", "build"],
    ),
    (
        "its file changed",
        "t.table",
        |world| {
            world.declared("t.table").files = vec![file("data/a.csv", "before")];
            world.publish("t.table", "rows");
            world.declared("t.table").files = vec![file("data/a.csv", "after")];
        },
        "rebuild input_changed",
        "rebuild input_changed",
        ["build", "build"],
    ),
    (
        "its file has other columns",
        "t.table",
        |world| {
            let facts = world.declared("t.table");
            facts.schema.0.truncate(1);
            facts.schema_changes = vec![SchemaChange::Removed {
                column: "b".to_owned(),
                data_type: "INTEGER".to_owned(),
            }];
        },
        "rebuild schema_changed",
        "rebuild schema_changed",
        ["build", "build"],
    ),
    (
        "what its program reads changed",
        "t.program",
        |world| observed(world, "t.program", PathState::Absent),
        "rebuild input_changed",
        "rebuild input_changed",
        ["build", "build"],
    ),
    (
        "what its program reads is the same",
        "t.program",
        |world| observed(world, "t.program", PathState::File(digest("code"))),
        "unchanged",
        "maybe input_may_change",
        ["cut_off", "build"],
    ),
    (
        "its export is gone",
        "t.file",
        |world| output(world, "missing", false),
        "reuse output_missing",
        "rebuild output_missing",
        ["reuse", "build"],
    ),
    (
        "its export was changed",
        "t.file",
        |world| output(world, "changed", false),
        "reuse output_drifted",
        "rebuild output_drifted",
        ["reuse", "build"],
    ),
    (
        "its stored file was changed",
        "t.file",
        |world| output(world, "changed", true),
        "rebuild output_drifted",
        "rebuild output_drifted",
        ["build", "build"],
    ),
    (
        "it is stale",
        "t.table",
        |world| refresh(world, Refresh::Always),
        "rebuild stale",
        "rebuild stale",
        ["build", "build"],
    ),
    (
        "it is not stale yet",
        "t.table",
        |world| refresh(world, hour()),
        "unchanged",
        "maybe input_may_change",
        ["cut_off", "build"],
    ),
    (
        "the version to reuse is stale",
        "t.table",
        |world| {
            refresh(world, hour());
            world.edit("t.table");
            world.store("t.table", "edited");
            world.versions[0].created = now() - jiff::SignedDuration::from_hours(2);
        },
        "rebuild definition_changed",
        "rebuild definition_changed",
        ["build", "build"],
    ),
    (
        "the user asks for it",
        "t.table",
        |world| {
            world.replace.insert(name("t.table"));
        },
        "rebuild forced",
        "rebuild forced",
        ["build", "build"],
    ),
    (
        "the engine binds it differently",
        "t.table",
        |world| world.declared("t.table").plan = Some(digest("another plan")),
        "rebuild engine_changed",
        "maybe input_may_change",
        ["build", "build"],
    ),
    (
        "its rows differ with every build, and the definition was edited back",
        "t.table",
        |world| {
            world.edit("t.table");
            world.store("t.table", "edited");
            world.declared("t.table").unstable = BTreeSet::from(["random()".to_owned()]);
        },
        "rebuild definition_changed",
        "rebuild definition_changed",
        ["build", "build"],
    ),
    ("it was renamed", "t.table", |world| renamed(world), "reuse moved", "rebuild moved", ["reuse", "build"]),
    (
        "its file goes elsewhere",
        "t.file",
        |world| {
            let export = world.published("t.file").export.as_mut().expect("an export");
            export.path = "out/before.csv".parse().expect("a path");
        },
        "reuse definition_changed",
        "rebuild definition_changed",
        ["reuse", "build"],
    ),
    ("a view over the same version", "t.view", |_| {}, "unchanged", "maybe input_may_change", ["build", "build"]),
    (
        "a view over another version",
        "t.view",
        |world| world.publish("t.up", "rows"),
        "rebuild input_changed",
        "maybe input_may_change",
        ["build", "build"],
    ),
    (
        "a view that was edited back",
        "t.view",
        |world| {
            world.edit("t.view");
            world.store("t.view", "rows");
        },
        "reuse definition_changed",
        "rebuild definition_changed",
        ["build", "build"],
    ),
    (
        "a program that ran on the same before",
        "t.program",
        |world| {
            world.edit("t.program");
            world.store("t.program", "edited");
        },
        "reuse definition_changed",
        "rebuild definition_changed",
        ["reuse", "build"],
    ),
    (
        "a program whose result is by hand",
        "t.program",
        |world| {
            world.edit("t.program");
            world.store("t.program", "edited");
            world.versions[0].by_hand = Some(crate::model::ByHand {
                how: "accepted".to_owned(),
                reason: "it is right".to_owned(),
                path: "a.csv".to_owned(),
            });
        },
        "rebuild definition_changed",
        "rebuild definition_changed",
        ["build", "build"],
    ),
    (
        "a rollback holds it",
        "t.table",
        |world| {
            world.edit("t.table");
            hold(world, "t.table");
        },
        "unchanged definition_changed rolled_back",
        "unchanged definition_changed rolled_back",
        ["-", "-"],
    ),
    (
        "the user resumes what a rollback holds",
        "t.table",
        |world| {
            world.edit("t.table");
            hold(world, "t.table");
            world.resume = true;
        },
        "rebuild definition_changed rolled_back",
        "rebuild definition_changed rolled_back",
        ["build", "build"],
    ),
    (
        "it reads what a rollback holds",
        "t.reader",
        |world| {
            world.edit("t.table");
            hold(world, "t.table");
        },
        "unchanged input_may_change held_back",
        "unchanged input_may_change held_back",
        ["-", "-"],
    ),
    (
        "a check has no result",
        "t.table",
        |world| world.check("t.table", false),
        "check checks_due",
        "maybe input_may_change",
        ["cut_off", "build"],
    ),
    (
        "a check depends on the clock",
        "t.table",
        |world| world.check("t.table", true),
        "check checks_due",
        "maybe input_may_change",
        ["cut_off", "build"],
    ),
    (
        "a setting changed",
        "t.table",
        |world| world.asset("t.table").protect = true,
        "settings settings_changed",
        "maybe input_may_change settings_changed",
        ["cut_off", "build"],
    ),
    (
        "it is no longer declared",
        "t.reader",
        |world| {
            world.project.assets.remove(&name("t.reader"));
            world.facts.remove(&name("t.reader"));
        },
        "destroy removed",
        "destroy removed",
        ["-", "-"],
    ),
    (
        "it is no longer declared, and a rollback brought it back",
        "t.reader",
        |world| {
            world.project.assets.remove(&name("t.reader"));
            world.facts.remove(&name("t.reader"));
            hold(world, "t.reader");
            world.snapshot.held[0].definition = None;
        },
        "unchanged removed rolled_back",
        "unchanged removed rolled_back",
        ["-", "-"],
    ),
    (
        "the user asks to destroy everything",
        "t.reader",
        |world| world.destroy = true,
        "destroy forced",
        "destroy forced",
        ["-", "-"],
    ),
];

fn hour() -> Refresh {
    Refresh::After {
        seconds: 3600,
        written: "1h".to_owned(),
    }
}

/// Declares it for `t.table`, as it was when that was published.
fn refresh(world: &mut World, refresh: Refresh) {
    world.asset("t.table").refresh = Some(refresh);
    let published = world.published("t.table").clone();
    world.point(published);
}

fn output(world: &mut World, what: &'static str, stored: bool) {
    let state = OutputState {
        what,
        path: "out/file.csv".to_owned(),
        stored,
        mtime: None,
    };
    world.observed.outputs.insert(name("t.file"), state);
    if stored {
        // The catalogue returns intact versions only.
        let damaged = world.published("t.file").id.clone();
        world.versions.retain(|version| version.id != damaged);
    }
}

/// Makes the published version of a program depend on a file that is in a state now.
fn observed(world: &mut World, asset: &str, state: PathState) {
    let input = ObservedInput {
        path: "code.py".to_owned(),
        state: PathState::File(digest("code")),
    };
    let version = world.published(asset);
    let program = version.program.take().expect("a program");
    version.key = super::observed_key(&version.key, std::slice::from_ref(&input));
    version.program = Some(ProgramRun {
        observed: vec![input],
        ..program
    });
    let version = version.clone();
    world.versions.retain(|stored| stored.id != version.id);
    world.versions.insert(0, version);
    world.observed.paths.insert(("code.py".to_owned(), Aspect::Content), state);
}

/// `t.table` was `t.old` when it was published.
fn renamed(world: &mut World) {
    world.asset("t.table").moved_from.push((name("t.old"), 0..0));
    let mut published = world.snapshot.published.remove(&name("t.table")).expect("a published asset");
    published.version.asset = name("t.old");
    world.versions.retain(|version| version.asset != name("t.table"));
    world.snapshot.published.insert(name("t.old"), published);
}

fn hold(world: &mut World, asset: &str) {
    world.snapshot.held.push(HeldBack {
        asset: name(asset),
        definition: world.facts.get(&name(asset)).map(|facts| facts.definition.clone()),
        key: None,
        version: None,
        run: RunId(7),
        since: now(),
    });
}

/// "rebuild stale": the action of a step and its reasons.
fn words(step: &Step) -> String {
    let reasons = step.reasons.iter().map(Reason::code);
    std::iter::once(step.action.word()).chain(reasons).collect::<Vec<_>>().join(" ")
}

fn planned(world: &World, asset: &str) -> Step {
    world.plan().step(&name(asset)).expect("a step").clone()
}

/// What the run does with a step when its inputs are known.
fn done(world: &World, step: &Step, inputs: &Inputs) -> &'static str {
    if matches!(step.action, Action::Unchanged | Action::Check | Action::Settings | Action::Destroy) {
        return "-";
    }
    let evidence = world.evidence(step.asset.as_str(), inputs, step.reuse.as_ref());
    match decide(&evidence, &world.candidates(&evidence)).verdict {
        Verdict::Keep => "cut_off",
        Verdict::Reuse(_) => "reuse",
        Verdict::Build => "build",
        Verdict::Undecided => "undecided",
    }
}

#[test]
fn each_reason_leads_to_its_action() {
    let mut wrong = Vec::new();
    for (what, asset, edit, without, with, closed) in ROWS {
        let mut world = World::new();
        edit(&mut world);
        let found = words(&planned(&world, asset));
        if found != *without {
            wrong.push(format!("{what}: {found}, expected {without}"));
        }
        world.replace.insert(name("t.up"));
        let step = planned(&world, asset);
        if words(&step) != *with {
            wrong.push(format!("{what}, with a gap: {}, expected {with}", words(&step)));
        }
        if !world.snapshot.published.contains_key(&name("t.up")) {
            continue;
        }
        for (rows, expected) in ["rows", "rows of a new build"].into_iter().zip(closed) {
            let mut contents = world.contents();
            let up = world.made(&name("t.up"), rows, &contents);
            contents.insert(name("t.up"), known(&up));
            let found = done(&world, &step, &contents);
            if found != *expected {
                wrong.push(format!("{what}, once `t.up` has {rows}: {found}, expected {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Reasons that the user gives for a run without a plan; nothing is decided then.
const WITHOUT_A_PLAN: [&str; 2] = ["by_hand", "forgotten"];

#[test]
fn every_reason_is_in_the_table() {
    let words = ROWS.iter().flat_map(|(_, _, _, without, with, _)| without.split(' ').chain(with.split(' ')));
    let words: BTreeSet<&str> = words.chain(WITHOUT_A_PLAN).collect();
    let source = include_str!("../reason.rs");
    let codes = source.split("pub fn code").nth(1).and_then(|rest| rest.split("pub fn detail").next()).expect("codes");
    let codes: Vec<&str> = codes.split('"').skip(1).step_by(2).collect();
    assert!(codes.len() > 15, "{codes:?}");
    let missing: Vec<_> = codes.into_iter().filter(|code| !words.contains(code)).collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
}
