//! Nobody prints: a server's words go through its log, those of a command through its `Output`. Printing by itself waits
//! for whoever reads, and panics if nobody can.

use super::source::{paths, production};

const PRINTING: [&str; 5] = ["print!", "println!", "eprint!", "eprintln!", "dbg!"];

/// The places that take a standard stream of the process.
const STREAMS: [&str; 3] = [
    "src/cli/output.rs",
    "src/cli/serve.rs",
    "src/telemetry/log.rs",
];

/// Macros that print, and standard streams that are taken elsewhere than in [`STREAMS`].
pub(super) fn prints(path: &str, text: &str) -> Vec<String> {
    let code = production(path, text);
    let named = PRINTING.iter().filter(|name| is_called(&code, name));
    let mut found: Vec<String> = named.map(|name| format!("calls {name}")).collect();
    if !STREAMS.contains(&path) {
        let streams = paths(&code).into_iter().filter(|path| {
            let last = path.last().map(String::as_str);
            matches!(last, Some("stdout" | "stderr"))
                && (path.len() > 1 || code.contains("use std::io"))
        });
        found.extend(streams.map(|path| format!("takes {}", path.join("::"))));
    }
    found
}

/// Whether a macro is called by this name, not by a longer one that ends with it.
fn is_called(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code.get(..at).and_then(|before| before.chars().next_back());
        before.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_')
    })
}

#[test]
fn a_line_that_is_printed_is_found() {
    for text in [
        "fn f() { println!(\"x\"); }",
        "fn f() { std::eprintln!(\"x\"); }",
        "fn f() { print!(\"x\") }",
        "let x = dbg!(y);",
        "use std::io::stderr;",
        "fn f() { let _ = std::io::stdout().write(b\"x\"); }",
        "use std::io::{self, Write};\nfn f() { io::stderr().lock(); }",
    ] {
        assert_eq!(prints("src/store/x.rs", text).len(), 1, "{text}");
    }
    for fine in [
        "// println!(x)\nfn f() { writeln!(out, \"print!\") }",
        "fn f() { let stderr = 1; child.stderr(x); my_println!(1); }",
        "#[cfg(test)]\nmod tests {\n    fn f() { println!(\"x\"); }\n}\n",
    ] {
        assert_eq!(
            prints("src/store/x.rs", fine),
            Vec::<String>::new(),
            "{fine}"
        );
    }
    assert!(prints("src/store/tests/x.rs", "fn f() { println!(1) }").is_empty());
    assert!(prints("src/cli/output.rs", "use std::io::stdout;").is_empty());
}
