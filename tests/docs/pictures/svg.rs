//! What a terminal shows, as SVG: text in cells of one width, in the colours that the program asked for.

use std::fmt::Write as _;

use console::measure_text_width;

const CELL: f64 = 8.4;
const LINE: f64 = 19.0;
const MARGIN: f64 = 18.0;
/// Above the text, for the bar of the window.
const BAR: f64 = 30.0;

/// How text looks from here on.
#[derive(Clone, Copy, Default, PartialEq)]
struct Look {
    color: Option<&'static str>,
    is_bold: bool,
    is_dim: bool,
}

impl Look {
    /// After an order such as `31` or `0`.
    fn after(self, order: &str) -> Self {
        let color = |color| Self {
            color: Some(color),
            ..self
        };
        match order {
            "" | "0" => Self::default(),
            "1" => Self { is_bold: true, ..self },
            "2" => Self { is_dim: true, ..self },
            "31" => color("#ff7b72"),
            "32" => color("#7ee787"),
            "33" => color("#e3b341"),
            "34" => color("#79c0ff"),
            "36" => color("#76e3ea"),
            other => panic!("no picture has the style {other}"),
        }
    }

    fn attributes(self) -> String {
        let color = self.color.unwrap_or(if self.is_dim { "#8b949e" } else { "#e6edf3" });
        let weight = if self.is_bold { " font-weight=\"bold\"" } else { "" };
        format!("fill=\"{color}\"{weight}")
    }
}

/// The pieces of a text that look alike.
fn pieces(text: &str) -> Vec<(Look, &str)> {
    let mut pieces = Vec::new();
    let mut look = Look::default();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        pieces.push((look, before));
        let (orders, after) = after.split_once('m').expect("dp only asks for styles");
        look = orders.split(';').fold(look, Look::after);
        rest = after;
    }
    pieces.push((look, rest));
    pieces
}

/// A picture of the text on a terminal of so many columns.
pub(super) fn drawn(text: &str, columns: usize) -> String {
    let mut body = String::new();
    let (mut row, mut column) = (0_usize, 0_usize);
    for (look, piece) in pieces(text) {
        for (index, part) in piece.split('\n').enumerate() {
            if index > 0 {
                (row, column) = (row + 1, 0);
            }
            let blanks = part.len() - part.trim_start_matches(' ').len();
            let shown = part.trim_matches(' ');
            let cells = measure_text_width(shown);
            if cells > 0 {
                let (x, y) = (MARGIN + cell(column + blanks), BAR + MARGIN + LINE * number(row) + 4.0);
                let _ = writeln!(
                    body,
                    "<text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{:.1}\" {}>{}</text>",
                    cell(cells),
                    look.attributes(),
                    markup(shown)
                );
            }
            column += measure_text_width(part);
        }
    }
    let (width, height) = (cell(columns) + 2.0 * MARGIN, BAR + LINE * number(row + 1) + 1.5 * MARGIN);
    let dots: String = [("#ff5f56", 20), ("#ffbd2e", 40), ("#27c93f", 60)]
        .map(|(color, x)| format!("<circle cx=\"{x}\" cy=\"18\" r=\"6\" fill=\"{color}\"/>"))
        .concat();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"9\" fill=\"#0d1117\"/>\n{dots}\n\
         <g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"14\">\n{body}</g>\n</svg>\n"
    )
}

fn cell(columns: usize) -> f64 {
    CELL * number(columns)
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("a terminal is not that large"))
}

fn markup(text: &str) -> String {
    // Browsers fold blanks, unless they are of the kind that does not break.
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace(' ', "\u{a0}")
}
