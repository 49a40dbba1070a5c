use std::collections::BTreeSet;
use std::fmt::{self, Display};
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, Severity, SourceCode};

use super::{SourceFile, Span};

/// An error or warning, with the file that it points into.
#[derive(Clone, Debug)]
pub struct Problem {
    error: Arc<dyn Diagnostic + Send + Sync>,
    file: Option<SourceFile>,
    elsewhere: Vec<Place>,
    reading: Option<Arc<Reading>>,
    subjects: Vec<String>,
}

/// The reader and the inputs of a query that the engine can't bind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The asset with the query or the check.
    pub reader: String,
    /// The assets that the query names.
    pub inputs: Vec<String>,
    /// The missing column, if that is the mistake.
    pub column: Option<String>,
    /// The place where the column is read.
    pub span: Span,
}

/// A second place of a problem, in a separate file.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file.
    pub file: SourceFile,
    /// The place in the file.
    pub span: Span,
    /// A note, such as "first declared here".
    pub note: String,
}

impl Problem {
    /// Creates a problem whose labels are spans of `file`.
    pub fn in_file(file: &SourceFile, error: impl Diagnostic + Send + Sync + 'static) -> Self {
        Self {
            error: Arc::new(error),
            file: Some(file.clone()),
            elsewhere: Vec::new(),
            reading: None,
            subjects: Vec::new(),
        }
    }

    /// Creates a problem without a file.
    pub fn without_file(error: impl Diagnostic + Send + Sync + 'static) -> Self {
        Self {
            error: Arc::new(error),
            file: None,
            elsewhere: Vec::new(),
            reading: None,
            subjects: Vec::new(),
        }
    }

    /// Adds the reader and its inputs.
    #[must_use]
    pub fn while_reading(mut self, reading: Reading) -> Self {
        self.reading = Some(Arc::new(reading));
        self
    }

    /// Returns the reader and its inputs, if the query could not be bound.
    pub fn reading(&self) -> Option<&Reading> {
        self.reading.as_deref()
    }

    /// Adds an asset that has the problem, or the file of an asset with an unknown name.
    #[must_use]
    pub fn about(mut self, subject: impl ToString) -> Self {
        self.subjects.push(subject.to_string());
        self
    }

    /// Returns the assets that have the problem, or the files of assets with unknown names; empty if the whole project
    /// has it.
    pub fn subjects(&self) -> &[String] {
        &self.subjects
    }

    /// Returns the file of the problem.
    pub fn file(&self) -> Option<&SourceFile> {
        self.file.as_ref()
    }

    /// Returns further places of the problem, in other files.
    pub fn elsewhere(&self) -> &[Place] {
        &self.elsewhere
    }

    /// Adds a place in another file.
    #[must_use]
    pub fn and(mut self, place: Place) -> Self {
        self.elsewhere.push(place);
        self
    }

    /// Whether it is a warning.
    pub fn is_warning(&self) -> bool {
        matches!(self.error.severity(), Some(Severity::Warning | Severity::Advice))
    }

    /// Returns the stable code, such as `dp::project::unknown_key`.
    pub fn code_text(&self) -> String {
        self.error.code().map_or_else(|| "dp::bug".to_owned(), |code| code.to_string())
    }

    /// Returns the message without its place.
    pub fn message(&self) -> String {
        self.error.to_string()
    }

    /// Returns the help, if there is one.
    pub fn help_text(&self) -> Option<String> {
        self.error.help().map(|help| help.to_string())
    }

    /// Returns the file, and the byte offset of the first label in it.
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

/// A list of errors and warnings.
#[derive(Clone, Debug, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Creates an empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a problem.
    pub fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Adds all problems of another list.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Returns the list with each problem converted.
    #[must_use]
    pub fn map(self, change: impl FnMut(Problem) -> Problem) -> Self {
        Self(self.0.into_iter().map(change).collect())
    }

    /// Whether at least one problem is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|problem| !problem.is_warning())
    }

    /// Whether the whole project has a mistake, so that no part of it can be used.
    pub fn is_fatal(&self) -> bool {
        self.0.iter().any(|problem| !problem.is_warning() && problem.subjects.is_empty())
    }

    /// Returns the assets with a mistake, and the files with mistakes whose assets have unknown names.
    pub fn mistaken(&self) -> BTreeSet<String> {
        let errors = self.0.iter().filter(|problem| !problem.is_warning());
        errors.flat_map(|problem| &problem.subjects).cloned().collect()
    }

    /// Returns the problems of the given assets or files; see [`Problem::subjects`].
    #[must_use]
    pub fn of(&self, subjects: &BTreeSet<String>) -> Self {
        let is_meant = |problem: &&Problem| problem.subjects.iter().any(|subject| subjects.contains(subject));
        Self(self.0.iter().filter(is_meant).cloned().collect())
    }

    /// Returns the number of problems.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Removes all except the first `length` problems, and returns the removed ones.
    #[must_use]
    pub fn split_off(&mut self, length: usize) -> Self {
        Self(self.0.split_off(length))
    }

    /// Sets the subjects of the problems that were added after the first `first`.
    pub fn blame<S: ToString>(&mut self, first: usize, subjects: impl IntoIterator<Item = S> + Clone) {
        for problem in self.0.iter_mut().skip(first).filter(|problem| problem.subjects.is_empty()) {
            problem.subjects = subjects.clone().into_iter().map(|subject| subject.to_string()).collect();
        }
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the number of errors.
    pub fn error_count(&self) -> usize {
        self.0.iter().filter(|problem| !problem.is_warning()).count()
    }

    /// Returns all problems, by file, place and code, without duplicates.
    pub fn sorted(&self) -> Vec<&Problem> {
        let mut all: Vec<_> = self.0.iter().map(|problem| (problem.sort_key(), problem)).collect();
        all.sort_by(|(left, _), (right, _)| left.cmp(right));
        all.dedup_by(|(left, _), (right, _)| left == right);
        all.into_iter().map(|(_, problem)| problem).collect()
    }

    /// Returns the first error in one of these files, with its place: `file:line:column: message`.
    pub fn first_error_in(&self, files: &[&str]) -> Option<String> {
        self.sorted().into_iter().filter(|problem| !problem.is_warning()).find_map(|problem| {
            let (file, offset) = problem.place()?;
            let (line, column) = file.line_column(offset);
            let is_meant = files.contains(&file.path());
            let help = problem.help_text().map(|help| format!("; {help}")).unwrap_or_default();
            is_meant.then(|| format!("{}:{line}:{column}: {}{help}", file.path(), problem.message()))
        })
    }

    /// Returns only the warnings, in the same order.
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
