//! The layout of a table: words and dates stay whole, and columns that do not fit are folded under their row.

use unicode_width::UnicodeWidthStr as _;

use super::column::{Head, Table};

/// Between two columns.
const GAP: usize = 2;
/// The indentation of what is folded under a row.
const INDENT: usize = 4;

impl Table {
    /// Returns the table in lines of at most `width` characters.
    pub(in crate::cli) fn aligned(&self, width: usize) -> String {
        aligned(self, width)
    }
}

fn aligned(table: &Table, width: usize) -> String {
    let people = |index: &usize| {
        let head = table.heads.get(*index);
        head.is_some_and(|head| !head.heading.is_empty() || *index == 0)
    };
    let mut open: Vec<usize> = (0..table.heads.len()).filter(people).collect();
    let all = open.clone();
    let widths = loop {
        if let Some(widths) = widths(table, &open, width) {
            break widths;
        }
        match next_to_fold(table, &open) {
            Some(place) => drop(open.remove(place)),
            // One column is left: it is as wide as it is.
            None => break open.iter().map(|index| natural(table, *index)).collect(),
        }
    };
    let folded: Vec<usize> = all.into_iter().filter(|it| !open.contains(it)).collect();
    let mut text = heading(table, &open, &widths);
    let rule = "─".repeat(widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1));
    text += &format!("{rule}\n");
    let groups = table.rows.len() - table.totals;
    for (index, row) in table.rows.iter().enumerate() {
        if index == groups && groups > 0 {
            text += &format!("{rule}\n");
        }
        text += &lines(table, &open, &widths, |index| {
            row.shown.get(index).cloned().unwrap_or_default()
        });
        text += &under(table, &folded, &row.shown, width);
    }
    text
}

/// Returns the place of the column to fold next. The first column, which names the row, is never folded.
fn next_to_fold(table: &Table, open: &[usize]) -> Option<usize> {
    let folds = |index: usize| table.heads.get(index).map_or(0, |head| head.folds);
    let places = open.iter().enumerate().skip(1);
    let last = places.max_by_key(|(place, index)| (folds(**index), *place))?;
    Some(last.0)
}

/// Returns the width of each column, or `None` if they do not fit.
fn widths(table: &Table, open: &[usize], width: usize) -> Option<Vec<usize>> {
    let room = width.saturating_sub(GAP * open.len().saturating_sub(1));
    let fits = |widths: &[usize]| widths.iter().sum::<usize>() <= room;
    let natural: Vec<usize> = open.iter().map(|index| natural(table, *index)).collect();
    if fits(&natural) {
        return Some(natural);
    }
    // Headings break between words before anything else does.
    let mut widths: Vec<usize> = open
        .iter()
        .map(|index| narrow(table, *index, true))
        .collect();
    if fits(&widths) {
        return Some(widths);
    }
    let least: Vec<usize> = open
        .iter()
        .map(|index| narrow(table, *index, false))
        .collect();
    if !fits(&least) {
        return None;
    }
    // The widest column that can still break gives way.
    while !fits(&widths) {
        let wide = widths.iter().zip(&least).enumerate();
        let wide = wide.filter(|(_, (now, least))| now > least);
        let (place, _) = wide.max_by_key(|(_, (now, _))| **now)?;
        if let Some(width) = widths.get_mut(place) {
            *width -= 1;
        }
    }
    Some(widths)
}

fn cells(table: &Table, index: usize) -> impl Iterator<Item = &str> {
    let cells = table
        .rows
        .iter()
        .filter_map(move |row| row.shown.get(index));
    cells.map(String::as_str)
}

fn head(table: &Table, index: usize) -> (&str, bool, bool) {
    table
        .heads
        .get(index)
        .map_or(("", false, false), |head: &Head| {
            (&head.heading, head.wraps, head.right == Some(true))
        })
}

fn natural(table: &Table, index: usize) -> usize {
    let cells = cells(table, index).map(|cell| cell.width());
    cells.max().unwrap_or(0).max(head(table, index).0.width())
}

/// Returns the width at which no word of the heading breaks and, if `whole`, no cell either.
fn narrow(table: &Table, index: usize, whole: bool) -> usize {
    let (heading, wraps, _) = head(table, index);
    let cells = cells(table, index).map(|cell| match wraps && !whole {
        true => longest_word(cell),
        false => cell.width(),
    });
    cells.max().unwrap_or(0).max(longest_word(heading))
}

fn longest_word(text: &str) -> usize {
    text.split(' ').map(|word| word.width()).max().unwrap_or(0)
}

fn heading(table: &Table, open: &[usize], widths: &[usize]) -> String {
    lines(table, open, widths, |index| head(table, index).0.to_owned())
}

/// Returns one row, in as many lines as its tallest cell.
fn lines(
    table: &Table,
    open: &[usize],
    widths: &[usize],
    cell: impl Fn(usize) -> String,
) -> String {
    let wrapped: Vec<Vec<String>> = open
        .iter()
        .zip(widths)
        .map(|(index, width)| words(&cell(*index), *width))
        .collect();
    let tallest = wrapped.iter().map(Vec::len).max().unwrap_or(0);
    let mut text = String::new();
    for line in 0..tallest {
        let mut row = String::new();
        for ((cell, index), width) in wrapped.iter().zip(open).zip(widths) {
            let part = cell.get(line).map_or("", String::as_str);
            let blank = " ".repeat(width.saturating_sub(part.width()));
            match head(table, *index).2 {
                true => row += &format!("{blank}{part}"),
                false => row += &format!("{part}{blank}"),
            }
            row += &" ".repeat(GAP);
        }
        text += row.trim_end();
        text.push('\n');
    }
    text
}

/// Breaks a text between words into lines of at most `width` characters; a text that fits stays as it is.
fn words(text: &str, width: usize) -> Vec<String> {
    if text.width() <= width {
        return vec![text.to_owned()];
    }
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Returns the folded cells of a row: `closed unanswered 12 · p90 3.0 d`.
fn under(table: &Table, folded: &[usize], shown: &[String], width: usize) -> String {
    let parts: Vec<String> = folded
        .iter()
        .filter_map(|index| {
            let cell = shown.get(*index)?;
            let empty = cell.is_empty() || cell == "–";
            (!empty).then(|| format!("{} {cell}", head(table, *index).0))
        })
        .collect();
    let room = width.saturating_sub(INDENT);
    let mut text = String::new();
    let mut line = String::new();
    for part in parts {
        if !line.is_empty() && line.width() + 3 + part.width() > room {
            indented(&mut text, &line, room);
            line.clear();
        }
        if !line.is_empty() {
            line += " · ";
        }
        line += &part;
    }
    indented(&mut text, &line, room);
    text
}

fn indented(text: &mut String, line: &str, room: usize) {
    for part in words(line, room) {
        if !part.is_empty() {
            *text += &format!("{:INDENT$}{part}\n", "");
        }
    }
}
