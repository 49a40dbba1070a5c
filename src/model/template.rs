use serde::{Deserialize, Serialize};

/// A text in which `${env.NAME}` stands for a variable of dp's own environment. `$${` is a literal `${`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    Text(String),
    Secret(String),
}

impl Template {
    /// Parses a text that the user wrote.
    ///
    /// # Errors
    /// An invalid placeholder, as written.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            plain.push_str(&rest[..at]);
            rest = &rest[at..];
            if let Some(after) = rest.strip_prefix("$${") {
                plain.push_str("${");
                rest = after;
            } else if let Some(after) = rest.strip_prefix("${") {
                let end = after.find('}').ok_or_else(|| rest.to_owned())?;
                let name = after[..end].strip_prefix("env.").filter(|name| is_variable(name));
                let name = name.ok_or_else(|| rest[..end + 3].to_owned())?;
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(Part::Secret(name.to_owned()));
                rest = &after[end + 1..];
            } else {
                plain.push('$');
                rest = &rest[1..];
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self(parts))
    }

    /// Returns the names of the variables of dp's environment that it uses.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Secret(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// Returns the text with substituted values; `value` returns the value of a variable.
    ///
    /// # Errors
    /// The name of the first variable without a value.
    pub fn filled(&self, value: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Secret(name) => text.push_str(&value(name).ok_or_else(|| name.clone())?),
            }
        }
        Ok(text)
    }
}

/// Whether a text can be the name of an environment variable.
pub(crate) fn is_variable(name: &str) -> bool {
    name.bytes().next().is_some_and(|first| first == b'_' || first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Result<String, String> {
        Template::parse(text)?.filled(&|name| (name == "TOKEN").then(|| "s3cret".to_owned()))
    }

    #[test]
    fn values_of_the_environment_are_put_in_their_places() {
        assert_eq!(filled("Bearer ${env.TOKEN}!").as_deref(), Ok("Bearer s3cret!"));
        assert_eq!(filled("$${env.TOKEN} costs $5").as_deref(), Ok("${env.TOKEN} costs $5"));
        assert_eq!(filled("").as_deref(), Ok(""));
        assert_eq!(Template::parse("a${env.A}${env.B}").unwrap().secrets().collect::<Vec<_>>(), ["A", "B"]);
    }

    #[test]
    fn what_has_no_value_is_named() {
        assert_eq!(filled("${env.OTHER}"), Err("OTHER".to_owned()));
    }

    #[test]
    fn other_placeholders_are_refused() {
        for text in ["${var.x}", "${env.}", "${env.a-b}", "${", "${env.A"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
