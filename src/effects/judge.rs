use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::contacts::contact_text;
use super::expected::{Dependence, Expected, Judged};
use super::git;
use super::kept::{self, Keeping, Kept};
use super::noise::INTERPRETER;
use super::owners::Owner;
use crate::base::text;
use crate::model::{Effect, Sighting};
use crate::process::{Access, Seen as SeenBy, Stamp, What};

/// Compares the observed accesses with what the asset declares.
pub fn judge(accesses: &[Access], seen: &SeenBy, expected: &Expected<'_>) -> Judged {
    let mut judge = Judge {
        expected,
        judged: Judged::default(),
        folded: BTreeMap::new(),
        reads: BTreeSet::new(),
        writes: BTreeSet::new(),
        foreign: BTreeMap::new(),
        contacts: BTreeSet::new(),
        denied: BTreeMap::new(),
        made: BTreeSet::new(),
        gone: BTreeSet::new(),
        stamps: BTreeMap::new(),
        keeping: Keeping::new(expected, accesses),
    };
    for access in accesses {
        judge.stamps.entry(access.path.clone()).or_insert(access.stamp);
    }
    for access in accesses {
        judge.access(access);
    }
    judge.finish(seen)
}

pub(super) struct Judge<'a> {
    pub(super) expected: &'a Expected<'a>,
    pub(super) judged: Judged,
    /// The noise that each rule combines, by kind of access.
    folded: BTreeMap<(String, &'static str), (u64, u64)>,
    pub(super) reads: BTreeSet<PathBuf>,
    pub(super) writes: BTreeSet<PathBuf>,
    pub(super) foreign: BTreeMap<PathBuf, String>,
    pub(super) contacts: BTreeSet<String>,
    /// Denied accesses, by the word for their kind.
    pub(super) denied: BTreeMap<&'static str, BTreeSet<String>>,
    /// Paths that the program created: it may read them later without a dependence.
    pub(super) made: BTreeSet<PathBuf>,
    /// Created paths that the program removed or renamed: they were only temporary.
    gone: BTreeSet<PathBuf>,
    /// The state of each path at its first use.
    stamps: BTreeMap<PathBuf, Option<Stamp>>,
    /// The accesses to dp's own files in the project.
    keeping: Keeping<'a>,
}

/// Returns the recorded word for an access.
fn word(what: What) -> &'static str {
    match what {
        What::Read => "read",
        What::Wrote => "wrote",
        What::Created => "created",
        What::Renamed => "renamed",
        What::Removed => "removed",
        What::Listed => "listed",
        What::Looked => "looked",
        What::Absent => "missed",
        What::Metadata => "changed",
        What::Started => "started",
        What::Contacted => "contacted",
    }
}

/// Rules without a pattern.
const OWN_FOLDER: &str = "its own temporary folder";
const OWN_FILES: &str = "files that it made itself";
const SEARCH: &str = "the search for programs";
const ON_THE_WAY: &str = "folders on the way";

impl Judge<'_> {
    fn access(&mut self, access: &Access) {
        match access.what {
            What::Contacted => self.contact(access),
            What::Read | What::Listed | What::Looked | What::Absent | What::Started => self.use_of(access),
            What::Wrote | What::Created | What::Renamed | What::Removed | What::Metadata => self.change_of(access),
        }
    }

    /// Handles an access to something that may have decided about the result, whether it existed or not.
    fn use_of(&mut self, access: &Access) {
        let expected = self.expected;
        let compiled = source_of_bytecode(&access.path).filter(|_| access.what == What::Read);
        if let Some(source) = compiled.filter(|source| !expected.code.contains(source)) {
            let first = self.stamps.get(&source).copied().flatten();
            self.depend(source, Dependence::Content(first));
        }
        let rule = self.rule_of(access);
        if access.denied {
            return self.refused(access, "reading", rule);
        }
        if access.real.starts_with(expected.own) {
            return self.note(access, Some(OWN_FOLDER), true);
        }
        let declared = expected.inputs.contains_key(&access.real)
            || expected.code.contains(&access.real)
            || expected.code.contains(&access.path);
        if declared {
            // The bytes are declared; the targets of links are not.
            self.depend_on_links(access);
            return self.note(access, None, true);
        }
        let kept = self.keeping.of(access);
        if kept == Some(Kept::Own) {
            return self.note(access, Some(kept::RULE), true);
        }
        if let Some(rule) = rule {
            let is_interpreter = access.what == What::Started && rule == INTERPRETER;
            if is_interpreter {
                // The rule exists because the program was started; the program file itself counts nevertheless.
                self.depend(access.path.clone(), Dependence::Content(access.stamp));
            }
            if let Some(dependence) = git::dependence(access).or_else(|| choice_of_version(access, &rule)) {
                self.depend(access.path.clone(), dependence);
            }
            // Each started program gets its own row, unless an interpreter's rule covers it.
            let rule = Some(rule).filter(|_| access.what != What::Started || is_interpreter);
            return self.note(access, rule.as_deref(), true);
        }
        // A path through the attempt's folder no longer exists afterwards, and a path that is noise is not inspected
        // again.
        let through = access.path.starts_with(expected.own) || expected.noise.rule_of(&access.path).is_some();
        let subject = match &kept {
            Some(Kept::Counts(path) | Kept::Bytes(path)) => path,
            _ if through => &access.real,
            _ => &access.path,
        };
        let is_searched = subject.parent().is_some_and(|folder| expected.search.iter().any(|search| search == folder));
        if access.what == What::Absent && is_searched && !subject.starts_with(expected.root) {
            return self.note(access, Some(SEARCH), true);
        }
        // The project's parent folders are inspected on the way to every file.
        if matches!(access.what, What::Looked) && expected.root.starts_with(subject) {
            return self.note(access, Some(ON_THE_WAY), true);
        }
        if self.made.contains(&access.path) {
            // What the program left there counts as it left it; what it removed does not count.
            let dependence = match access.what {
                What::Listed => Dependence::Names(access.stamp),
                What::Looked => Dependence::Presence,
                _ => Dependence::Content(access.stamp),
            };
            self.depend(subject.clone(), dependence);
            return self.note(access, Some(OWN_FILES), true);
        }
        let allowed = below_one_of(&access.real, expected.read) || below_one_of(&access.real, expected.write);
        let surprising = access.what == What::Read && !allowed;
        let met = kept.as_ref().filter(|_| !matches!(access.what, What::Read | What::Started)).map(|_| kept::RULE);
        self.note(access, met, !surprising);
        if surprising {
            self.reads.insert(subject.clone());
        }
        self.depend_on_links(access);
        let leads_anywhere = is_of_a_process(subject) || is_of_a_process(&access.real) || is_process_link(access);
        let dependence = match access.what {
            _ if leads_anywhere => Dependence::Unknown,
            What::Listed => Dependence::Names(access.stamp),
            What::Looked if matches!(kept, Some(Kept::Bytes(_))) => Dependence::Content(None),
            // A size, or being a link, implies that it exists.
            What::Looked if access.asked.stat => Dependence::Stat(access.stamp),
            What::Looked if access.asked.link => return,
            What::Looked => Dependence::Presence,
            What::Absent => Dependence::Absence,
            _ => Dependence::Content(access.stamp),
        };
        self.depend(subject.clone(), dependence);
    }

    /// Adds dependences on the targets of links in a path, and on whether the path itself is a link if the program
    /// asked.
    fn depend_on_links(&mut self, access: &Access) {
        let expected = self.expected;
        let asked = access.asked.link.then_some((&access.path, access.stamp));
        let passed = access.links.iter().map(|link| (&link.path, Some(link.stamp)));
        for (path, stamp) in passed.chain(asked).collect::<Vec<_>>() {
            // Folders above the project are inspected on the way to every file. Entries in the attempt's folder, or
            // made by dp or the program, can't be inspected again. It does not matter that a link is noise: its target
            // is not.
            let is_above = expected.root.starts_with(path);
            let is_its_own = path.starts_with(expected.own) || self.made.contains(path);
            let is_of_system = ["/proc", "/dev", "/sys"].iter().any(|folder| path.starts_with(folder));
            if !is_above && !is_its_own && !is_of_system && !self.keeping.is_own_link(path) {
                self.depend(path.clone(), Dependence::Link(stamp));
            }
        }
    }

    /// Returns the rule by which an access is noise: it must cover both the used path and its target.
    fn rule_of(&self, access: &Access) -> Option<String> {
        let noise = self.expected.noise;
        let real = noise.rule_of(&access.real)?;
        let by_path = access.path.starts_with(self.expected.own) || noise.rule_of(&access.path).is_some();
        (by_path && !is_of_a_process(&access.real)).then(|| real.to_owned())
    }

    /// Handles a denied access. Programs usually can do without noise; if the program fails, the noise is listed.
    fn refused(&mut self, access: &Access, verb: &'static str, rule: Option<String>) {
        let path = self.shown(&access.path);
        self.note(access, rule.as_deref(), rule.is_some());
        if rule.is_some() {
            self.judged.refused_noise.insert(path);
        } else {
            self.denied.entry(verb).or_default().insert(path);
        }
    }

    /// Adds a dependence. Per way of depending on a path, the strongest dependence counts.
    fn depend(&mut self, path: PathBuf, dependence: Dependence) {
        let known = self.judged.depends.entry(path).or_default();
        let (way, strength) = dependence.way();
        match known.iter_mut().find(|known| known.way().0 == way) {
            Some(known) if known.way().1 >= strength => {}
            Some(known) => *known = dependence,
            None => known.push(dependence),
        }
    }

    fn change_of(&mut self, access: &Access) {
        let expected = self.expected;
        let rule = self.rule_of(access);
        if access.denied {
            return self.refused(access, "changing", rule);
        }
        if access.what == What::Renamed && !self.made.contains(&access.path) && !access.real.starts_with(expected.own) {
            // The file has the same content under its new name.
            self.depend(access.path.clone(), Dependence::Content(access.stamp));
        }
        let paths: Vec<&PathBuf> = std::iter::once(&access.path).chain(&access.to).collect();
        for path in &paths {
            self.judged.changed.insert((*path).clone());
        }
        let was_made = self.made.contains(&access.path);
        match access.what {
            What::Created => self.is_there(&access.path),
            What::Renamed if was_made => {
                self.gone.insert(access.path.clone());
                access.to.iter().for_each(|to| self.is_there(to));
            }
            What::Removed if was_made => {
                self.gone.insert(access.path.clone());
            }
            _ => {}
        }
        // The attempt's folder, also as the target of renames of files that the program created elsewhere.
        let is_own = |to: &PathBuf| to.starts_with(expected.own);
        let comes_in = was_made && access.what == What::Renamed && access.to.as_ref().is_some_and(is_own);
        if comes_in || self.is_own(access) && access.to.as_ref().is_none_or(is_own) {
            return self.note(access, Some(OWN_FOLDER), true);
        }
        if let Some(rule) = rule {
            return self.note(access, Some(&rule), true);
        }
        if is_temporary(&access.path, expected.root) && self.made.contains(&access.path) {
            return self.note(access, Some("temporary files"), true);
        }
        let allowed =
            paths.iter().all(|path| below_one_of(path, expected.write)) || below_one_of(&access.real, expected.write);
        self.note(access, None, allowed);
        for path in paths.into_iter().filter(|path| !is_own(path)) {
            match self.owner(path).or_else(|| self.owner(&access.real)) {
                Some(Owner::Asset(other)) if other != *expected.asset => {
                    self.foreign.insert(path.clone(), format!("`{other}`"));
                }
                Some(Owner::Source(other)) => {
                    self.foreign.insert(path.clone(), format!("the source `{other}`"));
                }
                Some(Owner::Dp) => {
                    self.foreign.insert(path.clone(), "dp itself".to_owned());
                }
                _ if allowed => {}
                _ => {
                    self.writes.insert(path.clone());
                }
            }
        }
    }

    /// Notes that the program created something that exists now.
    fn is_there(&mut self, path: &Path) {
        self.made.insert(path.to_owned());
        for folder in path.ancestors() {
            self.gone.remove(folder);
        }
    }

    pub(super) fn owner(&self, path: &Path) -> Option<Owner> {
        self.expected.owners.owner(path.strip_prefix(self.expected.root).ok()?)
    }

    /// Whether the access is inside the attempt's folder, with links resolved.
    fn is_own(&self, access: &Access) -> bool {
        access.real.starts_with(self.expected.own)
    }

    /// Records an access, combined with others if a rule applies.
    pub(super) fn note(&mut self, access: &Access, rule: Option<&str>, declared: bool) {
        let kind = word(access.what);
        let bytes = access.stamp.filter(|_| matches!(access.what, What::Read | What::Wrote)).map(|stamp| stamp.size);
        let path = match &access.contact {
            Some(contact) => contact_text(contact),
            None => self.shown(&access.path),
        };
        let mut details = Vec::new();
        details.extend(access.to.as_ref().map(|to| format!("to {}", self.shown(to))));
        if access.arguments.len() > 1 {
            let words: Vec<_> = access.arguments[1..].iter().map(|word| word.to_string_lossy()).collect();
            details.push(words.join(" "));
        }
        details.extend(self.expected.inputs.get(&access.real).map(|asset| format!("rows of {asset}")));
        details.extend(access.denied.then(|| "denied".to_owned()));
        details.extend((!access.by.is_empty()).then(|| format!("by {}", access.by)));
        let effect = self.effect(kind, Some(path), access.count, bytes, declared, rule, details.join("; "));
        match rule {
            None => self.push(effect.clone()),
            Some(rule) => {
                let (count, all) = self.folded.entry((rule.to_owned(), kind)).or_default();
                *count += 1;
                *all += bytes.unwrap_or(0);
            }
        }
        self.judged.everything.push(effect);
    }

    /// Adds an effect. A program that was started several times has one row, with the arguments of the first start.
    fn push(&mut self, effect: Effect) {
        let known = self
            .judged
            .effects
            .iter_mut()
            .find(|known| effect.kind == "started" && known.kind == effect.kind && known.path == effect.path);
        match (known.and_then(|known| known.sighting.as_mut()), &effect.sighting) {
            (Some(known), Some(again)) if known.declared == again.declared => known.count += again.count,
            _ => self.judged.effects.push(effect),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "each is a column of the record")]
    fn effect(
        &self,
        kind: &str,
        path: Option<String>,
        count: u64,
        bytes: Option<u64>,
        declared: bool,
        noise: Option<&str>,
        detail: String,
    ) -> Effect {
        Effect {
            asset: self.expected.asset.clone(),
            kind: kind.to_owned(),
            path,
            version: None,
            replaced: None,
            rows: None,
            bytes,
            ms: None,
            content: None,
            sighting: Some(Sighting {
                seen: self.expected.seen,
                count,
                declared,
                noise: noise.map(str::to_owned),
                detail: (!detail.is_empty()).then_some(detail),
            }),
        }
    }

    pub(super) fn shown(&self, path: &Path) -> String {
        shown(path, self.expected.root)
    }

    fn finish(mut self, seen: &SeenBy) -> Judged {
        let folded = std::mem::take(&mut self.folded);
        for ((rule, kind), (paths, bytes)) in folded {
            let detail = text::count(usize::try_from(paths).unwrap_or(usize::MAX), "path");
            let bytes = (bytes > 0).then_some(bytes);
            let effect = self.effect(kind, None, paths, bytes, true, Some(&rule), detail);
            self.judged.effects.push(effect);
        }
        self.judged.denied = !self.denied.is_empty();
        let gone = std::mem::take(&mut self.gone);
        self.writes.retain(|path| !path.ancestors().any(|path| gone.contains(path)));
        self.notices(seen);
        self.judged
    }
}

/// Returns a path for display and for the state: relative to the project if it is inside it.
pub(super) fn shown(path: &Path, root: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    if path.as_os_str().is_empty() { ".".to_owned() } else { path.to_string_lossy().into_owned() }
}

/// Returns the Python source of a cached bytecode file.
fn source_of_bytecode(path: &Path) -> Option<PathBuf> {
    let folder = path.parent().filter(|folder| folder.ends_with("__pycache__"))?;
    let name = path.file_name()?.to_str()?.strip_suffix(".pyc")?;
    let module = name.split('.').next()?;
    Some(folder.parent()?.join(format!("{module}.py")))
}

/// Whether a path leads through the `/proc` folders of a process, which don't exist after it has ended.
fn is_of_a_process(path: &Path) -> bool {
    let parts: Vec<&str> = path.iter().filter_map(|part| part.to_str()).collect();
    let Some(within) = parts.strip_prefix(&["/", "proc"]) else {
        return false;
    };
    within.iter().position(|part| ["cwd", "root"].contains(part)).is_some_and(|place| place + 1 < within.len())
}

/// Whether a path outside `/proc` leads into it: the target depends on the process that follows it.
fn is_process_link(access: &Access) -> bool {
    let is_there = |path: &Path| path.starts_with("/proc") || path.starts_with("/dev");
    access.real.starts_with("/proc") && !is_there(&access.path)
}

/// Returns the dependence on a file from which a shim chooses the version to start, such as `~/.pyenv/version`.
fn choice_of_version(access: &Access, rule: &str) -> Option<Dependence> {
    let is_choice = rule == INTERPRETER && access.path.file_name().is_some_and(|name| name == "version");
    match access.what {
        What::Read if is_choice => Some(Dependence::Content(access.stamp)),
        What::Absent if is_choice => Some(Dependence::Absence),
        _ => None,
    }
}

fn below_one_of(path: &Path, folders: &[PathBuf]) -> bool {
    folders.iter().any(|folder| path.starts_with(folder))
}

fn is_temporary(path: &Path, root: &Path) -> bool {
    !path.starts_with(root) && ["/tmp", "/var/tmp"].iter().any(|folder| path.starts_with(folder))
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
