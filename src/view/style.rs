use std::fmt::Display;

use console::Style;

use crate::plan::Action;

/// The output style. A view depends on no other part of its environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Whether ANSI colours may be used.
    pub color: bool,
    /// Whether more than ASCII may be used for dp's own symbols.
    pub unicode: bool,
    /// The width of the screen in columns.
    pub width: usize,
}

/// The role of a text, which decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// New.
    Added,
    /// Gone.
    Removed,
    /// Changed.
    Changed,
    /// Less important.
    Muted,
    /// A file and a place in it.
    Path,
    /// A heading.
    Heading,
    /// Doubtful.
    Warning,
    /// Wrong.
    Error,
    /// Successful.
    Good,
}

impl Theme {
    /// Returns a theme without colour, with Unicode symbols.
    pub fn plain(width: usize) -> Self {
        Self {
            color: false,
            unicode: true,
            width,
        }
    }

    /// Returns the text in the style of its role; unchanged if colour is off.
    pub fn paint(&self, role: Role, text: impl Display) -> String {
        if !self.color {
            return text.to_string();
        }
        let style = Style::new().force_styling(true);
        let style = match role {
            Role::Added | Role::Good => style.green(),
            Role::Removed => style.red(),
            Role::Changed | Role::Warning => style.yellow(),
            Role::Muted => style.dim(),
            Role::Path => style.cyan(),
            Role::Heading => style.bold(),
            Role::Error => style.red().bold(),
        };
        style.apply_to(text).to_string()
    }

    /// Returns the first text if Unicode may be used, otherwise the second.
    pub fn either(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }

    /// Returns "…" or three dots.
    pub fn ellipsis(&self) -> &'static str {
        self.either("…", "...")
    }

    /// Returns the sign of an action in its colour.
    pub fn sign(&self, action: Action) -> String {
        let sign = match action {
            Action::Check => self.either(action.sign(), "*"),
            Action::Settings => self.either(action.sign(), "o"),
            _ => action.sign(),
        };
        self.paint(Self::role(action), sign)
    }

    /// Returns the role of an action's sign and heading.
    pub fn role(action: Action) -> Role {
        match action {
            Action::Create => Role::Added,
            Action::Rebuild | Action::Maybe => Role::Changed,
            Action::Reuse | Action::Check | Action::Settings => Role::Good,
            Action::Destroy => Role::Removed,
            Action::Unchanged => Role::Muted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_only_there_when_it_is_on() {
        let mut theme = Theme::plain(80);
        assert_eq!(theme.paint(Role::Error, "no"), "no");
        theme.color = true;
        assert_eq!(theme.paint(Role::Error, "no"), "\u{1b}[31m\u{1b}[1mno\u{1b}[0m");
        assert_eq!(theme.sign(Action::Create), "\u{1b}[32m+\u{1b}[0m");
    }

    #[test]
    fn signs_have_an_ascii_form() {
        let theme = Theme {
            unicode: false,
            ..Theme::plain(80)
        };
        for action in Action::ALL {
            assert!(theme.sign(action).is_ascii());
        }
        assert_eq!(theme.ellipsis(), "...");
    }
}
