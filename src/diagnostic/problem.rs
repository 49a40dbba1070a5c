use std::collections::BTreeSet;
use std::fmt::{self, Display};
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, Severity, SourceCode};

use super::{SourceFile, Span};

/// An error or warning together with the file that it points into.
#[derive(Clone, Debug)]
pub struct Problem {
    error: Arc<dyn Diagnostic + Send + Sync>,
    file: Option<SourceFile>,
    elsewhere: Vec<Place>,
    reading: Option<Arc<Reading>>,
    subjects: Vec<String>,
}

/// Who could not read what, where a query makes no sense to the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The asset whose query, or whose check, it is.
    pub reader: String,
    /// The assets that the query names.
    pub inputs: Vec<String>,
    /// The column that is nowhere, if that is what is wrong.
    pub column: Option<String>,
    /// Where it is read.
    pub span: Span,
}

/// A second place that belongs to a problem, in a file of its own.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file.
    pub file: SourceFile,
    /// Where in it.
    pub span: Span,
    /// What is there, such as "first declared here".
    pub note: String,
}

impl Problem {
    /// A problem whose labels are spans of `file`.
    pub fn in_file(file: &SourceFile, error: impl Diagnostic + Send + Sync + 'static) -> Self {
        Self {
            error: Arc::new(error),
            file: Some(file.clone()),
            elsewhere: Vec::new(),
            reading: None,
            subjects: Vec::new(),
        }
    }

    /// A problem that no file is to blame for.
    pub fn without_file(error: impl Diagnostic + Send + Sync + 'static) -> Self {
        Self {
            error: Arc::new(error),
            file: None,
            elsewhere: Vec::new(),
            reading: None,
            subjects: Vec::new(),
        }
    }

    /// Notes who could not read what.
    #[must_use]
    pub fn while_reading(mut self, reading: Reading) -> Self {
        self.reading = Some(Arc::new(reading));
        self
    }

    /// Who could not read what, if that is what went wrong.
    pub fn reading(&self) -> Option<&Reading> {
        self.reading.as_deref()
    }

    /// Names an asset that has the problem, or the file of one whose name is not known.
    #[must_use]
    pub fn about(mut self, subject: impl ToString) -> Self {
        self.subjects.push(subject.to_string());
        self
    }

    /// The assets that have the problem, or the files of those whose names are not known; none if the project as a whole
    /// has it.
    pub fn subjects(&self) -> &[String] {
        &self.subjects
    }

    /// The file that it is about.
    pub fn file(&self) -> Option<&SourceFile> {
        self.file.as_ref()
    }

    /// Places in other files that belong to it.
    pub fn elsewhere(&self) -> &[Place] {
        &self.elsewhere
    }

    /// Adds a place in another file.
    #[must_use]
    pub fn and(mut self, place: Place) -> Self {
        self.elsewhere.push(place);
        self
    }

    /// Whether it only warns.
    pub fn is_warning(&self) -> bool {
        matches!(self.error.severity(), Some(Severity::Warning | Severity::Advice))
    }

    /// The stable code, such as `dp::project::unknown_key`.
    pub fn code_text(&self) -> String {
        self.error.code().map_or_else(|| "dp::bug".to_owned(), |code| code.to_string())
    }

    /// The message without its place.
    pub fn message(&self) -> String {
        self.error.to_string()
    }

    /// The next step, if there is one.
    pub fn help_text(&self) -> Option<String> {
        self.error.help().map(|help| help.to_string())
    }

    /// The file and the byte offset of the first label in it.
    pub fn place(&self) -> Option<(&SourceFile, usize)> {
        let file = self.file.as_ref()?;
        let offset = self.error.labels().and_then(|mut labels| labels.next()).map_or(0, |label| label.offset());
        Some((file, offset))
    }

    fn sort_key(&self) -> (String, usize, String, String) {
        let (path, offset) = self.place().map_or((String::new(), 0), |(file, offset)| (file.path().to_owned(), offset));
        (path, offset, self.code_text(), self.message())
    }
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for Problem {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}

impl Diagnostic for Problem {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.error.code()
    }
    fn severity(&self) -> Option<Severity> {
        self.error.severity()
    }
    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.error.help()
    }
    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.file.as_ref().map(|file| file as &dyn SourceCode)
    }
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.error.labels()
    }
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        if self.elsewhere.is_empty() {
            return self.error.related();
        }
        Some(Box::new(self.elsewhere.iter().map(|place| place as &dyn Diagnostic)))
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.note)
    }
}

impl std::error::Error for Place {}

impl Diagnostic for Place {
    fn severity(&self) -> Option<Severity> {
        Some(Severity::Advice)
    }
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.file)
    }
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(None, self.span.clone()))))
    }
}

/// All that is wrong or doubtful, errors and warnings.
#[derive(Clone, Debug, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Nothing wrong so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Adds all of another list.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// All of them, each in another form.
    #[must_use]
    pub fn map(self, change: impl FnMut(Problem) -> Problem) -> Self {
        Self(self.0.into_iter().map(change).collect())
    }

    /// Whether at least one is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|problem| !problem.is_warning())
    }

    /// Whether the project as a whole has a mistake, so that nothing can be said of any part of it.
    pub fn is_fatal(&self) -> bool {
        self.0.iter().any(|problem| !problem.is_warning() && problem.subjects.is_empty())
    }

    /// The assets with a mistake, and the files with one whose assets have no known name.
    pub fn mistaken(&self) -> BTreeSet<String> {
        let errors = self.0.iter().filter(|problem| !problem.is_warning());
        errors.flat_map(|problem| &problem.subjects).cloned().collect()
    }

    /// The problems that some assets or files have; see [`Problem::subjects`].
    #[must_use]
    pub fn of(&self, subjects: &BTreeSet<String>) -> Self {
        let is_meant = |problem: &&Problem| problem.subjects.iter().any(|subject| subjects.contains(subject));
        Self(self.0.iter().filter(is_meant).cloned().collect())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes away all but the first `length`, and gives what it took.
    #[must_use]
    pub fn split_off(&mut self, length: usize) -> Self {
        Self(self.0.split_off(length))
    }

    /// Names who has the problems that were added since there were `first` of them.
    pub fn blame<S: ToString>(&mut self, first: usize, subjects: impl IntoIterator<Item = S> + Clone) {
        for problem in self.0.iter_mut().skip(first).filter(|problem| problem.subjects.is_empty()) {
            problem.subjects = subjects.clone().into_iter().map(|subject| subject.to_string()).collect();
        }
    }

    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many errors.
    pub fn error_count(&self) -> usize {
        self.0.iter().filter(|problem| !problem.is_warning()).count()
    }

    /// All of them by file, place and code; what occurs twice is given once.
    pub fn sorted(&self) -> Vec<&Problem> {
        let mut all: Vec<_> = self.0.iter().map(|problem| (problem.sort_key(), problem)).collect();
        all.sort_by(|(left, _), (right, _)| left.cmp(right));
        all.dedup_by(|(left, _), (right, _)| left == right);
        all.into_iter().map(|(_, problem)| problem).collect()
    }

    /// The first error in one of these files, with its place: `file:line:column: message`.
    pub fn first_error_in(&self, files: &[&str]) -> Option<String> {
        self.sorted().into_iter().filter(|problem| !problem.is_warning()).find_map(|problem| {
            let (file, offset) = problem.place()?;
            let (line, column) = file.line_column(offset);
            let is_meant = files.contains(&file.path());
            let help = problem.help_text().map(|help| format!("; {help}")).unwrap_or_default();
            is_meant.then(|| format!("{}:{line}:{column}: {}{help}", file.path(), problem.message()))
        })
    }

    /// Only the warnings, in the same order.
    pub fn warnings(&self) -> Vec<&Problem> {
        self.sorted().into_iter().filter(|problem| problem.is_warning()).collect()
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl FromIterator<Problem> for Problems {
    fn from_iter<T: IntoIterator<Item = Problem>>(iter: T) -> Self {
        Self(iter.into_iter().collect())
    }
}
