//! A page: words that flow into lines of a given width, styled only when asked, inert always.

use std::fmt::Write as _;

use anstyle::Style;
use unicode_width::UnicodeWidthStr as _;

use crate::message::inert_text;

/// Narrower than this nothing reads well.
const LEAST: usize = 40;
/// The least room for words behind a lead that is wider than [`BESIDE`].
const ROOM: usize = 38;
/// How far words are indented that have no room behind their lead.
const BESIDE: usize = 8;

/// A piece of a line that is not broken.
#[derive(Clone, Debug)]
pub(super) struct Span {
    style: Style,
    text: String,
    /// Runs over the edge rather than being broken: a file name that people paste.
    whole: bool,
}

impl Span {
    /// Text from anywhere: it is made inert, and stays on its line.
    pub(super) fn new(style: Style, text: &str) -> Self {
        Self { style, text: inert_text(text).replace(['\n', '\t'], " "), whole: false }
    }

    pub(super) fn plain(text: &str) -> Self {
        Self::new(Style::new(), text)
    }

    /// Never broken, however long.
    pub(super) fn whole(style: Style, text: &str) -> Self {
        Self { whole: true, ..Self::new(style, text) }
    }

    /// Filled with spaces to a width.
    pub(super) fn padded(style: Style, text: &str, to: usize) -> Self {
        let mut span = Self::new(style, text);
        span.text.push_str(&" ".repeat(to.saturating_sub(span.width())));
        span
    }

    pub(super) fn width(&self) -> usize {
        self.text.width()
    }
}

/// The words of a text, each of which may begin a line.
pub(super) fn words(style: Style, text: &str) -> Vec<Span> {
    text.split_whitespace().map(|word| Span::new(style, word)).collect()
}

/// Things with dots between them, none of which is broken.
pub(super) fn dotted(things: Vec<String>) -> Vec<Span> {
    let last = things.len().saturating_sub(1);
    let dot = |index: usize| if index < last { " ·" } else { "" };
    let things = things.iter().enumerate();
    things.map(|(index, thing)| Span::new(super::tone::faint(), &format!("{thing}{}", dot(index)))).collect()
}

/// Names with commas between them, none of which is broken.
pub(super) fn listed(names: &[String]) -> Vec<Span> {
    let comma = |index: usize| if index + 1 < names.len() { "," } else { "" };
    let names = names.iter().enumerate();
    names.map(|(index, name)| Span::new(super::tone::faint(), &format!("{name}{}", comma(index)))).collect()
}

/// What is written so far.
pub(super) struct Page {
    out: String,
    width: usize,
    color: bool,
}

impl Page {
    pub(super) fn new(width: usize, color: bool) -> Self {
        Self { out: String::new(), width: width.max(LEAST), color }
    }

    /// Columns.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    /// An empty line, unless there is one.
    pub(super) fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// The words behind a lead, below each other under the end of the lead; at most so many lines.
    pub(super) fn flow(&mut self, lead: &[Span], words: &[Span], most: usize) {
        self.lay(lead, words, most, "");
    }

    /// A command behind a lead: its lines are joined by backslashes, its words are never broken.
    pub(super) fn command(&mut self, lead: &[Span], words: &[Span]) {
        self.lay(lead, words, usize::MAX, " \\");
    }

    fn lay(&mut self, lead: &[Span], words: &[Span], most: usize, joint: &str) {
        let mut hang: usize = lead.iter().map(Span::width).sum();
        let mut lead = lead.to_vec();
        if hang > BESIDE && hang + ROOM > self.width && !words.is_empty() {
            // The lead leaves no room: the words go below it.
            self.line(&lead);
            hang = BESIDE;
            lead = vec![Span::plain(&" ".repeat(hang))];
        }
        let room = self.width.saturating_sub(hang + joint.len()).max(20);
        let words = words
            .iter()
            .flat_map(|word| if joint.is_empty() { broken(word, room) } else { vec![word.clone()] });
        let mut lines: Vec<Vec<Span>> = vec![Vec::new()];
        let mut used = 0;
        for word in words {
            let width = word.width();
            if used > 0 && used + 1 + width > room {
                lines.push(Vec::new());
                used = 0;
            }
            used += width + usize::from(used > 0);
            if let Some(line) = lines.last_mut() {
                line.push(word);
            }
        }
        let cut = lines.len() > most;
        lines.truncate(most);
        let last = lines.len() - 1;
        for (index, line) in lines.into_iter().enumerate() {
            let mut spans = if index == 0 { lead.clone() } else { vec![Span::plain(&" ".repeat(hang))] };
            for (at, word) in line.into_iter().enumerate() {
                if at > 0 {
                    spans.push(Span::plain(" "));
                }
                spans.push(word);
            }
            if index < last {
                spans.push(Span::plain(joint));
            } else if cut {
                spans.push(Span::plain(" …"));
            }
            self.line(&spans);
        }
    }

    /// One line, as it is.
    pub(super) fn line(&mut self, spans: &[Span]) {
        let mut line = String::new();
        let mut spans = spans.to_vec();
        while let Some(last) = spans.last_mut() {
            last.text.truncate(last.text.trim_end().len());
            if !last.text.is_empty() {
                break;
            }
            spans.pop();
        }
        for span in &spans {
            if self.color && span.style != Style::new() && !span.text.trim().is_empty() {
                let _ = write!(line, "{}{}{}", span.style.render(), span.text, span.style.render_reset());
            } else {
                line.push_str(&span.text);
            }
        }
        self.out.push_str(&line);
        self.out.push('\n');
    }
}

/// A word in pieces that fit.
fn broken(word: &Span, room: usize) -> Vec<Span> {
    if word.whole || word.width() <= room {
        return vec![word.clone()];
    }
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for c in word.text.chars() {
        let width = c.to_string().width();
        if used + width > room {
            pieces.push(String::new());
            used = 0;
        }
        used += width;
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
    }
    pieces.into_iter().map(|text| Span { style: word.style, text, whole: false }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_hang_below_each_other_and_long_ones_are_broken() {
        let lead = [Span::plain("  sent      ")];
        let written = |width, most, text: &str| {
            let mut page = Page::new(width, false);
            page.flow(&lead, &words(Style::new(), text), most);
            page.finish()
        };
        let word = "x".repeat(50);
        assert_eq!(
            written(60, 9, &format!("a b {word} c")),
            format!("  sent      a b\n            {}\n            xx c\n", &word[..48])
        );
        let (line, last) = (["word"; 9].join(" "), ["word"; 9].join(" "));
        assert_eq!(
            written(60, 2, &"word ".repeat(40)),
            format!("  sent      {line}\n            {last} …\n")
        );
        // No room behind the lead.
        assert_eq!(written(40, 1, "below it"), "  sent\n        below it\n");
        assert_eq!(
            written(60, 1, "漢字".repeat(20).as_str()),
            format!("  sent      {} …\n", "漢字".repeat(12))
        );
    }

    #[test]
    fn commands_can_be_pasted() {
        let mut page = Page::new(60, false);
        let command =
            words(Style::new(), "proofhouse replay some/very/long/way/to/a/certain/case.json --target x");
        page.command(&[Span::plain("  replay    ")], &command);
        assert_eq!(
            page.finish(),
            "  replay    proofhouse replay \\\n            some/very/long/way/to/a/certain/case.json \\\n            --target x\n"
        );
    }

    #[test]
    fn nothing_of_a_span_acts_on_the_terminal_or_opens_a_line() {
        let mut page = Page::new(60, true);
        page.line(&[Span::new(super::super::tone::strong(), "a\u{1b}[2J\r\nb\u{202e}c")]);
        assert_eq!(page.finish(), "\u{1b}[1ma\u{fffd}[2J  b\u{fffd}c\u{1b}[0m\n");
    }
}
