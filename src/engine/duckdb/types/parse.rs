use thiserror::Error;

use super::{DataType, Field, Scalar};

/// The maximum nesting of a type.
///
/// It keeps the recursion over a type shallow. Within the limits for [storing](DataType::check_storable) nothing is
/// slow.
pub const MAX_DEPTH: usize = 64;

/// Why a text is not a type that dp knows.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum TypeError {
    #[error("dp does not support the type `{name}`")]
    Unknown { name: String },
    #[error("a type is nested more than {MAX_DEPTH} levels deep")]
    TooDeep,
    #[error("can't parse the type `{text}`: expected {expected} at byte {at}")]
    Syntax { text: String, expected: &'static str, at: usize },
}

impl DataType {
    /// Parses a type as DESCRIBE and `typeof` write it.
    pub fn parse(text: &str) -> Result<Self, TypeError> {
        let mut parser = Parser { text, at: 0, depth: 0 };
        let data_type = parser.data_type()?;
        parser.skip_spaces();
        if parser.rest().is_empty() { Ok(data_type) } else { Err(parser.expected("the end")) }
    }
}

struct Parser<'a> {
    text: &'a str,
    /// The position in bytes, always at a character boundary.
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn expected(&self, expected: &'static str) -> TypeError {
        TypeError::Syntax {
            text: self.text.to_owned(),
            expected,
            at: self.at,
        }
    }

    fn skip_spaces(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches(' ').len();
    }

    fn eat(&mut self, token: &str) -> bool {
        self.skip_spaces();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn need(&mut self, token: &'static str) -> Result<(), TypeError> {
        if self.eat(token) { Ok(()) } else { Err(self.expected(token)) }
    }

    /// Parses a quoted text, in which a doubled quote stands for one.
    fn quoted(&mut self, quote: char) -> Result<String, TypeError> {
        self.skip_spaces();
        let mut rest = self.rest().strip_prefix(quote).ok_or_else(|| self.expected("a quote"))?;
        let mut text = String::new();
        loop {
            let end = rest.find(quote).ok_or_else(|| self.expected("a closing quote"))?;
            text.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            let Some(doubled) = rest.strip_prefix(quote) else { break };
            text.push(quote);
            rest = doubled;
        }
        self.at = self.text.len() - rest.len();
        Ok(text)
    }

    /// Parses a name or a number without quotes.
    fn word(&mut self) -> Result<&'a str, TypeError> {
        self.skip_spaces();
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        if end == 0 {
            return Err(self.expected("a name"));
        }
        self.at += end;
        Ok(&rest[..end])
    }

    fn number<N: std::str::FromStr>(&mut self) -> Result<N, TypeError> {
        let start = self.at;
        self.word()?.parse().map_err(|_| {
            self.at = start;
            self.expected("a number")
        })
    }

    /// Parses one or more items in parentheses, separated by commas.
    fn several<T>(&mut self, mut one: impl FnMut(&mut Self) -> Result<T, TypeError>) -> Result<Vec<T>, TypeError> {
        self.need("(")?;
        let mut parts = vec![one(self)?];
        while self.eat(",") {
            parts.push(one(self)?);
        }
        self.need(")")?;
        Ok(parts)
    }

    /// As [`Self::several`], but returns nothing if there are no parentheses.
    fn any<T>(&mut self, one: impl FnMut(&mut Self) -> Result<T, TypeError>) -> Result<Vec<T>, TypeError> {
        if self.rest().starts_with('(') { self.several(one) } else { Ok(Vec::new()) }
    }

    fn field(&mut self) -> Result<Field, TypeError> {
        self.skip_spaces();
        let name = if self.rest().starts_with('"') { self.quoted('"')? } else { self.word()?.to_owned() };
        Ok(Field {
            name,
            data_type: self.data_type()?,
        })
    }

    fn data_type(&mut self) -> Result<DataType, TypeError> {
        let outside = self.depth;
        self.deeper()?;
        let mut data_type = self.without_brackets()?;
        while self.eat("[") {
            // Brackets nest as well: the item is one level deeper for each of them.
            self.deeper()?;
            data_type = if self.eat("]") {
                DataType::List(Box::new(data_type))
            } else {
                let length = self.number()?;
                self.need("]")?;
                DataType::Array(Box::new(data_type), length)
            };
        }
        self.depth = outside;
        Ok(data_type)
    }

    fn without_brackets(&mut self) -> Result<DataType, TypeError> {
        if self.eat(Scalar::Null.name()) {
            return Ok(DataType::Scalar(Scalar::Null));
        }
        let name = self.word()?.to_ascii_uppercase();
        match name.as_str() {
            "DECIMAL" => {
                self.need("(")?;
                let width = self.number()?;
                self.need(",")?;
                let scale = self.number()?;
                self.need(")")?;
                Ok(DataType::Decimal { width, scale })
            }
            "ENUM" => self.several(|parser| parser.quoted('\'')).map(DataType::Enum),
            "GEOMETRY" => {
                let systems = self.any(|parser| parser.quoted('\''))?;
                Ok(DataType::Geometry(systems.into_iter().next()))
            }
            "STRUCT" => self.any(Self::field).map(DataType::Struct),
            "UNION" => self.any(Self::field).map(DataType::Union),
            "TUPLE" => self.any(Self::data_type).map(DataType::Tuple),
            "MAP" => {
                self.need("(")?;
                let key = self.data_type()?;
                self.need(",")?;
                let value = self.data_type()?;
                self.need(")")?;
                Ok(DataType::Map(Box::new(key), Box::new(value)))
            }
            _ => self.scalar(name),
        }
    }

    fn scalar(&mut self, mut name: String) -> Result<DataType, TypeError> {
        const ZONE: &str = " WITH TIME ZONE";
        if matches!(name.as_str(), "TIME" | "TIMESTAMP") && self.eat(ZONE.trim_start()) {
            name.push_str(ZONE);
        }
        let known = Scalar::ALL.iter().find(|scalar| scalar.name() == name);
        known.map(|scalar| DataType::Scalar(*scalar)).ok_or(TypeError::Unknown { name })
    }

    fn deeper(&mut self) -> Result<(), TypeError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(TypeError::TooDeep) } else { Ok(()) }
    }
}
