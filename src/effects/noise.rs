use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use globset::GlobSet;

use super::interpreters::{self, program_folder};
use crate::project::path_pattern;

/// The built-in rules, as text for the user.
pub const RULES: &str = include_str!("noise.txt");

/// The name of rules from the project.
const OWN_RULE: &str = "dp.toml";

/// The name of the rule for files beside a started program.
pub(super) const INTERPRETER: &str = "the interpreter's own files";

/// The rules that decide which paths are noise. A later rule overrides an earlier one.
#[derive(Clone, Debug, Default)]
pub struct Noise {
    root: PathBuf,
    rules: Vec<Rule>,
    /// What dp itself puts into folders of the project, and the folders that it creates for that.
    placed: BTreeSet<PathBuf>,
}

#[derive(Clone, Debug)]
struct Rule {
    name: String,
    pattern: GlobSet,
    scope: Scope,
    /// Whether it excludes what earlier rules included.
    takes_out: bool,
}

/// The paths that a rule applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// Paths outside the project: the project's own location must not make its files noise.
    Outside,
    /// All paths; inside the project, the path below its folder is matched.
    Anywhere,
    /// A rule of the project.
    Project,
}

impl Noise {
    /// Creates the rules: dp's own, and the patterns of a project, where relative ones are below `root`. `placed` is
    /// what dp puts into the project, relative to it.
    pub fn new<'a>(
        root: &Path,
        home: Option<&Path>,
        patterns: &[String],
        placed: impl IntoIterator<Item = &'a Path>,
    ) -> Self {
        let placed = placed.into_iter().flat_map(|path| path.ancestors().map(|above| root.join(above)));
        let mut noise = Self {
            root: root.to_owned(),
            rules: Vec::new(),
            placed: placed.filter(|path| path != root).collect(),
        };
        for line in RULES.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, pattern)) = line.trim_end().rsplit_once(' ') {
                let (pattern, takes_out) = taken_out(pattern);
                let scope = if pattern.starts_with("**") { Scope::Anywhere } else { Scope::Outside };
                noise.add(name.trim_end(), pattern, home, scope, takes_out);
            }
        }
        for pattern in patterns {
            let (pattern, takes_out) = taken_out(pattern);
            noise.add(OWN_RULE, pattern, home, Scope::Project, takes_out);
        }
        noise
    }

    fn add(&mut self, name: &str, pattern: &str, home: Option<&Path>, scope: Scope, takes_out: bool) {
        let absolute = match (pattern.strip_prefix('~'), home) {
            (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
                format!("{}{rest}", globset::escape(&home.to_string_lossy()))
            }
            (Some(_), None) => return,
            _ if pattern.starts_with('/') || pattern.starts_with("**") => pattern.to_owned(),
            _ => format!("{}/{pattern}", globset::escape(&self.root.to_string_lossy())),
        };
        // An invalid pattern was already refused when dp.toml was parsed.
        if let Ok(pattern) = path_pattern(&absolute) {
            self.rules.push(Rule {
                name: name.to_owned(),
                pattern,
                scope,
                takes_out,
            });
        }
    }

    /// Adds a program's own libraries, below the folder that contains its `bin`.
    pub fn add_program(&mut self, program: &Path, root: &Path, home: Option<&Path>) {
        let Some(prefix) = program_folder(program, root, home) else {
            return;
        };
        let escaped = globset::escape(&prefix.to_string_lossy());
        // Before the project's rules, which override it.
        let place = self.rules.iter().position(|rule| rule.scope == Scope::Project).unwrap_or(self.rules.len());
        for pattern in interpreters::patterns(program) {
            let pattern = format!("{escaped}/{pattern}");
            if let Ok(pattern) = path_pattern(&pattern) {
                let rule = Rule {
                    name: INTERPRETER.to_owned(),
                    pattern,
                    scope: Scope::Outside,
                    takes_out: false,
                };
                self.rules.insert(place, rule);
            }
        }
    }

    /// Returns the rule by which a path is noise; `None` if it is not noise.
    pub fn rule_of(&self, path: &Path) -> Option<&str> {
        let inside = path.strip_prefix(&self.root).ok().map(|relative| Path::new("/").join(relative));
        let applies = |rule: &&Rule| match (&inside, rule.scope) {
            (Some(_), Scope::Outside) => false,
            (Some(inside), Scope::Anywhere) => rule.pattern.is_match(inside),
            (_, Scope::Project) | (None, _) => rule.pattern.is_match(path),
        };
        let rule = self.rules.iter().rev().find(applies)?;
        (!rule.takes_out).then_some(rule.name.as_str())
    }

    /// Whether a name in a folder does not count: it is noise, or dp put it there. In a folder that is noise itself
    /// but counts, such as the references of git, all names count.
    pub fn hides(&self, folder: &Path, name: &str) -> bool {
        let path = folder.join(name);
        let is_noise = || self.rule_of(&path).is_some() && self.rule_of(folder).is_none();
        (folder == self.root && name == ".dp") || self.placed.contains(&path) || is_noise()
    }
}

fn taken_out(pattern: &str) -> (&str, bool) {
    pattern.strip_prefix('!').map_or((pattern, false), |pattern| (pattern, true))
}

/// Returns a path with `~` replaced by the home folder, and a relative path below `root`.
pub fn expanded(path: &str, root: &Path, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix('~'), home) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        _ => root.join(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise_at(root: &str, patterns: &[&str]) -> Noise {
        let patterns: Vec<String> = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        Noise::new(Path::new(root), Some(Path::new("/home/me")), &patterns, [Path::new("out/a.csv")])
    }

    fn noise(patterns: &[&str]) -> Noise {
        noise_at("/home/me/shop", patterns)
    }

    #[test]
    fn what_every_program_does_is_noise() {
        let noise = noise(&[]);
        for path in ["/usr/lib/x.so", "/etc/hosts", "/proc/self/maps", "/home/me/.cache/x", "/home/me/shop/.venv/bin/x"]
        {
            assert!(noise.rule_of(Path::new(path)).is_some(), "{path}");
        }
        let others = [
            "/home/me/shop/a.csv",
            "/home/me/.ssh/id",
            "/srv/data",
            "/home/me/shop/usr/x",
            "/dev/shm/x",
            "/run/secrets/x",
        ];
        for path in others {
            assert_eq!(noise.rule_of(Path::new(path)), None, "{path}");
        }
        assert!(noise.hides(Path::new("/home/me/shop/scripts"), "__pycache__"));
        assert!(!noise.hides(Path::new("/home/me/shop/.git/refs/tags"), "v1"), "the folder is noise, and counts");
        assert!(noise.hides(Path::new("/home/me/shop"), "out") && !noise.hides(Path::new("/home/me/shop"), "in"));
    }

    #[test]
    fn where_a_project_lies_is_no_reason_to_overlook_what_is_in_it() {
        for root in ["/usr/src/app", "/home/me/venv/shop", "/home/me/.cache/shop", "/snap/x"] {
            let noise = noise_at(root, &[]);
            assert_eq!(noise.rule_of(&Path::new(root).join("config.txt")), None, "{root}");
            assert!(noise.rule_of(&Path::new(root).join(".venv/bin/python")).is_some(), "{root}");
        }
    }

    #[test]
    fn a_project_adds_rules_and_takes_some_out() {
        let noise = noise(&["logs/**", "!/etc/shop.conf"]);
        assert_eq!(noise.rule_of(Path::new("/home/me/shop/logs/a")), Some("dp.toml"));
        assert_eq!(noise.rule_of(Path::new("/etc/shop.conf")), None);
        assert!(noise.rule_of(Path::new("/etc/hosts")).is_some());
    }

    #[test]
    fn what_lies_beside_an_interpreter_is_its_own() {
        let mut noise = noise(&[]);
        let (root, home) = (Path::new("/home/me/shop"), Some(Path::new("/home/me")));
        noise.add_program(Path::new("/home/me/.pyenv/versions/3.11/bin/python3"), root, home);
        noise.add_program(Path::new("/home/me/.local/bin/tool"), root, home);
        noise.add_program(Path::new("/home/me/bin/tool"), root, home);
        noise.add_program(Path::new("/home/me/shop/bin/tool"), root, home);
        noise.add_program(Path::new("/data/bin/tool"), root, home);
        let rule = noise.rule_of(Path::new("/home/me/.pyenv/versions/3.11/lib/python3.11/os.py"));
        assert_eq!(rule, Some(INTERPRETER));
        assert_eq!(noise.rule_of(Path::new("/home/me/.ssh/id")), None);
        assert_eq!(noise.rule_of(Path::new("/home/me/shop/a.csv")), None);
        for data in ["orders.csv", "share/rates.csv", "lib/rates.csv", "bin/rates.csv", "lib/python3/rates.csv"] {
            assert_eq!(noise.rule_of(&Path::new("/data").join(data)), None, "{data}: only its libraries are its own");
        }
        assert_eq!(noise.rule_of(Path::new("/data/lib/deep/libx.so.3")), Some(INTERPRETER));
        assert_eq!(noise.rule_of(Path::new("/home/me/.local/share/x")), None);
        noise.add_program(Path::new("/home/me/.pyenv/shims/python3"), root, home);
        for own in ["plugins", "plugins/x/bin/bash", "libexec/pyenv", "version", "pyenv.d/exec"] {
            assert_eq!(noise.rule_of(&Path::new("/home/me/.pyenv").join(own)), Some(INTERPRETER), "{own}");
        }
        assert_eq!(noise.rule_of(Path::new("/home/me/.pyenv/versions/3.11/data.csv")), None);
    }
}
