//! Tells the program which commit it is built from.
//!
//! OWNERLINE_COMMIT says it where there is no repository: in a package, in a container. A debug build does not follow
//! the repository, or every commit would compile everything again.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=OWNERLINE_COMMIT");
    let told = std::env::var("OWNERLINE_COMMIT").ok();
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let commit = told.filter(|it| !it.is_empty()).or_else(|| match release {
        true => head(),
        false => None,
    });
    println!(
        "cargo::rustc-env=OWNERLINE_COMMIT_OF_BUILD={}",
        commit.unwrap_or_default()
    );
}

/// The commit of the repository around, if there is one.
fn head() -> Option<String> {
    for file in ["HEAD", "logs/HEAD"] {
        let path = git(&["rev-parse", "--git-path", file])?;
        // A file that is not there would build anew every time.
        if Path::new(&path).exists() {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    git(&["rev-parse", "--short=12", "HEAD"])
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
