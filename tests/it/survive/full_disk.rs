//! A file system of its own that is full: under everything, under the index, and under the views.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use ownerline_proto::v1::projection::State;

use crate::process::Served;
use crate::remote::Remote;
use crate::support::{NOW, all_of, feedback, reason};

const PATIENCE: Duration = Duration::from_secs(60);

/// A small file system in memory; unmounted when dropped.
pub(crate) struct Mounted(PathBuf);

impl Mounted {
    /// `None` where that is not allowed, which is said.
    pub(crate) fn at(path: &Path, mebibytes: u32) -> Option<Self> {
        fs::create_dir_all(path).unwrap();
        let size = format!("size={mebibytes}m");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(path)
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(path.to_owned()));
        }
        println!("NOT TRIED: a file system cannot be mounted here (needs root); run it as root");
        None
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Fills the disk again, including space freed meanwhile.
    pub(crate) fn fill(&self) {
        let ballast = self.0.join("ballast");
        let mut ballast = fs::File::options()
            .create(true)
            .append(true)
            .open(ballast)
            .unwrap();
        let block = vec![0; 4_096];
        while std::io::Write::write_all(&mut ballast, &block).is_ok() {}
    }

    pub(crate) fn make_room(&self) {
        fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Lazily: a failed test may still have files open.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

async fn records(remote: &Remote, id: &str) -> Result<(), String> {
    let recorded = remote.record(feedback("owner-1", id, NOW)).await;
    recorded.map(|_| ()).map_err(|status| reason(&status))
}

async fn until_it_records(remote: &Remote, id: &str) {
    let begun = Instant::now();
    while let Err(told) = records(remote, id).await {
        assert!(begun.elapsed() < PATIENCE, "{told}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn until_views_are(remote: &Remote, state: State) {
    let begun = Instant::now();
    loop {
        let projections = remote.projections().await.projections;
        if projections.iter().all(|view| view.state() == state) {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{projections:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn until_entries_are(remote: &Remote, count: usize) {
    let begun = Instant::now();
    loop {
        let found = entries(remote).await;
        if found == count {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{found} of {count}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn entries(remote: &Remote) -> usize {
    match remote.timeline(all_of("owner-1")).await {
        Ok(timeline) => timeline.entries.len(),
        // The view, which follows behind, has not met the owner yet.
        Err(status) if status.code() == tonic::Code::NotFound => 0,
        Err(status) => panic!("{status:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_read_also_after_a_restart_and_written_when_there_is_room() {
    let directory = tempfile::tempdir().unwrap();
    let Some(disk) = Mounted::at(&directory.path().join("disk"), 256) else {
        return;
    };
    let data = disk.0.join("data");
    let server = Served::start(&data);
    let remote = server.remote().await;
    for number in 0..20 {
        records(&remote, &format!("before-{number}")).await.unwrap();
    }
    until_views_are(&remote, State::Live).await;
    disk.fill();
    let mut told = Ok(());
    let mut stored = 20;
    while told.is_ok() {
        told = records(&remote, &format!("full-{stored}")).await;
        stored += usize::from(told.is_ok());
        assert!(stored < 100_000, "the disk is full");
    }
    assert_eq!(told, Err("NO_SPACE".to_owned()));
    assert!(entries(&remote).await >= 20);
    drop(remote);
    assert_eq!(server.terminate(), Some(0), "it ends in order");

    disk.fill();
    let server = Served::start(&data);
    let remote = server.remote().await;
    assert_eq!(
        records(&remote, "refused").await,
        Err("NO_SPACE".to_owned())
    );
    assert!(entries(&remote).await >= 20, "it is read");
    disk.make_room();
    until_it_records(&remote, "after").await;
    until_views_are(&remote, State::Live).await;
    until_entries_are(&remote, stored + 1).await;
    assert_eq!(server.terminate(), Some(0));
    drop(disk);
}

async fn is_full_under(derived: &str, views: bool) {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let Some(disk) = Mounted::at(&data.join(derived), 100) else {
        return;
    };
    let server = Served::start(&data);
    let remote = server.remote().await;
    disk.fill();
    let mut stored = 0;
    let waiting = async |remote: &Remote| {
        let projections = remote.projections().await.projections;
        projections
            .iter()
            .all(|view| view.state() == State::Retrying)
    };
    for batch in 0..400 {
        let touchpoints = (0..100)
            .map(|number| {
                // Many owners, so that nothing compresses to nothing.
                feedback(
                    &format!("owner-{batch}-{number}"),
                    &format!("{batch}-{number}"),
                    NOW,
                )
            })
            .collect();
        stored += remote.import(touchpoints).await.len();
        if views && waiting(&remote).await {
            break;
        }
    }
    if views {
        until_views_are(&remote, State::Retrying).await;
    }
    until_it_records(&remote, "log-has-room").await;
    disk.make_room();
    until_views_are(&remote, State::Live).await;
    until_entries_are(&remote, 1).await;
    println!("{stored} touchpoints beside a full disk under {derived}");
    assert_eq!(server.terminate(), Some(0));
    drop(disk);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_under_the_views_stops_nothing_else() {
    is_full_under("views", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_under_the_index_stops_nothing_else() {
    is_full_under("index", false).await;
}
