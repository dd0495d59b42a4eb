//! Paths are what the system says they are: one that is not UTF-8 is opened, and no other in its place.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::Output;

use ownerline_proto::cloudevents::to_line;

use crate::process::{Served, ownerline, stderr, stdout};
use crate::support::{NOW, feedback};

fn run(arguments: &[&OsStr]) -> Output {
    ownerline().args(arguments).output().unwrap()
}

fn words(text: &str) -> Vec<&OsStr> {
    text.split(' ').map(OsStr::new).collect()
}

/// Runs to the end, and expects success.
fn succeeds(arguments: &[&OsStr]) -> String {
    let output = run(arguments);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{arguments:?}: {}",
        stderr(&output)
    );
    stdout(&output)
}

fn names(directory: &Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<Vec<u8>> = entries
        .map(|entry| entry.unwrap().file_name().as_bytes().to_vec())
        .collect();
    names.sort();
    names
}

#[test]
fn a_data_directory_whose_name_is_not_utf_8_is_the_one_that_is_opened() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &[u8]| directory.path().join(OsStr::from_bytes(name));
    let (data, backup, restored) = (at(b"data-\xff"), at(b"backup-\xff"), at(b"restored-\xff"));
    let file = at(b"in-\xff.ndjson");
    let refused = at(b"in-\xff.ndjson.refused.ndjson");
    let line = to_line(&feedback("owner-1", "bytes-1", NOW)).unwrap();
    fs::write(&file, format!("{line}\nno touchpoint\n")).unwrap();

    let served = Served::start(&data);
    let server = ["--server", served.url()].map(OsStr::new);
    let import = [&[OsStr::new("import"), file.as_os_str()], &server[..]].concat();
    let imported = run(&import);
    assert_eq!(imported.status.code(), Some(2), "{}", stderr(&imported));
    assert!(refused.exists(), "{:?}", names(directory.path()));
    assert_eq!(served.terminate(), Some(0));

    let [data, backup, restored] = [&data, &backup, &restored].map(|path| path.as_os_str());
    let [at_data, to, from] = ["--data", "--to", "--from"].map(OsStr::new);
    succeeds(&[&words("log verify")[..], &[at_data, data]].concat());
    succeeds(&[&words("log stat")[..], &[at_data, data]].concat());
    let lines = succeeds(&[&words("log cat")[..], &[at_data, data]].concat());
    assert_eq!(lines.lines().count(), 1);
    succeeds(&[&words("log backup")[..], &[at_data, data, to, backup]].concat());
    succeeds(
        &[
            &words("log restore")[..],
            &[from, backup, at_data, restored],
        ]
        .concat(),
    );
    let restored = Served::start(Path::new(restored));
    assert_eq!(restored.terminate(), Some(0));
    let expected: [&[u8]; 5] = [
        b"backup-\xff",
        b"data-\xff",
        b"in-\xff.ndjson",
        b"in-\xff.ndjson.refused.ndjson",
        b"restored-\xff",
    ];
    assert_eq!(names(directory.path()), expected);
}

#[test]
fn a_path_in_the_environment_or_of_a_file_of_settings_need_not_be_utf_8_and_is_shown_readably() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join(OsStr::from_bytes(b"own\xff.toml"));
    fs::write(&file, "[limits]\npage_entries = 7\n").unwrap();
    let data = directory.path().join(OsStr::from_bytes(b"data-\xff"));
    let mut check = ownerline();
    check.args(["check-config", "--config"]).arg(&file);
    let checked = check.env("OWNERLINE_STORE_DATA", &data).output().unwrap();
    let shown = stdout(&checked);
    assert!(shown.contains("data-\u{fffd}\" # environment"), "{shown}");
    assert!(shown.contains("page_entries = 7 # file"), "{shown}");

    let mut serve = ownerline();
    serve.args(["serve", "--listen", "127.0.0.1:0", "--config"]);
    serve.arg(&file).env("OWNERLINE_STORE_DATA", &data);
    let served = Served::run(serve);
    assert_eq!(served.terminate(), Some(0));
    assert!(data.join("log.db").exists());
    assert_eq!(names(directory.path()).len(), 2);
}

#[test]
fn an_empty_environment_variable_is_an_unset_one() {
    let directory = tempfile::tempdir().unwrap();
    let with_empty = |arguments: &[&str]| {
        let mut command = ownerline();
        for name in ["CONFIG", "SERVER", "STORE_DATA", "SERVER_LISTEN"] {
            command.env(format!("OWNERLINE_{name}"), "");
        }
        command.args(arguments).current_dir(directory.path());
        command.output().unwrap()
    };
    let checked = with_empty(&["check-config"]);
    assert_eq!(checked.status.code(), Some(0), "{}", stderr(&checked));
    let defaults = run(&words("check-config"));
    assert_eq!(stdout(&checked), stdout(&defaults));
    // Whether or not something listens there: the address is the default one.
    let asked = with_empty(&["timeline", "owner-1", "--timeout", "1ms"]);
    assert!(
        !stderr(&asked).contains("is not an address"),
        "{}",
        stderr(&asked)
    );
}
