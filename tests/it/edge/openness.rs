//! Who is let in: files of ours are for one user, what asks for TLS gets nothing in plain text, and listening beyond this
//! machine is said aloud.

use std::fs;
use std::io::Read as _;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use crate::process::{Served, ownerline_openly, run, stderr};
use crate::support::{NOW, feedback};

/// Runs a command of the program under a umask that would let everybody in.
fn run_openly(arguments: &[&str], directory: &Path) -> std::process::Output {
    let mut command = ownerline_openly();
    command
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap()
}

/// Everything below a directory that others than its owner may touch.
fn open_below(directory: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let metadata = entry.metadata().unwrap();
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            found.push(format!("{} {mode:o}", entry.path().display()));
        }
        if metadata.is_dir() {
            open_below(&entry.path(), found);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_written_is_for_one_user_whatever_the_umask() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name).display().to_string();
    let served = Served::start_openly(&directory.path().join("data"));
    let remote = served.remote().await;
    remote.record(feedback("owner-1", "1", NOW)).await.unwrap();
    fs::write(directory.path().join("lines.ndjson"), "no json\n").unwrap();
    fs::set_permissions(
        directory.path().join("lines.ndjson"),
        fs::Permissions::from_mode(0o600),
    )
    .unwrap();
    let imported = run_openly(
        &["--server", served.url(), "import", "lines.ndjson"],
        directory.path(),
    );
    assert_eq!(imported.status.code(), Some(2), "{}", stderr(&imported));
    drop(remote);
    assert_eq!(served.terminate(), Some(0));
    let backed_up = run_openly(
        &[
            "log",
            "backup",
            "--data",
            &at("data"),
            "--to",
            &at("backup"),
        ],
        directory.path(),
    );
    assert_eq!(backed_up.status.code(), Some(0), "{}", stderr(&backed_up));
    let restored = run_openly(
        &[
            "log",
            "restore",
            "--from",
            &at("backup"),
            "--data",
            &at("restored"),
        ],
        directory.path(),
    );
    assert_eq!(restored.status.code(), Some(0), "{}", stderr(&restored));
    let mut found = Vec::new();
    open_below(directory.path(), &mut found);
    assert_eq!(found, Vec::<String>::new());
    for written in [
        "data/log.db",
        "data/token.key",
        "data/views",
        "data/index",
        "backup/log.db",
        "restored/log.db",
    ] {
        assert!(
            directory.path().join(written).exists(),
            "{written} is not there"
        );
    }
}

#[test]
fn a_data_directory_that_others_can_enter_and_an_address_that_others_can_reach_are_said() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).unwrap();
    let closed = Served::start(&directory.path().join("closed"));
    closed.ask_to_end();
    let (_, told) = closed.ended();
    assert!(!told.contains("WARN"), "{told}");
    let open = [("OWNERLINE_METRICS_LISTEN", "0.0.0.0:0")];
    let served = Served::start_at(&data, "0.0.0.0:0", &open);
    served.ask_to_end();
    let (code, told) = served.ended();
    assert_eq!(code, Some(0), "{told}");
    for said in [
        "enter the data directory",
        "mode=\"0755\"",
        "can reach the server",
        "can read the metrics",
    ] {
        assert!(told.contains(said), "{said:?} is not in {told}");
    }
}

#[test]
fn a_backup_into_a_directory_that_others_can_enter_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(&directory.path().join("data"));
    assert_eq!(served.terminate(), Some(0));
    let to = directory.path().join("backup");
    let arguments = ["log", "backup", "--data", "data", "--to", "backup"];
    let closed = run_openly(&arguments, directory.path());
    assert_eq!(
        (closed.status.code(), stderr(&closed).as_str()),
        (Some(0), "")
    );
    fs::set_permissions(&to, fs::Permissions::from_mode(0o755)).unwrap();
    let open = run_openly(&arguments, directory.path());
    assert_eq!(open.status.code(), Some(0));
    assert!(
        stderr(&open).contains("can enter backup (0755)"),
        "{}",
        stderr(&open)
    );
}

#[test]
fn nothing_is_sent_in_plain_text_to_an_address_that_asks_for_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let addr = listener.local_addr().unwrap();
    let commands: [&[&str]; 4] = [
        &["timeline", "owner-1"],
        &["inbox", "dealer-1"],
        &["projections", "list"],
        &["health"],
    ];
    for command in commands {
        for (scheme, said) in [
            ("https", "TLS"),
            ("HTTPS", "TLS"),
            ("ftp", "http://"),
            ("grpc", "http://"),
        ] {
            let server = format!("{scheme}://{addr}");
            let mut arguments = vec!["--server", &server];
            arguments.extend(command);
            let refused = run(&arguments);
            assert_eq!(refused.status.code(), Some(1), "{}", stderr(&refused));
            assert!(stderr(&refused).contains(said), "{}", stderr(&refused));
        }
    }
    let (mut stream, _) = match listener.accept() {
        Ok(accepted) => accepted,
        // Nobody even connected.
        Err(_) => return,
    };
    stream
        .set_read_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    let mut sent = Vec::new();
    let _ = stream.read_to_end(&mut sent);
    panic!("{} bytes were sent", sent.len());
}
