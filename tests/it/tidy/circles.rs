//! Finds circles: production files that import each other in a loop.
//!
//! A file A imports a file B if a path in the production code of A leads to something that B defines: through
//! `crate`, `super`, `self`, the name of one of our crates, a child module, or a module that A imports under its own
//! name. The longest part of the path that is a module decides, and a re-export (`pub use`) is followed to the file
//! that defines the thing: so a `mod.rs` that only shows what its children define ties nothing, and one that uses a
//! child whose code needs something of the `mod.rs` is a circle. A declaration (`mod child;`) is no import, and
//! neither is a visibility such as `pub(super)`. Globs, macros and methods are not followed.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{names, paths, production, reexports};

/// The folders of production code, each with the name of its crate.
const CRATES: &[(&str, &str)] = &[
    ("src/", "ownerline"),
    ("projections/src/", "ownerline_projections"),
    ("proto/src/", "ownerline_proto"),
    ("benches/generate/src/", "ownerline_generate"),
    ("benches/load/src/", "ownerline_load"),
];

/// A module by its path: the name of the crate, then the names of the modules.
type Module = Vec<String>;

/// The imports of each file: the imported file, with one path that leads to it.
type Imports = BTreeMap<String, BTreeMap<String, String>>;

/// Whether the file is in one of the crates that are checked.
pub(super) fn includes(path: &str) -> bool {
    path.ends_with(".rs") && CRATES.iter().any(|(folder, _)| path.starts_with(folder))
}

/// The circles among these files (path, text), each as its files and the imports that tie them.
pub(super) fn circles(files: &[(&str, &str)]) -> Vec<Circle> {
    let imports = imports(files);
    let reach: BTreeMap<&str, BTreeSet<&str>> = imports
        .keys()
        .map(|file| (file.as_str(), reachable(&imports, file)))
        .collect();
    let mut circles = Vec::new();
    let mut seen = BTreeSet::new();
    for (file, reached) in &reach {
        if !reached.contains(file) || seen.contains(file) {
            continue;
        }
        let members: BTreeSet<&str> = reached
            .iter()
            .copied()
            .filter(|other| reach.get(other).is_some_and(|back| back.contains(file)))
            .collect();
        seen.extend(members.iter().copied());
        circles.push(Circle::new(&members, &imports));
    }
    circles
}

/// Files that import each other in a loop.
#[derive(Debug)]
pub(super) struct Circle {
    /// The paths of the files, in order.
    pub(super) files: Vec<String>,
    /// The imports among them, one a line.
    pub(super) ties: Vec<String>,
}

impl Circle {
    fn new(members: &BTreeSet<&str>, imports: &Imports) -> Self {
        let ties = members
            .iter()
            .flat_map(|file| imports[*file].iter().map(move |tie| (file, tie)))
            .filter(|(_, (to, _))| members.contains(to.as_str()))
            .map(|(from, (to, through))| format!("  {from} -> {to}: {through}"))
            .collect();
        Self {
            files: members.iter().map(|&file| file.to_owned()).collect(),
            ties,
        }
    }
}

/// The files that `start` reaches through at least one import.
fn reachable<'a>(imports: &'a Imports, start: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = vec![start];
    while let Some(file) = open.pop() {
        for to in imports.get(file).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(to.as_str()) {
                open.push(to);
            }
        }
    }
    reached
}

fn imports(files: &[(&str, &str)]) -> Imports {
    let tree = Tree::new(files);
    files
        .iter()
        .filter_map(|(path, text)| {
            let imported = imports_of(&module(path)?, text, path, &tree);
            Some(((*path).to_owned(), imported))
        })
        .collect()
}

/// The modules of all crates, and what they re-export.
struct Tree<'a> {
    /// The file of each module.
    files: BTreeMap<Module, &'a str>,
    /// For each module, the names that it re-exports, with the paths they stand for.
    reexports: BTreeMap<Module, BTreeMap<String, Vec<String>>>,
}

impl<'a> Tree<'a> {
    fn new(files: &[(&'a str, &str)]) -> Self {
        let mut tree = Self {
            files: files
                .iter()
                .filter_map(|(path, _)| Some((module(path)?, *path)))
                .collect(),
            reexports: BTreeMap::new(),
        };
        for (path, text) in files {
            let Some(own) = module(path) else { continue };
            let (exported, _) = reexports(&production(path, text));
            let named = exported.iter().filter_map(|path| {
                let absolute = absolute(&own, path, &tree.files, &BTreeMap::new())?;
                Some((absolute.last()?.clone(), absolute))
            });
            let named = named.collect();
            tree.reexports.insert(own, named);
        }
        tree
    }

    /// The path after every re-export on it was followed.
    fn resolved(&self, mut path: Vec<String>) -> Vec<String> {
        // Deeper than any chain of re-exports, so that a loop of them ends.
        for _ in 0..16 {
            let Some(depth) = self.depth(&path) else {
                break;
            };
            let shown = self.reexports.get(&path[..depth]);
            let target = path
                .get(depth)
                .and_then(|name| shown.and_then(|shown| shown.get(name)));
            let Some(target) = target else { break };
            path = [target.as_slice(), &path[depth + 1..]].concat();
        }
        path
    }

    /// How many segments of the path are its module.
    fn depth(&self, path: &[String]) -> Option<usize> {
        (1..=path.len())
            .rev()
            .find(|length| self.files.contains_key(&path[..*length]))
    }
}

/// The files that one file imports.
fn imports_of(own: &Module, text: &str, path: &str, tree: &Tree<'_>) -> BTreeMap<String, String> {
    let (exported, code) = reexports(&production(path, text));
    let mut named: Vec<Vec<String>> = paths(&code)
        .into_iter()
        .filter(|path| path.len() > 1)
        .collect();
    // What a file re-exports and uses itself, it imports.
    named.extend(exported.into_iter().filter(|path| {
        let name = path.last().filter(|_| path.len() > 1);
        name.is_some_and(|name| names(&code, name))
    }));
    // Modules that were imported under their own names: `use crate::store;` makes `store::…` a path.
    let aliases: BTreeMap<String, Module> = named
        .iter()
        .filter_map(|path| absolute(own, path, &tree.files, &BTreeMap::new()))
        .filter_map(|absolute| Some((absolute.last()?.clone(), tree.resolved(absolute))))
        .filter(|(_, resolved)| tree.files.contains_key(resolved))
        .collect();
    let mut imported = BTreeMap::new();
    for path_named in &named {
        let Some(absolute) = absolute(own, path_named, &tree.files, &aliases) else {
            continue;
        };
        let resolved = tree.resolved(absolute);
        // The name of a module above is a prefix for paths; what they lead to counts.
        if own.starts_with(&resolved) {
            continue;
        }
        let home = tree.depth(&resolved).map(|depth| &resolved[..depth]);
        if let Some(home) = home
            .and_then(|home| tree.files.get(home))
            .filter(|home| **home != path)
        {
            let through = path_named.join("::");
            imported.entry((*home).to_owned()).or_insert(through);
        }
    }
    imported
}

/// The path, beginning with the name of a crate; `None` if it leads to no module of ours.
fn absolute(
    own: &Module,
    path: &[String],
    modules: &BTreeMap<Module, &str>,
    aliases: &BTreeMap<String, Module>,
) -> Option<Vec<String>> {
    let supers = path.iter().take_while(|it| *it == "super").count();
    let first = path.first()?;
    let child = [own.as_slice(), std::slice::from_ref(first)].concat();
    let (mut absolute, rest) = match first.as_str() {
        "crate" => (own[..1].to_vec(), &path[1..]),
        "self" => (own.clone(), &path[1..]),
        "super" if supers < own.len() => (own[..own.len() - supers].to_vec(), &path[supers..]),
        name if CRATES.iter().any(|(_, known)| *known == name) => (vec![first.clone()], &path[1..]),
        _ if modules.contains_key(&child) => (child, &path[1..]),
        name => (aliases.get(name)?.clone(), &path[1..]),
    };
    let rest = rest.iter().filter(|segment| *segment != "self");
    absolute.extend(rest.cloned());
    Some(absolute)
}

/// The module of a file: `ownerline::store` for `src/store/mod.rs`.
fn module(path: &str) -> Option<Module> {
    let (folder, name) = CRATES.iter().find(|(folder, _)| path.starts_with(folder))?;
    let inner = path.strip_prefix(folder)?.strip_suffix(".rs")?;
    let inner = inner.strip_suffix("/mod").unwrap_or(inner);
    let modules = inner.split('/').filter(|module| *module != "lib");
    Some(
        std::iter::once(*name)
            .chain(modules)
            .map(str::to_owned)
            .collect(),
    )
}

#[cfg(test)]
fn planted(files: &[(&str, &str)]) -> Vec<Vec<String>> {
    let found = circles(files);
    found.into_iter().map(|circle| circle.files).collect()
}

#[test]
fn a_planted_circle_is_found() {
    let a = "src/store/a.rs";
    let b = "src/store/b.rs";
    for (of_a, of_b) in [
        ("use super::b::B;", "use crate::store::a::A;"),
        ("fn f() -> super::b::B {}", "use super::{a::{self}, c::C};"),
        ("use super::b;", "use super::a::*;"),
    ] {
        assert_eq!(planted(&[(a, of_a), (b, of_b)]), [[a, b]], "{of_a} {of_b}");
    }
}

#[test]
fn a_circle_through_a_parent_a_root_or_a_third_file_is_found() {
    let parent = (
        "src/store/mod.rs",
        "mod child;\npub use child::Child;\npub struct Limit;\nfn f() -> Child {}",
    );
    let child = ("src/store/child.rs", "use super::Limit;");
    assert_eq!(planted(&[parent, child]), [[child.0, parent.0]]);
    let parent = ("src/app.rs", "mod health;\nfn f() { health::watch(); }");
    let child = ("src/app/health.rs", "use super::Server;");
    assert_eq!(planted(&[parent, child]), [[parent.0, child.0]]);
    let root = (
        "projections/src/lib.rs",
        "pub mod row;\npub mod cell;\npub use row::Row;",
    );
    let file = ("projections/src/row.rs", "use crate::cell::Cell;");
    let through_root = ("projections/src/cell.rs", "use crate::Row;");
    assert_eq!(
        planted(&[root, file, through_root]),
        [[through_root.0, file.0]]
    );
    let three = [
        ("src/a.rs", "use crate::b;\nfn f() { b::c::g(); }"),
        ("src/b/mod.rs", "pub mod c;"),
        ("src/b/c.rs", "use crate::d::D;"),
        ("src/d.rs", "use ownerline::a::A;"),
    ];
    assert_eq!(planted(&three), [["src/a.rs", "src/b/c.rs", "src/d.rs"]]);
}

#[test]
fn imports_in_one_direction_are_no_circle() {
    let parent = "mod a;\nmod b;\npub use a::A;\npub(crate) use b::B;\n#[cfg(test)]\nmod tests {\n    use crate::d;\n}";
    let files = [
        ("src/store/mod.rs", parent),
        (
            "src/store/a.rs",
            "pub(super) struct A; impl A { fn f(self) { self.g() } }",
        ),
        ("src/store/b.rs", "//! See [`super::B`].\nuse super::a::A;"),
        ("src/store/tests.rs", "use super::B;"),
        (
            "src/d.rs",
            "use crate::store::B;\nuse ownerline_proto::store::A;",
        ),
        ("proto/src/store.rs", "use crate::time::Instant;"),
        ("proto/src/time.rs", "use std::time;"),
    ];
    assert_eq!(planted(&files), Vec::<Vec<String>>::new());
    // A `mod.rs` that only shows what a child defines does not need the child.
    let parent = (
        "src/store/mod.rs",
        "mod child;\npub use child::Child;\npub struct Limit;",
    );
    let child = ("src/store/child.rs", "use super::Limit;");
    assert_eq!(planted(&[parent, child]), Vec::<Vec<String>>::new());
}
