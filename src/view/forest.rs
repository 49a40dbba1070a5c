//! Draws trees on a terminal.

use std::collections::{BTreeMap, BTreeSet};

use super::style::{Role, Theme};
use super::text::{one_line, width, wrap};

/// The minimum width of a detail.
const LEAST_ROOM: usize = 30;
/// The additional indentation of a detail's further lines.
const FURTHER: usize = 4;

/// An item with its own line.
#[derive(Clone, Debug, Default)]
pub(super) struct Thing {
    pub name: String,
    /// Notes in brackets after the name.
    pub notes: Vec<String>,
    /// The lines below the item.
    pub details: Vec<String>,
}

/// The children of an item, in order, each with a text for the edge.
pub(super) type Next = BTreeMap<usize, Vec<(usize, String)>>;

pub(super) struct Forest<'a> {
    pub things: Vec<Thing>,
    pub theme: &'a Theme,
    pub out: String,
}

impl Forest<'_> {
    /// Draws all descendants of an item below it. A subtree that was already drawn is not repeated.
    ///
    /// It does not use recursion, because a chain may be longer than the stack.
    pub(super) fn branches(&mut self, root: usize, next: &Next, prefix: &str, seen: &mut BTreeSet<usize>) {
        let follow = |thing: usize, prefix: String| {
            let ways: Vec<_> = next.get(&thing).into_iter().flatten().cloned().collect();
            (ways.into_iter(), prefix)
        };
        seen.insert(root);
        let mut open = vec![follow(root, prefix.to_owned())];
        while let Some((ways, prefix)) = open.last_mut() {
            let Some((thing, way)) = ways.next() else {
                open.pop();
                continue;
            };
            let is_last = ways.len() == 0;
            let prefix = prefix.clone();
            let has_more = next.contains_key(&thing);
            let is_known = has_more && !seen.insert(thing);
            let start = format!("{prefix}{}", self.joint(is_last));
            self.line(&start, thing, &way, false);
            if is_known {
                // The mark is added to the line that was just written.
                self.out.pop();
                let mark = format!(" {} (above)", self.theme.ellipsis());
                self.out.push_str(&self.theme.paint(Role::Muted, mark));
                self.out.push('\n');
                continue;
            }
            let below = format!("{prefix}{}", self.stem(is_last));
            self.details(thing, &below, has_more);
            if has_more {
                open.push(follow(thing, below));
            }
        }
    }

    /// Draws the line of an item.
    pub(super) fn line(&mut self, start: &str, thing: usize, way: &str, is_heading: bool) {
        let theme = self.theme;
        let Thing { name, notes, .. } = &self.things[thing];
        self.out.push_str(start);
        let name = one_line(name);
        if is_heading {
            self.out.push_str(&theme.paint(Role::Heading, name));
        } else {
            self.out.push_str(&name);
        }
        let notes: Vec<_> =
            notes.iter().map(String::as_str).chain(Some(way).filter(|way| !way.is_empty())).map(one_line).collect();
        if !notes.is_empty() {
            self.out.push_str(&theme.paint(Role::Muted, format!(" ({})", notes.join(", "))));
        }
        self.out.push('\n');
    }

    /// Draws the lines below an item, beside the line to its children.
    pub(super) fn details(&mut self, thing: usize, prefix: &str, has_more: bool) {
        let bar = if has_more { self.theme.either("│ ", "| ") } else { "  " };
        // A deep tree leaves little room for text, or none.
        let room = self.theme.width.saturating_sub(width(prefix) + width(bar)).max(LEAST_ROOM);
        for detail in &self.things[thing].details {
            let detail = one_line(detail);
            let lines = if width(&detail) <= room { vec![detail.into_owned()] } else { wrap(&detail, room - FURTHER) };
            for (number, line) in lines.into_iter().enumerate() {
                let indent = if number == 0 { 0 } else { FURTHER };
                let line = self.theme.paint(Role::Muted, line);
                self.out.push_str(&format!("{prefix}{bar}{:indent$}{line}\n", ""));
            }
        }
    }

    /// Draws a line that is not an item.
    pub(super) fn title(&mut self, title: &str, is_last: bool) {
        self.out.push_str(self.joint(is_last));
        self.out.push_str(&self.theme.paint(Role::Muted, title));
        self.out.push('\n');
    }

    pub(super) fn joint(&self, is_last: bool) -> &'static str {
        if is_last { self.theme.either("└── ", "`-- ") } else { self.theme.either("├── ", "|-- ") }
    }

    pub(super) fn stem(&self, is_last: bool) -> &'static str {
        if is_last { "    " } else { self.theme.either("│   ", "|   ") }
    }
}
