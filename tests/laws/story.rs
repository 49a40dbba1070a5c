//! A project and what happens to it, stage by stage, made from a recipe of numbers.

use std::collections::BTreeMap;
use std::fmt;

use proptest::collection::vec;
use proptest::prelude::{Strategy, any};

use crate::edits;
use crate::generate;
use crate::tape::Tape;

/// The project before the first edit, or after one.
pub(crate) struct Stage {
    pub(crate) title: String,
    pub(crate) files: BTreeMap<String, String>,
    /// The assets that it declares.
    pub(crate) names: Vec<String>,
    pub(crate) cosmetic: bool,
    pub(crate) damage: Option<String>,
    /// A number for the choices of whoever tells the story.
    pub(crate) whim: usize,
}

pub(crate) struct Story(pub(crate) Vec<Stage>);

/// Stories with up to so many edits.
pub(crate) fn story(edits: usize) -> impl Strategy<Value = Story> {
    let tape = || vec(any::<u16>(), 0..24);
    (vec(tape(), 1..=3), vec(tape(), 1..=6), vec(tape(), edits.min(1)..=edits))
        .prop_map(|(sources, queries, edits)| tell(&sources, &queries, &edits))
}

fn tell(sources: &[Vec<u16>], queries: &[Vec<u16>], edits: &[Vec<u16>]) -> Story {
    let mut project = generate::project(sources, queries);
    let stage = |project: &crate::model::Project| Stage {
        title: String::new(),
        files: project.files(),
        names: project.names(),
        cosmetic: false,
        damage: None,
        whim: 0,
    };
    let mut stages = vec![stage(&project)];
    let mut past = Vec::new();
    for cells in edits {
        let mut tape = Tape::new(cells);
        let whim = tape.pick(60);
        let before = project.clone();
        let edit = edits::edit(&mut tape, &mut project, &past);
        past.push(before);
        stages.push(Stage {
            title: edit.title,
            cosmetic: edit.cosmetic,
            damage: edit.damage,
            whim,
            ..stage(&project)
        });
    }
    Story(stages)
}

/// The files, then for each edit the files that it changed: enough to do it all by hand.
impl fmt::Debug for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = &BTreeMap::new();
        for (i, stage) in self.0.iter().enumerate() {
            let title = if i == 0 { "the project" } else { &stage.title };
            writeln!(f, "\n######## {i}: {title} (whim {})", stage.whim)?;
            for (path, text) in &stage.files {
                if before.get(path) != Some(text) {
                    writeln!(f, "==== {path}\n{}", text.trim_end())?;
                }
            }
            for path in before.keys().filter(|path| !stage.files.contains_key(*path)) {
                writeln!(f, "==== {path} is removed")?;
            }
            before = &stage.files;
        }
        Ok(())
    }
}
