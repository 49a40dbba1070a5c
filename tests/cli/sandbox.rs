//! A project in a folder of its own, and `dp` run in it.
//!
//! Nothing of the machine reaches the program: its environment is empty but for what is fixed here. What differs between
//! two runs of the same test (the folder, durations, sizes, ids) is replaced in what the program wrote; columns stay
//! where they are.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A project and everything that is fixed about the runs in it.
pub(crate) struct Sandbox {
    folder: TempDir,
    now: Option<String>,
}

/// What one run left: exit code and both streams, as they were written.
pub(crate) struct Output {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    folder: String,
}

impl Sandbox {
    /// An empty project called `shop`.
    pub(crate) fn new() -> Self {
        Self::bare().file("dp.toml", "[project]\nname = \"shop\"\n")
    }

    /// A folder without a project.
    pub(crate) fn bare() -> Self {
        let folder = TempDir::with_prefix("dp-cli-").expect("a temporary folder");
        fs::create_dir(folder.path().join("shop")).expect("a new folder");
        Self { folder, now: None }
    }

    /// A source, a table of its larger rows, and a sum of those by customer.
    pub(crate) fn shop() -> Self {
        Self::new()
            .file(
                "data/orders.csv",
                "
                id,customer,amount
                1,ann,10
                2,bob,20
                3,ann,30
                4,cid,1
                ",
            )
            .source("raw.orders", "data/orders.csv")
            .sql("staging.orders", "select id, customer, amount from raw.orders where amount >= 10")
            .sql("marts.revenue", "select customer, sum(amount) as revenue from staging.orders group by customer")
    }

    /// Writes a file; common indentation goes away.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self
    }

    /// Declares an asset with this TOML.
    pub(crate) fn asset(self, name: &str, toml: &str) -> Self {
        let path = asset_path(name);
        self.file(&path, toml)
    }

    /// Declares a source.
    pub(crate) fn source(self, name: &str, path: &str) -> Self {
        self.asset(name, &format!("kind = \"source\"\n\n[source]\npath = \"{path}\"\n"))
    }

    /// Declares a query, on its own lines.
    pub(crate) fn sql(self, name: &str, sql: &str) -> Self {
        self.asset(name, &format!("kind = \"sql\"\nsql = \"\"\"\n{}\n\"\"\"\n", unindent(sql).trim_end()))
    }

    /// What dp takes for the present moment, from here on.
    pub(crate) fn now(&mut self, moment: &str) {
        self.now = Some(moment.to_owned());
    }

    /// The project's folder.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("shop")
    }

    /// A path in the project.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    /// Writes a file of the project, as [`Sandbox::file`] does.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a path in the project")).expect("the file's folder");
        fs::write(&path, unindent(text)).unwrap_or_else(|error| panic!("write {}: {error}", path.display()));
    }

    /// Replaces a text that occurs exactly once.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert_eq!(text.matches(from).count(), 1, "`{from}` must occur once in {path}:\n{text}");
        fs::write(self.path(path), text.replacen(from, to, 1)).expect("the edited file");
    }

    /// The text of a file.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("read {path}: {error}"))
    }

    /// Removes a file.
    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).unwrap_or_else(|error| panic!("remove {path}: {error}"));
    }

    /// Moves the whole project to another folder of the sandbox.
    pub(crate) fn relocate(&mut self) {
        let folder = TempDir::with_prefix("dp-cli-moved-").expect("a temporary folder");
        fs::rename(self.root(), folder.path().join("shop")).expect("the moved project");
        self.folder = folder;
    }

    /// Runs `dp` in the project.
    #[must_use]
    pub(crate) fn dp<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Output {
        let output = self.command(arguments).output().expect("dp runs");
        self.output(output)
    }

    /// Runs `dp` with a text on its standard input.
    #[must_use]
    pub(crate) fn dp_with<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>, input: &str) -> Output {
        use std::io::Write as _;
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("dp starts");
        let written = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        // Not every command reads its input, and one that does not may have ended by now.
        let is_taken = written.map_or_else(|error| error.kind() == std::io::ErrorKind::BrokenPipe, |()| true);
        assert!(is_taken, "dp takes its input");
        self.output(child.wait_with_output().expect("dp ends"))
    }

    /// The command, for a test that starts it on its own.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dp"));
        command
            .args(arguments)
            .current_dir(self.root())
            .stdin(Stdio::null())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("USER", "tester")
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC")
            .env("NO_COLOR", "1")
            .env("COLUMNS", "80")
            .envs(self.now.iter().map(|now| ("__DP_TEST_NOW", now)));
        command
    }

    fn output(&self, output: std::process::Output) -> Output {
        Output {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("dp writes UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("dp writes UTF-8"),
            folder: self.root().canonicalize().expect("the project").display().to_string(),
        }
    }

    /// Applies everything, which has to succeed.
    pub(crate) fn apply(&self) -> Output {
        self.dp(["apply", "--auto-approve"]).success()
    }

    /// The plan in words; making it has to succeed.
    pub(crate) fn plan(&self) -> String {
        self.dp(["plan"]).success().to_string()
    }

    /// `asset action [reason codes]` of everything that the plan would do.
    pub(crate) fn actions(&self) -> Vec<String> {
        self.actions_of::<&str>([])
    }

    /// The same with further arguments.
    pub(crate) fn actions_of<'a, S: AsRef<OsStr> + 'a>(&self, arguments: impl IntoIterator<Item = S>) -> Vec<String> {
        let mut command = vec![OsStr::new("plan").to_owned(), OsStr::new("--json").to_owned()];
        command.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        let plan = self.dp(command).success().json();
        let actions = plan["actions"].as_array().expect("a list of actions");
        actions
            .iter()
            .map(|action| {
                let reasons = action["reasons"].as_array().expect("a list of reasons");
                let codes: Vec<_> = reasons.iter().filter_map(|reason| reason["code"].as_str()).collect();
                format!("{} {} [{}]", text(&action["asset"]), text(&action["action"]), codes.join(", "))
            })
            .collect()
    }

    /// The answer to a query as CSV.
    pub(crate) fn query(&self, sql: &str) -> String {
        self.dp(["query", sql, "--format", "csv"]).success().stdout
    }

    /// The published version of every asset of `prod`.
    pub(crate) fn versions(&self) -> BTreeMap<String, String> {
        self.record("select asset, version from published where environment = 'prod'")
            .into_iter()
            .map(|row| (row[0].clone(), row[1].clone()))
            .collect()
    }

    /// Asks the record itself, as `sqlite3 .dp/state.db` would.
    pub(crate) fn record(&self, sql: &str) -> Vec<Vec<String>> {
        use rusqlite::{Connection, OpenFlags, types::ValueRef};
        let path = self.path(".dp/state.db");
        let record = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the record");
        let mut statement = record.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            (0..columns)
                .map(|column| {
                    Ok(match row.get_ref(column)? {
                        ValueRef::Null => "null".to_owned(),
                        ValueRef::Integer(value) => value.to_string(),
                        ValueRef::Real(value) => value.to_string(),
                        ValueRef::Text(value) | ValueRef::Blob(value) => String::from_utf8_lossy(value).into_owned(),
                    })
                })
                .collect()
        });
        rows.expect("rows").collect::<Result<_, _>>().expect("values")
    }

    /// Every file below a folder of the project, sorted; links are followed.
    pub(crate) fn tree(&self, folder: &str) -> Vec<String> {
        let mut found = Vec::new();
        walk(&self.path(folder), &mut found);
        let root = self.root();
        let mut found: Vec<_> = found
            .iter()
            .map(|path| path.strip_prefix(&root).expect("below the project").display().to_string())
            .collect();
        found.sort();
        found
    }

    /// The file that the published version of an asset is in.
    pub(crate) fn stored(&self, asset: &str) -> String {
        let rows = self.record(&format!("select path from published where environment = 'prod' and asset = '{asset}'"));
        rows[0][0].clone()
    }
}

impl Output {
    /// Ends the test unless the exit code is this one.
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self}");
        self
    }

    /// Ends the test unless it succeeded.
    pub(crate) fn success(self) -> Self {
        self.exits(0)
    }

    /// What it wrote to standard output, without what differs from run to run.
    pub(crate) fn result(&self) -> String {
        redact(&self.stdout, &self.folder)
    }

    /// What it wrote to standard output, as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON: {error}\n{self}"))
    }

    /// The same, one value a line.
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("no JSON: {error}\n{line}"));
        self.stdout.lines().map(parse).collect()
    }

    /// Ends the test unless one of the streams has this text; line breaks count as spaces.
    pub(crate) fn says(self, text: &str) -> Self {
        let all = self.to_string();
        let flat = |text: &str| text.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat(&all).contains(&flat(text)), "`{text}` is not in:\n{all}");
        self
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", redact(&self.stdout, &self.folder))?;
        if !self.stderr.is_empty() {
            write!(f, "--- stderr ---\n{}", redact(&self.stderr, &self.folder))?;
        }
        write!(f, "[exit {}]", self.code)
    }
}

/// The string in a JSON value.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no string"))
}

/// The file of an asset.
pub(crate) fn asset_path(name: &str) -> String {
    match name.split_once('.') {
        Some((schema, table)) => format!("assets/{schema}/{table}.toml"),
        None => format!("assets/{name}.toml"),
    }
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Takes away a first empty line, the indentation that all lines share, and the blanks of a last empty line.
pub(crate) fn unindent(text: &str) -> String {
    let Some(body) = text.strip_prefix('\n') else {
        return text.to_owned();
    };
    let indent =
        body.lines().filter(|line| !line.trim().is_empty()).map(|line| line.len() - line.trim_start().len()).min();
    let mut lines: Vec<&str> = body.split('\n').map(|line| line.get(indent.unwrap_or(0)..).unwrap_or("")).collect();
    if let Some(last) = lines.last_mut() {
        *last = last.trim_end();
    }
    lines.join("\n")
}

/// Replaces what differs from run to run.
fn redact(text: &str, folder: &str) -> String {
    let text = text.replace(folder, "$DIR");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let inside_word = before.is_alphanumeric() || matches!(before, '.' | '_' | '-');
        let word = (!inside_word).then(|| measure(rest).or_else(|| identifier(rest))).flatten();
        if let Some((length, placeholder, right)) = word {
            // A number at the right edge of its column keeps the edge where it is.
            let blanks = out.len() - out.trim_end_matches(' ').len();
            let wider = placeholder.len().saturating_sub(length);
            if right && blanks > wider {
                out.truncate(out.len() - wider);
            }
            out.push_str(placeholder);
            if right && length > placeholder.len() && blanks > 1 {
                out.insert_str(out.len() - placeholder.len(), &" ".repeat(length - placeholder.len()));
            }
            rest = &rest[length..];
            before = 'x';
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            before = first;
        }
    }
    out
}

/// A duration, a size or a moment at the start of a text.
fn measure(text: &str) -> Option<(usize, &'static str, bool)> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    if digits == 0 {
        return None;
    }
    let bytes = text.as_bytes();
    if text.len() >= 19
        && bytes[4] == b'-'
        && matches!(bytes[10], b' ' | b'T')
        && bytes[13] == b':'
        && bytes[16] == b':'
    {
        let fraction = text[19..].len() - text[19..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let zone = usize::from(text[19 + fraction..].starts_with('Z'));
        return Some((19 + fraction + zone, "[TIME .............]", false));
    }
    let unit = text[digits..].strip_prefix(' ')?;
    let word: String = unit.chars().take_while(|c| c.is_alphabetic()).collect();
    let placeholder = match word.as_str() {
        "ms" | "s" | "µs" | "min" => "[TIME]",
        "B" | "KB" | "MB" | "KiB" | "MiB" | "kB" => "[SIZE]",
        _ => return None,
    };
    Some((digits + 1 + word.len(), placeholder, true))
}

/// The id of a version, or a longer hash.
fn identifier(text: &str) -> Option<(usize, &'static str, bool)> {
    let length = text.chars().take_while(char::is_ascii_alphanumeric).count();
    let word = &text[..length];
    if !word.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c)) {
        return None;
    }
    match length {
        16 => Some((16, "$VERSION", false)),
        32 => Some((32, "$STATE", false)),
        64 => Some((64, "$HASH", false)),
        _ => None,
    }
}
