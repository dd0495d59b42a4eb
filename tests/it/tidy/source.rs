//! A reader of just enough Rust for the checks: the paths that the production code of a file names.

/// The production code of a file, without comments and the contents of strings: nothing of a test file, and of any
/// other file the part before its inline tests.
pub(super) fn production(path: &str, text: &str) -> String {
    let tests = ["/tests/", "/conformance/"];
    let rooted = format!("/{path}");
    // Under `benches/` there are crates, too.
    let bench = path.starts_with("benches/") && !path.contains("/src/");
    if bench || rooted.ends_with("/tests.rs") || tests.iter().any(|part| rooted.contains(part)) {
        return String::new();
    }
    let code = without_text(text);
    let mut kept = Vec::new();
    let mut lines = code.lines().peekable();
    while let Some(line) = lines.next() {
        let inline = |next: &&str| next.starts_with("mod ") && next.ends_with('{');
        if line == "#[cfg(test)]" && lines.peek().is_some_and(inline) {
            break;
        }
        kept.push(line);
    }
    kept.join("\n")
}

/// The code with every comment, string and character blanked out; line breaks stay.
fn without_text(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if first == '"' {
            string(rest)
        } else if first == 'r' && !code.ends_with(is_word) {
            raw_string(rest)
        } else if first == '\'' {
            character(rest)
        } else {
            0
        };
        if skipped > 0 {
            code.extend(rest[..skipped].chars().filter(|c| *c == '\n'));
            code.push(' ');
            rest = &rest[skipped..];
        } else {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    // The space that replaces a comment must not change how a line ends.
    code.lines()
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect()
}

/// The length of the string literal that the text begins with.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of the raw string literal that the text begins with, 0 if it begins with none.
fn raw_string(text: &str) -> usize {
    let hashes = text[1..].chars().take_while(|c| *c == '#').count();
    if !text[1 + hashes..].starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let body = 2 + hashes;
    text[body..]
        .find(&end)
        .map_or(text.len(), |at| body + at + end.len())
}

/// The length of the character literal that the text begins with, 0 for a lifetime.
fn character(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    let escaped = chars.next().is_some_and(|(_, c)| c == '\\');
    let closing = if escaped {
        text[3..].find('\'').map(|at| at + 3)
    } else {
        chars.next().filter(|(_, c)| *c == '\'').map(|(at, _)| at)
    };
    closing.map_or(0, |at| at + 1)
}

/// Every path that the code names, in full: `use a::{b, c::d, e::*}` names `a::b`, `a::c::d` and `a::e::*`.
pub(super) fn paths(code: &str) -> Vec<Vec<String>> {
    let tokens = tokens(code);
    let mut paths = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if is_name(&tokens[at]) {
            at = path(&tokens, at, &[], &mut paths);
        } else {
            at += 1;
        }
    }
    paths
}

/// Splits code into the paths that it re-exports (`pub use`, of any visibility) and the rest of it.
pub(super) fn reexports(code: &str) -> (Vec<Vec<String>>, String) {
    let mut exported = String::new();
    let mut rest = String::new();
    for statement in code.split_inclusive(';') {
        // A statement without braces before it: an item that ends in `}` may stand in front.
        let begins = statement.rfind("pub").filter(|begin| {
            let after = statement[begin + 3..].trim_start();
            let scope = after.starts_with('(').then(|| after.find(')')).flatten();
            let after = scope.map_or(after, |end| after[end + 1..].trim_start());
            after.starts_with("use ")
        });
        let (other, exports) = statement.split_at(begins.unwrap_or(statement.len()));
        rest.push_str(other);
        exported.push_str(exports);
    }
    (paths(&exported), rest)
}

/// Whether the code names an identifier other than by declaring a module.
pub(super) fn names(code: &str, name: &str) -> bool {
    let tokens = tokens(code);
    let is_module = |at: usize| at > 0 && tokens[at - 1] == "mod";
    (0..tokens.len()).any(|at| tokens[at] == name && !is_module(at))
}

/// Reads one path, or tree of paths, after `prefix`, and returns where it ends.
fn path(tokens: &[String], from: usize, prefix: &[String], paths: &mut Vec<Vec<String>>) -> usize {
    let mut segments = prefix.to_vec();
    let mut at = from;
    loop {
        match tokens.get(at).map(String::as_str) {
            Some("{") if at > from => {
                at += 1;
                while at < tokens.len() && tokens[at] != "}" {
                    at = if is_name(&tokens[at]) {
                        path(tokens, at, &segments, paths)
                    } else {
                        at + 1
                    };
                }
                return at + 1;
            }
            Some(name) if is_name(name) => segments.push(name.to_owned()),
            Some("*") if at > from => segments.push("*".to_owned()),
            _ => break,
        }
        at += 1;
        if tokens.get(at).is_none_or(|token| token != "::") {
            break;
        }
        at += 1;
    }
    paths.push(segments);
    at.max(from + 1)
}

fn tokens(code: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let length = if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        if !first.is_whitespace() {
            tokens.push(rest[..length].to_owned());
        }
        rest = &rest[length..];
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

#[test]
fn paths_are_read_from_trees_and_from_expressions() {
    let code = "use a::{b, c::{d, e as f}, self};\nfn g(x: &h::I<j::K>) { l::m::<n::O>(); }";
    let read: Vec<String> = paths(code).iter().map(|path| path.join("::")).collect();
    for expected in [
        "a::b", "a::c::d", "a::c::e", "a::self", "h::I", "j::K", "l::m", "n::O",
    ] {
        assert!(
            read.iter().any(|path| path == expected),
            "{expected} in {read:?}"
        );
    }
}

#[test]
fn re_exports_are_distinguished_from_other_uses() {
    let code = "mod a;\nuse b::C;\npub struct D {}\npub use a::{E, F};\npub(crate) use b::g;\nfn h() { E; }";
    let (exported, rest) = reexports(code);
    let exported: Vec<String> = exported.iter().map(|path| path.join("::")).collect();
    for path in ["a::E", "a::F", "b::g"] {
        assert!(exported.iter().any(|it| it == path), "{exported:?}");
    }
    assert!(
        rest.contains("use b::C;") && rest.contains("pub struct D {}"),
        "{rest}"
    );
    assert!(names(&rest, "E") && !names(&rest, "F"), "{rest}");
}

#[test]
fn comments_strings_and_tests_are_no_production_code() {
    let text = "// a::b\nlet c = \"d::e\\\" f::g\"; /* h\n::i */ let j: &'static str = r#\"k::l\"#;\n\
                let m = ['\"', '\\'', 'n'];\no::p();\n#[cfg(test)]\nmod tests {\n    q::r();\n}\n";
    let read: Vec<String> = paths(&production("src/x.rs", text))
        .iter()
        .filter(|path| path.len() > 1)
        .map(|path| path.join("::"))
        .collect();
    assert_eq!(read, ["o::p"]);
    for path in [
        "src/x/tests.rs",
        "src/x/tests/y.rs",
        "tests/it/x.rs",
        "src/store/conformance/x.rs",
    ] {
        assert_eq!(production(path, "o::p();"), "", "{path}");
    }
}
