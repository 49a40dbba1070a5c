//! The forms in which programs print a value: escaped, quoted, encoded.

use std::fmt::Write as _;

/// The minimum length of a line of a secret that is masked separately. Shorter lines occur too often in other text.
const SHORTEST_LINE: usize = 8;
/// The minimum length of a piece of an encoded secret that is masked.
const SHORTEST_PIECE: usize = 8;

/// Returns all forms of a value, each in every common spelling, including the value itself.
pub(super) fn forms(value: &str) -> Vec<Vec<u8>> {
    let lines = value.lines().filter(|line| line.len() >= SHORTEST_LINE && *line != value);
    let mut forms: Vec<Vec<u8>> = Vec::new();
    for text in std::iter::once(value).chain(lines) {
        forms.push(text.as_bytes().to_vec());
        forms.extend(json(text).into_iter().map(String::into_bytes));
        forms.extend(shell(text).into_iter().map(String::into_bytes));
        forms.extend(python(text).into_iter().map(String::into_bytes));
        forms.extend(url(text).into_iter().map(String::into_bytes));
        forms.extend(markup(text).into_iter().map(String::into_bytes));
        forms.extend(base64(text.as_bytes()).into_iter().map(String::into_bytes));
        forms.extend([false, true].map(|upper| hexadecimal(text.as_bytes(), upper).into_bytes()));
    }
    forms.retain(|form| !form.is_empty());
    forms
}

/// Returns the text with each character written by `spell`.
fn spelled(text: &str, spell: impl Fn(char) -> String) -> String {
    text.chars().map(spell).collect()
}

/// Returns a character with each of its bytes written by `spell`.
fn each_byte(char: char, spell: impl Fn(u8) -> String) -> String {
    char.to_string().bytes().fold(String::new(), |text, byte| text + &spell(byte))
}

/// The forms in JSON strings: with non-ASCII characters unchanged or escaped, and with and without an escaped `/` or
/// escaped characters that have a meaning in HTML.
fn json(text: &str) -> Vec<String> {
    let escape = |char: char, ascii: bool, upper: bool, more: &str| match char {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        '\u{8}' => "\\b".to_owned(),
        '\u{c}' => "\\f".to_owned(),
        '/' if more.contains('/') => "\\/".to_owned(),
        char if (char as u32) < 0x20 || ascii && !char.is_ascii() || more.contains(char) => {
            let mut units = [0; 2];
            char.encode_utf16(&mut units).iter().fold(String::new(), |mut text, unit| {
                let _ = if upper { write!(text, "\\u{unit:04X}") } else { write!(text, "\\u{unit:04x}") };
                text
            })
        }
        char => char.to_string(),
    };
    let mut forms = Vec::new();
    for more in ["", "/", "<>&"] {
        for (ascii, upper) in [(false, false), (true, false), (true, true)] {
            forms.push(spelled(text, |char| escape(char, ascii, upper, more)));
        }
    }
    forms
}

/// The forms that shells print under `set -x`, and that `printf %q` prints.
fn shell(text: &str) -> Vec<String> {
    let plain = |char: char| char.is_ascii_alphanumeric() || "_-./,:@%+=".contains(char);
    vec![
        // In single quotes, as bash and dash leave them.
        text.replace('\'', "'\\''"),
        text.replace('\'', "'\"'\"'"),
        // In double quotes, as `export -p` of bash does.
        spelled(text, |char| if "\"$`\\".contains(char) { format!("\\{char}") } else { char.to_string() }),
        // A backslash before each character that has a meaning in a shell.
        spelled(text, |char| if plain(char) || !char.is_ascii() { char.to_string() } else { format!("\\{char}") }),
        dollar_quoted(text, false),
        dollar_quoted(text, true),
    ]
}

/// The form between the quotes of `$'…'`; with `octal`, non-ASCII characters are written byte by byte, as in the
/// locale C.
fn dollar_quoted(text: &str, octal: bool) -> String {
    spelled(text, |char| match char {
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        '\r' => "\\r".to_owned(),
        '\u{1b}' => "\\E".to_owned(),
        '\'' | '\\' => format!("\\{char}"),
        char if char.is_ascii_control() || octal && !char.is_ascii() => each_byte(char, |byte| format!("\\{byte:03o}")),
        char => char.to_string(),
    })
}

/// The forms that Python's `repr` prints for strings and bytes, and that other languages escape in the same way.
fn python(text: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for quote in ['\'', '"'] {
        for (ascii, bytes) in [(false, false), (true, false), (true, true)] {
            forms.push(spelled(text, |char| match char {
                '\\' => "\\\\".to_owned(),
                '\n' => "\\n".to_owned(),
                '\r' => "\\r".to_owned(),
                '\t' => "\\t".to_owned(),
                char if char == quote => format!("\\{char}"),
                char if char.is_ascii_control() => format!("\\x{:02x}", char as u32),
                char if char.is_ascii() || !ascii => char.to_string(),
                char if bytes => each_byte(char, |byte| format!("\\x{byte:02x}")),
                char => match char as u32 {
                    code @ ..0x100 => format!("\\x{code:02x}"),
                    code @ ..0x1_0000 => format!("\\u{code:04x}"),
                    code => format!("\\U{code:08x}"),
                },
            }));
        }
    }
    forms
}

/// The forms in URLs. Libraries differ in which characters they leave unescaped.
fn url(text: &str) -> Vec<String> {
    // RFC 3986; the same with `/`, for a path; `encodeURIComponent`; `encodeURI`, and what curl's users leave.
    let left = ["-._~", "-._~/", "-._~!'()*", "-._~!'()*;/?:@&=+$,#", "-._~!'()*;/?:@&=+$,#[]", "-._*"];
    let mut forms = Vec::new();
    for left in left {
        for space in ["%20", "+"] {
            for upper in [true, false] {
                forms.push(spelled(text, |char| match char {
                    ' ' => space.to_owned(),
                    char if char.is_ascii_alphanumeric() || left.contains(char) => char.to_string(),
                    char => each_byte(char, |byte| if upper { format!("%{byte:02X}") } else { format!("%{byte:02x}") }),
                }));
            }
        }
    }
    forms
}

/// The forms in XML and HTML, with each spelling of the quotes.
fn markup(text: &str) -> Vec<String> {
    let quotes = [("&quot;", "&#x27;"), ("&quot;", "&#39;"), ("&#34;", "&#39;"), ("&quot;", "&apos;"), ("\"", "'")];
    let spell = |char: char, (double, single): (&str, &str)| match char {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => double.to_owned(),
        '\'' => single.to_owned(),
        char => char.to_string(),
    };
    quotes.iter().map(|quotes| spelled(text, |char| spell(char, *quotes))).collect()
}

/// The forms in base64, wherever the value is in the encoded text, such as `user:secret`: base64 encodes three bytes
/// together, and the value can start at each of them. Characters that neighbouring bytes influence are left out.
fn base64(bytes: &[u8]) -> Vec<String> {
    const ALPHABETS: [&[u8; 64]; 2] = [
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    ];
    let mut forms = Vec::new();
    for alphabet in ALPHABETS {
        for before in 0..3 {
            let (first, end) = ((before * 8_usize).div_ceil(6), (before + bytes.len()) * 8 / 6);
            let bit = |at: usize| bytes.get((at / 8).wrapping_sub(before)).map_or(0, |byte| byte >> (7 - at % 8) & 1);
            let piece: String = (first..end)
                .map(|place| (0..6).fold(0, |code, offset| code << 1 | bit(place * 6 + offset)))
                .map(|code| char::from(alphabet[usize::from(code)]))
                .collect();
            if piece.len() >= SHORTEST_PIECE {
                forms.push(piece);
            }
        }
    }
    forms
}

fn hexadecimal(bytes: &[u8], upper: bool) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = if upper { write!(text, "{byte:02X}") } else { write!(text, "{byte:02x}") };
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(value: &str, form: &str) {
        assert!(forms(value).contains(&form.as_bytes().to_vec()), "{form} is no form of {value}");
    }

    #[test]
    fn what_programs_print_is_among_the_forms() {
        let value = "gr\u{e4}\u{df}e 'n\" \u{1f600}/$x";
        has(value, value);
        has(value, "gr\u{e4}\u{df}e 'n\\\" \u{1f600}/$x");
        has(value, "gr\\u00e4\\u00dfe 'n\\\" \\ud83d\\ude00/$x");
        has(value, "gr\\u00E4\\u00DFe 'n\\\" \\uD83D\\uDE00\\/$x");
        has(value, "gr\u{e4}\u{df}e '\\''n\" \u{1f600}/$x");
        has(value, "gr\u{e4}\u{df}e\\ \\'n\\\"\\ \u{1f600}/\\$x");
        has(value, "gr\\303\\244\\303\\237e \\'n\" \\360\\237\\230\\200/$x");
        has(value, "gr\u{e4}\u{df}e \\'n\" \u{1f600}/$x");
        has(value, "gr\\xe4\\xdfe \\'n\" \\U0001f600/$x");
        has(value, "gr\\xc3\\xa4\\xc3\\x9fe \\'n\" \\xf0\\x9f\\x98\\x80/$x");
        has(value, "gr%C3%A4%C3%9Fe%20%27n%22%20%F0%9F%98%80%2F%24x");
        has(value, "gr%c3%a4%c3%9fe+%27n%22+%f0%9f%98%80/%24x");
        has(value, "gr%C3%A4%C3%9Fe%20'n%22%20%F0%9F%98%80%2F%24x");
        has("a<b>&c/d", "a\\u003cb\\u003e\\u0026c/d");
        has("a\"b$c`d", "a\\\"b\\$c\\`d");
        has("a<'b\">", "a&lt;&#x27;b&quot;&gt;");
        has("two\nlines of it", "lines of it");
        has("s3cret", "733363726574");
    }

    #[test]
    fn base64_is_known_wherever_it_begins() {
        // Base64 of `s3cret-token`, `a:s3cret-token`, `ab:s3cret-token` and `abc:s3cret-token!`.
        for encoded in ["czNjcmV0LXRva2Vu", "YTpzM2NyZXQtdG9rZW4=", "YWI6czNjcmV0LXRva2Vu", "YWJjOnMzY3JldC10b2tlbiE="]
        {
            let known = forms("s3cret-token").into_iter().filter_map(|form| String::from_utf8(form).ok());
            assert!(known.into_iter().any(|form| encoded.contains(&form)), "{encoded}");
        }
        assert!(base64(b"ab").is_empty(), "so little is no evidence");
    }
}
