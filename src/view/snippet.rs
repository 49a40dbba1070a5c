//! Cuts the lines around the labels of a diagnostic to a readable length.

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::style::Theme;
use super::text::{is_control, one_line};

/// The number of lines before and after a label; one more than is drawn.
const CONTEXT: usize = 2;
/// The maximum length of a line, in bytes.
const LONG: usize = 400;
/// The number of bytes that are kept of a long line before and after a label.
const KEPT: (usize, usize) = (60, 200);
/// Longer labels are shortened to their first line.
const MOST_LINES: usize = 60;

/// A part of a file that is safe to show; labels have their offsets in it.
#[derive(Debug)]
pub(super) struct Snippet {
    path: String,
    text: String,
    first_line: usize,
    /// The starts of labels, with their columns in the file (from 0, in characters).
    columns: Vec<(usize, usize)>,
}

/// A part of the original lines, and its new position.
struct Kept {
    from: std::ops::Range<usize>,
    at: usize,
}

impl Snippet {
    /// Returns the part of a source that contains the labels, and the labels with their places in it; `None` without
    /// labels.
    pub(super) fn of(
        source: &dyn SourceCode,
        labels: &[LabeledSpan],
        theme: &Theme,
    ) -> Option<(Self, Vec<LabeledSpan>)> {
        let begin = labels.iter().map(LabeledSpan::offset).min()?;
        let end = labels.iter().map(|label| label.offset() + label.len()).max()?;
        let contents = source.read_span(&(begin, end - begin).into(), CONTEXT, CONTEXT).ok()?;
        let base = contents.span().offset();
        let original = same_length(&String::from_utf8_lossy(contents.data()), theme);
        let places: Vec<_> = labels.iter().map(|label| place(label, base, &original)).collect();
        let (text, kept) = shortened(&original, &places, theme.ellipsis());
        let map = |offset: usize| moved(offset, &kept, text.len());
        let moved: Vec<LabeledSpan> = labels
            .iter()
            .zip(&places)
            .map(|(label, place)| {
                let (start, end) = (map(place.start), map(place.end));
                let note = label.label().map(str::to_owned);
                let span = SourceSpan::from((start, end.saturating_sub(start)));
                if label.primary() {
                    LabeledSpan::new_primary_with_span(note, span)
                } else {
                    LabeledSpan::new_with_span(note, span)
                }
            })
            .collect();
        let column = |offset: usize| {
            let line = original[..offset].rfind('\n').map_or(0, |newline| newline + 1);
            original[line..offset].chars().count()
        };
        let columns = places.iter().zip(&moved).map(|(place, label)| (label.offset(), column(place.start))).collect();
        let snippet = Self {
            path: one_line(contents.name().unwrap_or_default()).into_owned(),
            text,
            first_line: contents.line(),
            columns,
        };
        Some((snippet, moved))
    }
}

/// Returns the place of a label in the text, at character boundaries; a label over many lines ends with its first.
fn place(label: &LabeledSpan, base: usize, text: &str) -> std::ops::Range<usize> {
    let whole = |mut offset: usize| {
        offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    let start = whole(label.offset().saturating_sub(base));
    let end = whole((label.offset() + label.len()).saturating_sub(base)).max(start);
    if text[start..end].bytes().filter(|byte| *byte == b'\n').count() < MOST_LINES {
        return start..end;
    }
    start..text[start..].find('\n').map_or(end, |length| start + length)
}

/// Returns the text with long lines cut around the labels, and the kept parts.
fn shortened(text: &str, places: &[std::ops::Range<usize>], ellipsis: &str) -> (String, Vec<Kept>) {
    let mut short = String::with_capacity(text.len().min(16_384));
    let mut kept = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.trim_end_matches('\n').len();
        let mut part = start..end;
        if part.len() > LONG {
            let focus = places
                .iter()
                .flat_map(|place| [place.start, place.end])
                .find(|offset| part.contains(offset))
                .unwrap_or(start);
            part.start = boundary(text, focus.saturating_sub(KEPT.0).max(start));
            part.end = boundary(text, (focus + KEPT.1).min(end));
        }
        if part.start > start {
            short.push_str(ellipsis);
        }
        kept.push(Kept {
            from: part.clone(),
            at: short.len(),
        });
        short.push_str(&text[part.clone()]);
        if part.end < end {
            short.push_str(ellipsis);
        }
        short.push_str(&text[end..start + line.len()]);
        start += line.len();
    }
    (short, kept)
}

fn boundary(text: &str, mut offset: usize) -> usize {
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// Returns the position of an offset after the cuts; a removed offset moves to the nearest end of a kept part.
fn moved(offset: usize, kept: &[Kept], end: usize) -> usize {
    let after = kept.partition_point(|part| part.from.start <= offset);
    match after.checked_sub(1).map(|before| &kept[before]) {
        Some(part) => part.at + (offset - part.from.start).min(part.from.len()),
        None => kept.first().map_or(end, |part| part.at),
    }
}

/// Replaces control characters with characters of the same length in bytes, so that spans keep their places.
fn same_length(text: &str, theme: &Theme) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let ends_line = c == '\r' && characters.peek() == Some(&'\n');
        match c.len_utf8() {
            _ if !is_control(c) || c == '\n' || c == '\t' || ends_line => safe.push(c),
            1 => safe.push('?'),
            2 => safe.push_str(theme.either("·", "??")),
            _ => safe.push_str(theme.either("\u{fffd}", "???")),
        }
    }
    safe
}

impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let inner = self.text.read_span(span, before, after)?;
        let known = self.columns.iter().find(|(offset, _)| before == 0 && *offset == span.offset());
        Ok(Box::new(MietteSpanContents::new_named(
            self.path.clone(),
            inner.data(),
            *inner.span(),
            self.first_line + inner.line(),
            known.map_or(inner.column(), |(_, column)| *column),
            inner.line_count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::diagnostic::SourceFile;

    fn of(text: &str, label: std::ops::Range<usize>) -> (Snippet, String) {
        let file = SourceFile::new("a.toml", text);
        let (snippet, labels) =
            Snippet::of(&file, &[LabeledSpan::new_with_span(None, label)], &Theme::plain(80)).unwrap();
        let (offset, length) = (labels[0].offset(), labels[0].len());
        let pointed = snippet.text[offset..offset + length].to_owned();
        (snippet, pointed)
    }

    #[test]
    fn few_lines_are_kept_around_a_label() {
        let text = "é\n".repeat(500) + "here\n" + &"é\n".repeat(500);
        let (snippet, pointed) = of(&text, 1_500..1_504);
        assert_eq!(pointed, "here");
        assert_eq!(snippet.first_line, 498);
        assert!(snippet.text.lines().count() < 8, "{}", snippet.text);
    }

    #[test]
    fn long_lines_are_cut_around_what_counts() {
        let text = format!("first\n{}here{}\nlast\n", "é".repeat(50_000), "é".repeat(50_000));
        let at = text.find("here").unwrap();
        let (snippet, pointed) = of(&text, at..at + 4);
        assert_eq!(pointed, "here");
        assert!(snippet.text.len() < 600, "{}", snippet.text.len());
        let line = snippet.text.lines().nth(1).unwrap();
        assert!(line.starts_with("…é") && line.ends_with("é…"), "{line}");
        assert_eq!(snippet.columns[0].1, 50_000);
        let (_, pointed) = of(&text, 6..text.len() - 6);
        assert!(pointed.starts_with("éé") && pointed.len() <= LONG, "{}", pointed.len());
    }

    #[test]
    fn a_label_over_very_many_lines_is_its_first() {
        let text = "select\n".repeat(10_000);
        let (_, pointed) = of(&text, 0..text.len());
        assert_eq!(pointed, "select");
    }

    #[test]
    fn control_characters_are_replaced_and_spans_keep_their_places() {
        let text = "é\u{9b}\u{1b}[2J = 1\r\nknid\u{202e} = 2\n";
        let ascii = Theme {
            unicode: false,
            ..Theme::plain(80)
        };
        assert_eq!(same_length("\u{9b}\u{202e}\u{7}", &ascii), "??????");
        let safe = same_length(text, &Theme::plain(80));
        assert_eq!(safe.len(), text.len());
        assert!(!safe.contains(|c: char| is_control(c) && c != '\n' && c != '\r'));
    }
}
