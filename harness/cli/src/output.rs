//! Results go to standard output, everything else to standard error.

use std::io::{IsTerminal as _, Write as _};

use proofhouse::message::inert_text;

/// Prints a result. A reader that went away is no failure.
pub(crate) fn result(text: &str) {
    let mut out = anstream::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    if !text.ends_with('\n') {
        let _ = out.write_all(b"\n");
    }
    let _ = out.flush();
}

/// Says something beside the result. What came from the target or from a file is inert.
pub(crate) fn note(text: &str) {
    let _ = writeln!(anstream::stderr(), "{}", inert_text(text));
}

/// Says what went wrong.
pub(crate) fn error(text: &str) {
    let bold = anstyle::Style::new().bold().fg_color(Some(anstyle::AnsiColor::Red.into()));
    let _ = writeln!(anstream::stderr(), "{bold}error:{bold:#} {}", inert_text(text));
}

/// How wide a page is: the terminal's width within reason, or 100 columns elsewhere.
pub(crate) fn width() -> usize {
    let terminal = terminal_size::terminal_size().filter(|_| std::io::stdout().is_terminal());
    terminal.map_or(100, |(width, _)| usize::from(width.0).clamp(60, 120))
}

/// Whether results may be coloured; `anstream` takes colours away where nobody sees them.
pub(crate) fn is_colored() -> bool {
    std::io::stdout().is_terminal()
}
