//! The documentation against the repository: the table of directions, the files that pages name, and their links.

use std::collections::BTreeSet;
use std::fs;

use super::direction::{LAYERS, LEAVES, TOOLS};
use super::{File, repository, root};

/// The words in backquotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The rows of the first table below a line that begins with this heading, as cells.
fn table<'t>(text: &'t str, heading: &str) -> Vec<Vec<&'t str>> {
    let lines = text.lines().skip_while(|line| !line.starts_with(heading));
    let rows = lines.skip_while(|line| !line.starts_with('|'));
    let rows = rows.take_while(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split(" | ").collect())
        .collect()
}

/// Where the tables of a map differ from the directions that are enforced.
fn directions(map: &str) -> Vec<String> {
    let layers: Vec<_> = table(map, "| layer |")
        .iter()
        .map(|row| quoted(row[0]))
        .collect();
    let mut found = Vec::new();
    if layers != LAYERS {
        found.push(format!("layers are {LAYERS:?}, not {layers:?}"));
    }
    for (heading, enforced) in [("| leaf |", LEAVES), ("| tool |", TOOLS)] {
        let shown: Vec<_> = table(map, heading)
            .iter()
            .map(|row| (quoted(row[0]).join(""), quoted(row[1])))
            .collect();
        let enforced: Vec<_> = enforced
            .iter()
            .map(|(name, uses)| ((*name).to_owned(), uses.to_vec()))
            .collect();
        if shown != enforced {
            found.push(format!("{heading} shows {shown:?}, not {enforced:?}"));
        }
    }
    found
}

/// Files and folders of the repository that a page names in backquotes, from the root.
fn named_paths(text: &str) -> Vec<&str> {
    let tops = [
        "src/",
        "projections/",
        "proto/",
        "tests/",
        "benches/",
        "docs/",
    ];
    let is_path = |word: &&str| tops.iter().any(|top| word.starts_with(top)) && !word.contains('<');
    quoted(text).into_iter().filter(is_path).collect()
}

/// Functions that a list of the map names beside their file and that are not in it.
fn missing_functions(map: &str, text_of: impl Fn(&str) -> String) -> Vec<String> {
    let (_, questions) = map.split_once("## Three questions").unwrap();
    let hops: Vec<_> = questions
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_digit()))
        .map(quoted)
        .collect();
    assert_eq!(hops.len(), 9, "three questions of three hops");
    hops.iter()
        .filter(|hop| {
            let function = hop[1].rsplit("::").next().unwrap();
            !text_of(hop[0]).contains(&format!("fn {function}("))
        })
        .map(|hop| format!("{} is not in {}", hop[1], hop[0]))
        .collect()
}

/// The anchors of a page, as they are made of its headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut inside = false;
    let mut anchors = BTreeSet::new();
    for line in text.lines() {
        inside ^= line.trim_start().starts_with("```");
        let heading = line.trim_start_matches('#');
        if inside || heading.len() == line.len() {
            continue;
        }
        let kept = heading.trim().chars().filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
            _ => None,
        });
        anchors.insert(kept.collect::<String>().to_lowercase());
    }
    anchors
}

/// The targets of the links of a page that stay in the repository.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1);
    let targets = targets.filter_map(|rest| Some(rest.split_once(')')?.0));
    targets
        .filter(|target| !target.contains("://") && !target.contains(' '))
        .collect()
}

/// A path with its `..` resolved.
fn joined(page: &str, target: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The links of a page that lead nowhere.
fn broken(page: &File, pages: &[File]) -> Vec<String> {
    let leads = |target: &&str| {
        let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
        let path = match file {
            "" => page.path.clone(),
            file => joined(&page.path, file),
        };
        let there = root().join(&path).exists() || pages.iter().any(|page| page.path == path);
        let text = pages.iter().find(|page| page.path == path);
        there && (anchor.is_empty() || text.is_some_and(|it| anchors(&it.text).contains(anchor)))
    };
    let all = links(&page.text).into_iter();
    all.filter(|target| !leads(target))
        .map(|target| format!("{}: {target} leads nowhere", page.path))
        .collect()
}

fn pages() -> Vec<File> {
    let is_page =
        |path: &str| path.ends_with(".md") && (path.starts_with("docs/") || !path.contains('/'));
    let files = repository().into_iter();
    files.filter(|file| is_page(&file.path)).collect()
}

#[test]
fn the_map_shows_the_directions_that_are_enforced() {
    let pages = pages();
    let map = pages
        .iter()
        .find(|page| page.path == "docs/map.md")
        .unwrap();
    assert_eq!(directions(&map.text), Vec::<String>::new());
}

#[test]
fn every_file_that_a_page_names_is_there() {
    let pages = pages();
    let named = pages.iter().flat_map(|page| {
        let paths = named_paths(&page.text).into_iter();
        paths.map(move |path| (&page.path, path))
    });
    let named: Vec<_> = named.collect();
    assert!(named.len() > 80, "pages name {} files", named.len());
    let missing: Vec<_> = named
        .iter()
        .filter(|(_, path)| !root().join(path).exists())
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_link_of_the_documentation_leads_somewhere() {
    let pages = pages();
    let found: Vec<_> = pages.iter().flat_map(|page| broken(page, &pages)).collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn every_hop_of_the_three_questions_is_a_function_that_is_there() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let map = read("docs/map.md");
    assert_eq!(missing_functions(&map, read), Vec::<String>::new());
    let nothing = |_: &str| "fn another(".to_owned();
    assert_eq!(missing_functions(&map, nothing).len(), 9);
}

#[test]
fn a_map_that_differs_is_found() {
    let map = pages()
        .into_iter()
        .find(|page| page.path == "docs/map.md")
        .unwrap()
        .text;
    let swapped = map.replace("| `command`, `query` |", "| `query` |");
    assert_eq!(directions(&swapped).len(), 1);
    let more = map.replace("| `telemetry` | `config` |", "| `telemetry` | – |");
    assert_eq!(directions(&more).len(), 1);
    let less = map.replace(
        "| `load` | `generate`, `proto` |",
        "| `load` | `generate` |",
    );
    assert_eq!(directions(&less).len(), 1);
}

#[test]
fn a_link_without_a_target_is_found() {
    let page = |path: &str, text: &str| File {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let other = page(
        "docs/other.md",
        "# Title\n## `as_of`, and more\n```\n# no heading\n```\n",
    );
    let fine = "[a](other.md) [b](other.md#as_of-and-more) [c](https://x.org/y) [d](#own)\n# Own\n";
    let fine = page("docs/page.md", fine);
    let bad = "[a](gone.md) [b](other.md#gone) [c](#gone) [d](other.md#no-heading)\n";
    let bad = page("docs/page.md", bad);
    let pages = [other];
    let with = |page: File| {
        let mut all = vec![File {
            path: page.path.clone(),
            text: page.text.clone(),
        }];
        all.extend(pages.iter().map(|it| File {
            path: it.path.clone(),
            text: it.text.clone(),
        }));
        broken(&page, &all).len()
    };
    assert_eq!((with(fine), with(bad)), (0, 4));
}
