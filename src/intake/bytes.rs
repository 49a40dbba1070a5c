//! The text of a source file: decompressed, decoded, and without a byte order mark.

use std::io::{self, BufReader, Read};
use std::path::Path;

use super::place::At;
use super::refusal::Refusal;
use crate::base::fs::{self, Opened};

/// The encoding of a text file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Latin1,
    Utf16,
}

impl Encoding {
    /// Parses the word in the options.
    pub(super) fn parse(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().replace('_', "-").as_str() {
            "utf-8" | "utf8" => Some(Self::Utf8),
            "latin-1" | "latin1" | "iso-8859-1" => Some(Self::Latin1),
            "utf-16" | "utf16" => Some(Self::Utf16),
            _ => None,
        }
    }
}

/// The compression of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    /// Returns the compression from the end of a file's name, as the engine does.
    pub(super) fn of_path(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        match name.rsplit_once('.') {
            Some((_, "gz")) => Self::Gzip,
            Some((_, "zst")) => Self::Zstd,
            _ => Self::None,
        }
    }

    /// Parses the word in the options.
    pub(super) fn parse(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "none" => Some(Self::None),
            "gzip" => Some(Self::Gzip),
            "zstd" => Some(Self::Zstd),
            _ => None,
        }
    }
}

/// An open text file.
#[derive(Debug)]
pub(super) enum Text {
    /// Plain UTF-8, in which any part can be read separately. The text starts at `start`, after a byte order mark.
    Plain { file: Opened, start: u64 },
    /// Anything else: its text as UTF-8, read from start to end.
    Stream(Box<Stream>),
}

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

impl Text {
    /// Opens a file; `shown` is its name in messages.
    pub(super) fn open(path: &Path, compression: Compression, encoding: Encoding) -> Result<Self, Refusal> {
        let file = fs::open(path)?;
        if compression == Compression::None && encoding == Encoding::Utf8 {
            let mut first = [0; 3];
            let length = file.read_at(&mut first, 0)?;
            let start = if first[..length] == *MARK { 3 } else { 0 };
            return Ok(Self::Plain { file, start });
        }
        let file = BufReader::with_capacity(1 << 16, file);
        let raw: Box<dyn Read + Send> = match compression {
            Compression::None => Box::new(file),
            Compression::Gzip => Box::new(flate2::read::MultiGzDecoder::new(file)),
            Compression::Zstd => Box::new(
                ruzstd::decoding::StreamingDecoder::new(file)
                    .map_err(|error| Refusal::Compressed(At::Whole.of(&path.to_string_lossy()), error.to_string()))?,
            ),
        };
        Ok(Self::Stream(Box::new(Stream {
            raw,
            encoding,
            begun: false,
            big_endian: false,
            rest: Vec::new(),
            ended: false,
        })))
    }
}

/// A text that can only be read from its start.
pub(super) struct Stream {
    raw: Box<dyn Read + Send>,
    encoding: Encoding,
    /// Whether the first bytes were checked for a byte order mark.
    begun: bool,
    /// For UTF-16: whether the high byte of a unit comes first.
    big_endian: bool,
    /// Raw bytes that do not form a whole unit yet.
    rest: Vec<u8>,
    ended: bool,
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream").field("encoding", &self.encoding).finish_non_exhaustive()
    }
}

/// The number of raw bytes that are decoded at a time.
const PIECE: usize = 1 << 18;

impl Stream {
    /// Appends the next piece of the text to `text`; returns `false` at the end.
    ///
    /// # Errors
    /// Of kind `InvalidData` if the bytes are not valid in the encoding.
    pub(super) fn append(&mut self, text: &mut Vec<u8>) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        let kept = self.rest.len();
        self.rest.resize(kept + PIECE, 0);
        let mut filled = kept;
        while filled < self.rest.len() {
            match self.raw.read(&mut self.rest[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.ended = filled < self.rest.len();
        self.rest.truncate(filled);
        self.skip_mark();
        match self.encoding {
            Encoding::Utf8 => text.append(&mut self.rest),
            Encoding::Latin1 => {
                text.extend(self.rest.drain(..).flat_map(|byte| {
                    let mut bytes = [0; 2];
                    char::from(byte).encode_utf8(&mut bytes).as_bytes().to_vec()
                }));
            }
            Encoding::Utf16 => self.decode_utf16(text)?,
        }
        Ok(true)
    }

    fn skip_mark(&mut self) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        let length = match (self.encoding, self.rest.as_slice()) {
            (Encoding::Utf8, [0xef, 0xbb, 0xbf, ..]) => 3,
            (Encoding::Utf16, [0xff, 0xfe, ..]) => 2,
            (Encoding::Utf16, [0xfe, 0xff, ..]) => {
                self.big_endian = true;
                2
            }
            _ => 0,
        };
        self.rest.drain(..length);
    }

    fn decode_utf16(&mut self, text: &mut Vec<u8>) -> io::Result<()> {
        let invalid = || io::Error::new(io::ErrorKind::InvalidData, "not UTF-16");
        let unit = |pair: &[u8]| {
            let pair = [pair[0], pair[1]];
            if self.big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
        };
        let mut whole = self.rest.len() / 2;
        // A pair of surrogates may be split.
        if !self.ended && whole > 0 && (0xd800..0xdc00).contains(&unit(&self.rest[2 * whole - 2..])) {
            whole -= 1;
        }
        if self.ended && self.rest.len() % 2 == 1 {
            return Err(invalid());
        }
        for char in char::decode_utf16(self.rest[..2 * whole].chunks_exact(2).map(unit)) {
            let mut bytes = [0; 4];
            text.extend_from_slice(char.map_err(|_| invalid())?.encode_utf8(&mut bytes).as_bytes());
        }
        self.rest.drain(..2 * whole);
        Ok(())
    }
}

/// Returns why the text of a file can't be read further.
pub(super) fn refusal(error: io::Error, file: &str) -> Refusal {
    let place = At::Whole.of(file);
    if error.kind() == io::ErrorKind::InvalidData {
        Refusal::Encoding(place)
    } else {
        Refusal::Compressed(place, error.to_string())
    }
}
