//! Where the demo asks and what it prints: the server, the instant, and the width of the terminal.

use pbjson_types::Timestamp;

use crate::cli::terminal_text::wrapped;

/// The indentation of a situation.
pub(super) const MARGIN: usize = 3;

/// Where the demo asks, and how it prints.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stage<'a> {
    pub(super) server: &'a str,
    /// How the program is called in commands to try.
    pub(super) program: &'a str,
    /// The position of the last touchpoint that was recorded.
    pub(super) at_least: &'a str,
    pub(super) now: Timestamp,
    /// The columns of the terminal.
    pub(super) width: usize,
}

impl Stage<'_> {
    /// The columns of a text in a situation.
    pub(super) fn room(&self) -> usize {
        self.width.saturating_sub(MARGIN)
    }

    /// What an answer says, and the command that asks for it.
    pub(super) fn answer(&self, says: &str, command: &str) -> String {
        let mut text = String::from("\n");
        for line in wrapped(says, self.room()) {
            text += &format!("{:MARGIN$}{line}\n", "");
        }
        text + &format!("{:MARGIN$}$ {} {command}\n", "", self.program)
    }
}

/// The parts of a sheet whose labels begin with one of these, indented.
pub(super) fn parts(sheet: &str, labels: &[&str]) -> String {
    let mut is_wanted = false;
    let lines = sheet.lines().filter(|line| {
        // What belongs to a label is indented under it.
        if !line.starts_with(' ') {
            is_wanted = labels.iter().any(|it| line.starts_with(it));
        }
        is_wanted
    });
    let lines: Vec<&str> = lines.collect();
    indented(&lines.join("\n"))
}

/// A text as a part of a situation: indented, and without empty lines at its end.
pub(super) fn indented(text: &str) -> String {
    let lines = text.trim_end().lines();
    let lines = lines.map(|line| format!("{:MARGIN$}{line}", "").trim_end().to_owned() + "\n");
    lines.collect()
}
