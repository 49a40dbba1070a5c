//! Phrases that make sentences hard to read must not become more frequent.
//!
//! [`PHRASES`] records how often each one still occurs. If you remove some, lower the number.

use std::path::PathBuf;

use regex_lite::Regex;

use super::{files, pages, read};

/// A phrase to avoid.
struct Phrase {
    words: &'static str,
    /// What to write instead.
    instead: &'static str,
    /// How often it still occurs in comments and strings of `src`.
    src: usize,
    /// How often it still occurs in README.md, CHANGELOG.md and `docs`.
    pages: usize,
}

const fn phrase(words: &'static str, instead: &'static str, src: usize, pages: usize) -> Phrase {
    Phrase {
        words,
        instead,
        src,
        pages,
    }
}

const PHRASES: [Phrase; 29] = [
    phrase("all the same", "anyway", 2, 0),
    phrase("anew", "again; \"recreate\" for \"make anew\"", 0, 0),
    phrase("are no", "are not", 0, 1),
    phrase("asks nobody", "does not ask", 0, 0),
    phrase("begun", "started", 3, 0),
    phrase("came to", "resulted in", 0, 0),
    phrase("comes to", "results in, or amounts to", 0, 0),
    phrase("foretold", "predicted", 0, 0),
    phrase("held against", "compared with", 0, 0),
    phrase("in truth", "actually", 0, 0),
    phrase("is at work", "is running", 0, 0),
    phrase("is meant", "means", 0, 0),
    phrase("is no", "is not a", 4, 0),
    phrase("is told", "gets; or name what is passed to it", 0, 0),
    phrase("leads nowhere", "has no target", 1, 0),
    phrase("leavings", "what is left, by its name: files, processes", 0, 0),
    phrase("no surprise", "expected", 0, 1),
    phrase("of its own", "its own …", 6, 0),
    phrase("of now", "current", 0, 0),
    phrase("of their own", "their own …", 0, 0),
    phrase("of then", "of that time", 0, 0),
    phrase("so long", "at most this long; for a condition \"as long as\"", 0, 13),
    phrase("so many", "at most N, or this number of", 0, 6),
    phrase("stands in", "is in", 0, 0),
    phrase("stands on", "depends on", 0, 1),
    phrase("told of", "report", 0, 0),
    phrase("unasked", "without a request", 0, 0),
    phrase("whoever", "the name of the actor: the reader, the caller", 1, 0),
    phrase("without a word", "silently", 0, 0),
];

/// Standard English that contains a phrase.
const FINE: [&str; 4] = ["are no longer", "is no longer", "there are no", "there is no"];

/// The prose of Rust code, line by line: comments and strings, with the code between them left out.
fn prose_of_code(code: &str) -> Vec<String> {
    let token = Regex::new(r##"(?s)//[^\n]*|r#+".*?"#+|r".*?"|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])'"##);
    let token = token.expect("a valid pattern");
    let mut prose = String::new();
    let mut end = 0;
    for found in token.find_iter(code) {
        prose.extend(code[end..found.start()].chars().filter(|char| *char == '\n'));
        prose.push(' ');
        prose.push_str(found.as_str());
        end = found.end();
    }
    prose.lines().map(str::to_owned).collect()
}

/// The prose of a page, line by line. What is between fences was printed by programs, whose strings are in `src`.
fn prose_of_page(page: &str) -> Vec<String> {
    let mut is_fenced = false;
    let line = |line: &str| {
        let is_fence = line.starts_with("```");
        is_fenced ^= is_fence;
        if is_fenced || is_fence { String::new() } else { line.to_owned() }
    };
    page.lines().map(line).collect()
}

/// The lines, from 1, on which a phrase starts: whole words in upper or lower case, perhaps across a line break.
fn occurrences(prose: &[String], words: &str) -> Vec<usize> {
    let mut text = String::new();
    let mut starts = Vec::new();
    for line in prose {
        starts.push(text.len());
        text.push_str(&line.trim().trim_start_matches(['/', '!']).trim_start().to_lowercase());
        text.push(' ');
    }
    let is_part = |char: Option<char>| char.is_some_and(|char| char.is_alphanumeric() || char == '_');
    let is_whole =
        |at: usize| !is_part(text[..at].chars().next_back()) && !is_part(text[at + words.len()..].chars().next());
    let is_fine = |at: usize| {
        FINE.iter().any(|fine| {
            let start = fine.find(words).and_then(|offset| at.checked_sub(offset));
            start.and_then(|start| text.get(start..)).is_some_and(|text| text.starts_with(fine))
        })
    };
    let found = text.match_indices(words).map(|(at, _)| at).filter(|at| is_whole(*at) && !is_fine(*at));
    found.map(|at| starts.partition_point(|start| *start <= at)).collect()
}

/// A file and its prose, line by line.
type Prose = (PathBuf, Vec<String>);

fn prose(files: Vec<PathBuf>, of: fn(&str) -> Vec<String>) -> Vec<Prose> {
    files.into_iter().map(|file| (file.clone(), of(&read(file)))).collect()
}

#[test]
fn phrases_to_avoid_do_not_spread() {
    let mut all_pages = pages();
    all_pages.push(PathBuf::from("CHANGELOG.md"));
    let (src, pages) = (prose(files("src", "rs"), prose_of_code), prose(all_pages, prose_of_page));
    let mut problems = Vec::new();
    for phrase in PHRASES {
        for (prose, place, recorded) in [(&src, "src", phrase.src), (&pages, "the pages", phrase.pages)] {
            let mut found = Vec::new();
            for (file, lines) in prose {
                for number in occurrences(lines, phrase.words) {
                    found.push(format!("  {}:{number}: {}", file.display(), lines[number - 1].trim()));
                }
            }
            if found.len() > recorded {
                let Phrase { words, instead, .. } = phrase;
                let count = found.len();
                problems
                    .push(format!("\"{words}\" is {count} times in {place}, {recorded} recorded; write: {instead}"));
                problems.append(&mut found);
            }
        }
    }
    assert!(problems.is_empty(), "reword the new ones:\n{}", problems.join("\n"));
}

#[test]
fn only_prose_is_searched() {
    let code = "let begun = '\"'; // never begun\nlet text = \"begun\n anew\"; anew(r#\"told \"of\"#);";
    assert_eq!(prose_of_code(code), [" '\"' // never begun", " \"begun", " anew\" r#\"told \"of\"#"]);
    assert_eq!(prose_of_page("a\n```text\nanew\n```\nb"), ["a", "", "", "", "b"]);
}

#[test]
fn phrases_are_whole_words_and_cross_lines() {
    let found = |text: &str, words: &str| {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        occurrences(&lines, words)
    };
    assert_eq!(found("It has\nBEGUN, and begun_at has not begun", "begun"), [2, 2]);
    assert_eq!(found("/// This is\n/// no plan", "is no"), [1]);
    assert!(found("There\nis no plan. It is not one, and is no\nlonger one.", "is no").is_empty());
}
