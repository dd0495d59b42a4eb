//! A proxy as a child process, with its file from the docs.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Longer than any proxy takes to start; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(30);
/// What the files of the docs say.
const FRONT: &str = "127.0.0.1:7400";
const SERVER: &str = "127.0.0.1:7431";

/// The proxies of the docs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Proxy {
    Nginx,
    Haproxy,
}

/// A running proxy; ended when dropped.
pub(super) struct Front {
    child: Child,
    url: String,
    _directory: TempDir,
}

/// An address of this machine on which nobody listens.
pub(super) fn free_address() -> SocketAddr {
    let bound = TcpListener::bind("127.0.0.1:0").unwrap();
    bound.local_addr().unwrap()
}

impl Proxy {
    /// Every proxy.
    pub(super) const ALL: [Self; 2] = [Self::Nginx, Self::Haproxy];

    fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "haproxy",
        }
    }

    /// Its file, as it stands in the docs.
    fn file(self) -> &'static str {
        match self {
            Self::Nginx => include_str!("../../../docs/operator/nginx.conf"),
            Self::Haproxy => include_str!("../../../docs/operator/haproxy.cfg"),
        }
    }

    /// Where its program is; none if it is not installed.
    fn program(self) -> Option<PathBuf> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        // Where Debian installs programs of the administrator.
        let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
        let found = folders.map(|folder| folder.join(self.name()));
        let found = found.into_iter().find(|program| program.is_file());
        let required = std::env::var("OWNERLINE_PROXIES").is_ok_and(|value| value == "required");
        assert!(
            found.is_some() || !required,
            "{} is not installed",
            self.name()
        );
        if found.is_none() {
            eprintln!("SKIPPED: {} is not installed", self.name());
        }
        found
    }

    /// Starts it before a server, with other words in place of some of its file; none if it is not installed.
    pub(super) fn start(self, server: SocketAddr, instead: &[(&str, &str)]) -> Option<Front> {
        let program = self.program()?;
        let directory = tempfile::tempdir().unwrap();
        let front = free_address();
        let mut text = self.file().replace(FRONT, &front.to_string());
        text = text.replace(SERVER, &server.to_string());
        for (words, others) in instead {
            assert!(text.contains(words), "{words:?} is not in the file");
            text = text.replace(words, others);
        }
        let file = directory.path().join("file");
        std::fs::write(&file, text).unwrap();
        let mut command = Command::new(program);
        self.arguments(&mut command, directory.path(), &file);
        let child = command.stdin(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        while TcpStream::connect(front).is_err() {
            assert!(begun.elapsed() < PATIENCE, "{self:?} does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        Some(Front {
            child,
            url: format!("http://{front}"),
            _directory: directory,
        })
    }

    fn arguments(self, command: &mut Command, directory: &Path, file: &Path) {
        match self {
            Self::Nginx => {
                // One process in the foreground, with its files in the directory.
                let pid = directory.join("pid");
                let globals = format!(
                    "daemon off; master_process off; pid {};",
                    pid.to_str().unwrap()
                );
                command.args(["-e", "stderr", "-g", &globals, "-p"]);
                command.arg(directory).arg("-c").arg(file);
            }
            Self::Haproxy => {
                command.args(["-db", "-q", "-f"]).arg(file);
            }
        }
    }
}

impl Front {
    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
