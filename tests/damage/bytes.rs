//! Damage that knows nothing of the format: bytes and lines.

use crate::chance::Chance;

/// Kinds of damage.
pub(crate) const NAMES: &[&str] = &[
    "flip a bit",
    "another byte",
    "delete a range",
    "repeat a range",
    "truncate",
    "insert noise",
    "insert a NUL",
    "a byte order mark",
    "line ends of Windows",
    "line ends of old",
    "empty",
    "blank",
    "delete a line",
    "repeat a line",
    "swap lines",
    "join lines",
    "a long comment",
    "odd characters",
    "a conflict of git",
    "the file twice",
];

/// Characters that parsers and screens stumble over.
pub(crate) const ODD: &[&str] = &[
    "\u{feff}",
    "\u{202e}",
    "\u{200d}",
    "é",
    "e\u{301}",
    "日本語",
    "👩‍👩‍👧",
    "\u{1b}[2J",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "ﬃ",
    "İ",
    "ß",
    "\u{10ffff}",
    "\t",
    "\u{b}",
    "\u{0}",
    "“",
    "−",
];

/// Damages the text in the way of this name.
pub(crate) fn damage(name: &str, mut text: Vec<u8>, chance: &mut Chance) -> Vec<u8> {
    let length = text.len().max(1);
    let at = chance.below(length).min(text.len());
    let to = (at + 1 + chance.below(60)).min(text.len());
    match name {
        "flip a bit" => {
            if let Some(byte) = text.get_mut(at) {
                *byte ^= 1 << chance.below(8);
            }
        }
        "another byte" => {
            if let Some(byte) = text.get_mut(at) {
                *byte = chance.byte();
            }
        }
        "delete a range" => {
            text.drain(at..to);
        }
        "repeat a range" => {
            let range = text[at..to].to_vec();
            text.splice(at..at, range);
        }
        "truncate" => text.truncate(at),
        "insert noise" => {
            let noise: Vec<u8> = (0..=chance.below(20)).map(|_| chance.byte()).collect();
            text.splice(at..at, noise);
        }
        "insert a NUL" => {
            text.insert(at, 0);
        }
        "a byte order mark" => {
            text.splice(0..0, [0xef, 0xbb, 0xbf]);
        }
        "empty" => text.clear(),
        "blank" => text = b" \n\t\n \r\n".to_vec(),
        "odd characters" => {
            let place = (at..text.len()).find(|at| text[*at].is_ascii()).unwrap_or(text.len());
            text.splice(place..place, chance.of(ODD).bytes());
        }
        "the file twice" => text.extend(text.clone()),
        _ => return lines(name, &text, chance),
    }
    text
}

fn lines(name: &str, text: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let at = chance.below(lines.len());
    let other = chance.below(lines.len());
    match name {
        "line ends of Windows" => return lines.join(&b"\r\n"[..]),
        "line ends of old" => return lines.join(&b"\r"[..]),
        "delete a line" => {
            lines.remove(at);
        }
        "repeat a line" => lines.insert(other, lines[at].clone()),
        "swap lines" => lines.swap(at, other),
        "join lines" => {
            let joined = [lines[at].clone(), lines[other].clone()].concat();
            lines[at] = joined;
        }
        "a long comment" => lines.insert(at, [b"# ".to_vec(), b"long ".repeat(40_000)].concat()),
        "a conflict of git" => {
            lines.insert(at, b"<<<<<<< HEAD".to_vec());
            lines.insert(at + 1, b"=======".to_vec());
            lines.push(b">>>>>>> other".to_vec());
        }
        other => unreachable!("`{other}` is no damage"),
    }
    lines.join(&b'\n')
}
