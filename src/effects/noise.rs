use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};

/// The rules that come with dp, as a person reads them.
pub const RULES: &str = include_str!("noise.txt");

/// What a rule of the project itself is called.
const OWN_RULE: &str = "dp.toml";

/// What is called the rule of what lies beside a program that was started.
pub(super) const INTERPRETER: &str = "the interpreter's own files";

/// Which paths are noise, and by which rule. A later rule wins over an earlier one.
#[derive(Clone, Debug, Default)]
pub struct Noise {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    name: String,
    pattern: GlobMatcher,
    /// Whether it takes out what earlier rules put in.
    takes_out: bool,
}

impl Noise {
    /// dp's own rules, and the patterns of a project: relative ones are below `root`.
    pub fn new(root: &Path, home: Option<&Path>, patterns: &[String]) -> Self {
        let mut noise = Self::default();
        for line in RULES.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, pattern)) = line.trim_end().rsplit_once(' ') {
                noise.add(name.trim_end(), pattern, root, home, false);
            }
        }
        for pattern in patterns {
            match pattern.strip_prefix('!') {
                Some(pattern) => noise.add(OWN_RULE, pattern, root, home, true),
                None => noise.add(OWN_RULE, pattern, root, home, false),
            }
        }
        noise
    }

    fn add(&mut self, name: &str, pattern: &str, root: &Path, home: Option<&Path>, takes_out: bool) {
        let absolute = match (pattern.strip_prefix('~'), home) {
            (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
                format!("{}{rest}", globset::escape(&home.to_string_lossy()))
            }
            (Some(_), None) => return,
            _ if pattern.starts_with('/') || pattern.starts_with("**") => pattern.to_owned(),
            _ => format!("{}/{pattern}", globset::escape(&root.to_string_lossy())),
        };
        // A pattern that is none was refused when dp.toml was read.
        if let Ok(glob) = GlobBuilder::new(&absolute).literal_separator(true).build() {
            self.rules.push(Rule {
                name: name.to_owned(),
                pattern: glob.compile_matcher(),
                takes_out,
            });
        }
    }

    /// Adds what lies beside a program: below the folder that has its `bin`, unless that folder is much more than the
    /// program's own.
    pub fn add_program(&mut self, program: &Path, root: &Path, home: Option<&Path>) {
        if let Some(prefix) = program_folder(program, root, home) {
            let pattern = format!("{}/**", globset::escape(&prefix.to_string_lossy()));
            // Before the project's own rules, which win.
            let place = self.rules.iter().position(|rule| rule.name == OWN_RULE).unwrap_or(self.rules.len());
            if let Ok(glob) = GlobBuilder::new(&pattern).literal_separator(true).build() {
                self.rules.insert(
                    place,
                    Rule {
                        name: INTERPRETER.to_owned(),
                        pattern: glob.compile_matcher(),
                        takes_out: false,
                    },
                );
            }
        }
    }

    /// The rule by which a path is noise; `None` if it is none.
    pub fn rule_of(&self, path: &Path) -> Option<&str> {
        let rule = self.rules.iter().rev().find(|rule| rule.pattern.is_match(path))?;
        (!rule.takes_out).then_some(rule.name.as_str())
    }

    /// Whether a name in a folder is noise.
    pub fn hides(&self, folder: &Path, name: &str) -> bool {
        self.rule_of(&folder.join(name)).is_some()
    }
}

/// The folder that a program brought its own files in: the one that has its `bin`, unless that is much more than the
/// program's own.
pub fn program_folder(program: &Path, root: &Path, home: Option<&Path>) -> Option<PathBuf> {
    let folder = program.parent()?;
    let is_bin = ["bin", "sbin", "shims", "libexec"].iter().any(|name| folder.ends_with(name));
    let prefix = folder.parent().filter(|_| is_bin)?;
    let too_much =
        prefix == Path::new("/") || root.starts_with(prefix) || home.is_some_and(|home| home.starts_with(prefix));
    (!too_much && !prefix.starts_with(root)).then(|| prefix.to_owned())
}

/// A path with `~` as the home folder, and relative ones below `root`.
pub fn expanded(path: &str, root: &Path, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix('~'), home) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        _ => root.join(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(patterns: &[&str]) -> Noise {
        let patterns: Vec<String> = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        Noise::new(Path::new("/home/me/shop"), Some(Path::new("/home/me")), &patterns)
    }

    #[test]
    fn what_every_program_does_is_noise() {
        let noise = noise(&[]);
        for path in ["/usr/lib/x.so", "/etc/hosts", "/proc/self/maps", "/home/me/.cache/x", "/home/me/shop/.venv/bin/x"]
        {
            assert!(noise.rule_of(Path::new(path)).is_some(), "{path}");
        }
        for path in ["/home/me/shop/a.csv", "/home/me/.ssh/id", "/srv/data", "/home/me/shop/scripts/usr/x"] {
            assert_eq!(noise.rule_of(Path::new(path)), None, "{path}");
        }
        assert!(noise.hides(Path::new("/home/me/shop/scripts"), "__pycache__"));
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
        noise.add_program(Path::new("/home/me/bin/tool"), root, home);
        noise.add_program(Path::new("/home/me/shop/bin/tool"), root, home);
        let rule = noise.rule_of(Path::new("/home/me/.pyenv/versions/3.11/lib/os.py"));
        assert_eq!(rule, Some(INTERPRETER));
        assert_eq!(noise.rule_of(Path::new("/home/me/.ssh/id")), None);
        assert_eq!(noise.rule_of(Path::new("/home/me/shop/a.csv")), None);
    }
}
