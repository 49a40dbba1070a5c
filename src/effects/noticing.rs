//! The notices about a program, with the lines that would declare what it did.

use std::collections::BTreeSet;

use super::judge::Judge;
use super::notice::Notice;
use super::owners::Owner;
use crate::base::text;
use crate::process::Seen as SeenBy;
use crate::project::Judgement;

impl Judge<'_> {
    pub(super) fn notices(&mut self, seen: &SeenBy) {
        let asset = self.expected.asset.to_string();
        let mut notices = Vec::new();
        for (verb, what) in &self.denied {
            notices.push(Notice::Denied {
                asset: asset.clone(),
                what: format!("{verb} {}", text::named(what, 5)),
                help: format!("to permit this, add `[allow]` with `{}`", allow_line(verb, what)),
            });
        }
        if self.expected.judgement == Judgement::Warn {
            for (path, owner) in &self.foreign {
                notices.push(Notice::ForeignWrite {
                    asset: asset.clone(),
                    what: format!("`{}`", self.shown(path)),
                    owner: owner.clone(),
                    help: "let it write to `$DP_OUTPUT` or to a separate file; run `dp plan` to see what the change affects".to_owned(),
                });
            }
            if !self.writes.is_empty() {
                let paths: Vec<String> = self.writes.iter().map(|path| self.shown(path)).collect();
                notices.push(Notice::UndeclaredWrite {
                    asset: asset.clone(),
                    what: text::named(&paths, 5),
                    help: format!(
                        "write the file to `$DP_FILE_<NAME>` and declare it under [[files]], or add `[allow]` with `write = {}`",
                        list(&paths)
                    ),
                });
            }
            if !self.reads.is_empty() {
                let paths: Vec<String> = self.reads.iter().map(|path| self.shown(path)).collect();
                notices.push(Notice::UndeclaredRead {
                    asset: asset.clone(),
                    what: text::named(&paths, 5),
                    help: self.read_help(),
                });
            }
            if !self.contacts.is_empty() {
                notices.push(Notice::contacted(self.expected.asset, &self.contacts));
            }
        }
        if self.expected.judgement != Judgement::Record {
            let hidden = match seen {
                SeenBy::All => None,
                SeenBy::Partly(means) => Some(text::and(means)),
                SeenBy::Nothing(why) => Some(format!("its reads and contacts ({why})")),
            };
            notices.extend(hidden.map(|what| Notice::PartlySeen { asset, what }));
        }
        self.judged.notices = notices;
    }

    /// Returns the lines that would declare what was read.
    fn read_help(&self) -> String {
        let (mut inputs, mut files, mut outside) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for path in &self.reads {
            match self.owner(path) {
                // An asset can't be its own input.
                Some(Owner::Asset(asset)) if asset == *self.expected.asset => {
                    outside.insert(self.shown(path));
                }
                // The rows of the source are already an input; the program reads the file in addition.
                Some(Owner::Source(asset)) if self.expected.written_inputs.contains(&asset.to_string()) => {
                    files.insert(self.shown(path));
                }
                Some(Owner::Asset(asset) | Owner::Source(asset)) => {
                    inputs.insert(asset.to_string());
                }
                None if path.starts_with(self.expected.root) => {
                    files.insert(self.shown(path));
                }
                Some(Owner::Dp) | None => {
                    outside.insert(self.shown(path));
                }
            }
        }
        let mut lines = Vec::new();
        let with = |known: &[String], found: &BTreeSet<String>| {
            list(&known.iter().chain(found.iter().take(5)).cloned().collect::<Vec<_>>())
        };
        if !files.is_empty() {
            lines.push(format!("`files = {}` under [command]", with(self.expected.written_files, &files)));
        }
        if !inputs.is_empty() {
            lines.push(format!("`inputs = {}` under [command]", with(self.expected.written_inputs, &inputs)));
        }
        if !outside.is_empty() {
            lines.push(format!("`[allow]` with `read = {}`", with(&[], &outside)));
        }
        format!("add {}; until then dp watches it as an observed input", text::and(lines))
    }
}

fn allow_line(verb: &str, what: &BTreeSet<String>) -> String {
    let key = match verb {
        "reading" => "read",
        "changing" => "write",
        _ => "connect",
    };
    format!("{key} = {}", list(&what.iter().take(5).cloned().collect::<Vec<_>>()))
}

/// Returns a TOML array.
fn list(items: &[String]) -> String {
    let items: Vec<_> = items.iter().map(|item| format!("{item:?}")).collect();
    format!("[{}]", items.join(", "))
}
