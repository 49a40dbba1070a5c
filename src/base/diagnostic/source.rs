use std::sync::{Arc, OnceLock};

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// A byte range in a file.
pub type Span = std::ops::Range<usize>;

/// A text file that spans point into; cheap to clone.
#[derive(Clone)]
pub struct SourceFile {
    path: Arc<str>,
    text: Arc<str>,
    /// The start of each line, computed on demand: a file may have thousands of mistakes.
    lines: Arc<OnceLock<Vec<usize>>>,
}

impl PartialEq for SourceFile {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.text == other.text
    }
}

impl Eq for SourceFile {}

impl SourceFile {
    /// `path` is for display: relative to the project, with `/` between folders.
    pub fn new(path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
            lines: Arc::default(),
        }
    }

    /// Returns the path relative to the project.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns line and column (both from 1, the column in characters) of a byte offset.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let line = self.line_of(end);
        (line + 1, self.text[self.lines()[line]..end].chars().count() + 1)
    }

    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect()
        })
    }

    /// Returns the line (from 0) of an offset.
    fn line_of(&self, offset: usize) -> usize {
        self.lines().partition_point(|start| *start <= offset) - 1
    }
}

impl std::fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SourceFile({})", self.path)
    }
}

impl SourceCode for SourceFile {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_before: usize,
        context_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let text = self.text.as_ref();
        let begin = span.offset();
        let end = begin + span.len();
        if end > text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let first = self.line_of(begin).saturating_sub(context_before);
        let last = self.line_of(if span.is_empty() { end } else { end - 1 }) + context_after;
        let from = if context_before == 0 { begin } else { self.lines()[first] };
        let to = self.lines().get(last + 1).copied().unwrap_or(text.len());
        Ok(Box::new(MietteSpanContents::new_named(
            self.path.to_string(),
            &text.as_bytes()[from..to],
            (from, to - from).into(),
            first,
            from - self.lines()[first],
            self.lines().len(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_and_column_count_characters() {
        let file = SourceFile::new("a", "é = 1\nbö = 2\n");
        assert_eq!(file.line_column(0), (1, 1));
        assert_eq!(file.line_column("é = 1\nbö".len()), (2, 3));
        assert_eq!(file.line_column(1_000), (3, 1));
    }

    #[test]
    fn whole_lines_are_read_around_a_span() {
        let file = SourceFile::new("a", "one\ntwo\nthree\nfour\nfive");
        let read = |span: (usize, usize), before, after| {
            let contents = file.read_span(&span.into(), before, after).unwrap();
            (String::from_utf8(contents.data().to_vec()).unwrap(), contents.line(), contents.column())
        };
        assert_eq!(read((9, 2), 1, 1), ("two\nthree\nfour\n".to_owned(), 1, 0));
        assert_eq!(read((4, 4), 1, 1), ("one\ntwo\nthree\n".to_owned(), 0, 0));
        assert_eq!(read((9, 2), 0, 0), ("hree\n".to_owned(), 2, 1));
        assert_eq!(read((23, 0), 2, 9), ("three\nfour\nfive".to_owned(), 2, 0));
        assert!(file.read_span(&(20, 9).into(), 0, 0).is_err());
    }
}
