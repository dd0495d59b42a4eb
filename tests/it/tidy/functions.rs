//! Measures how long the functions of production code are.

use super::source::production;

/// A function with a body, and its lines from `fn` to the closing brace.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) lines: usize,
}

/// The functions of a file, in order. A nested function is measured by itself, and is also part of the one around
/// it.
pub(super) fn functions(path: &str, text: &str) -> Vec<Function> {
    let code = production(path, text);
    code.match_indices("fn ")
        .filter(|(at, _)| !code[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
        .filter_map(|(at, _)| function(&code[at..]))
        .collect()
}

/// The function that the code begins with; `None` if it has no body.
fn function(code: &str) -> Option<Function> {
    let name = code["fn ".len()..].split(|c: char| !c.is_alphanumeric() && c != '_');
    let name = name.into_iter().next().filter(|name| !name.is_empty())?;
    let body = body(code)?;
    Some(Function {
        name: name.to_owned(),
        lines: 1 + code[..body].matches('\n').count(),
    })
}

/// The end of the body; `None` if a `;` outside brackets ends a declaration without one.
fn body(code: &str) -> Option<usize> {
    let (mut brackets, mut braces) = (0_usize, 0_usize);
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets = brackets.saturating_sub(1),
            ';' if brackets == 0 && braces == 0 => return None,
            '{' => braces += 1,
            '}' => {
                braces = braces.checked_sub(1)?;
                if braces == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

#[test]
fn functions_are_measured_from_their_first_line_to_their_closing_brace() {
    let text = "impl A {\n    /// fn no()\n    pub const fn one() -> [u8; 3] { f(\"}\") }\n\n    fn three<F>(\n        f: F,\n    ) where F: Fn(u8) -> u8 { match f { _ => '{' } }\n}\ntrait T { fn none(&self) -> u8; }\ntype F = fn (u8);\n#[cfg(test)]\nmod tests {\n    fn test() {}\n}\n";
    let found = functions("src/x.rs", text);
    let found: Vec<(&str, usize)> = found.iter().map(|f| (f.name.as_str(), f.lines)).collect();
    assert_eq!(found, [("one", 1), ("three", 3)]);
}
