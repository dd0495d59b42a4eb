//! The stages of a run, in order: load, record, follow, query, kill, rebuild; then one large owner on a server of its
//! own. Each one adds its figures.

mod asking;
mod whale;
mod whole;
mod writing;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ownerline_load::{Acknowledgements, JourneyFeed, ResourceUsage, Run, ServerProcess};

use super::figure::Figure;
use super::plan::Plan;
use crate::cli::CliError;

/// The seeds of the load, of the single records, and of what a kill interrupts.
const LOAD_SEED: u64 = 1;
const UNARY_SEED: u64 = 2;
const CRASH_SEED: u64 = 3;
/// The end of every journey, 2026-01-01, so that the load is always the same.
const UNTIL: i64 = 1_767_225_600;

/// The data directory of every stage but the last.
const DATA: &str = "data";
const MIB: f64 = 1_048_576.0;

/// A run in progress.
pub(super) struct Stages<'a> {
    plan: Plan,
    folder: &'a Path,
    announce: &'a mut dyn FnMut(&str),
    echo: ServerProcess,
    acked: Arc<Acknowledgements>,
    /// Of the server that has the one large owner.
    whale_acked: Arc<Acknowledgements>,
    load: JourneyFeed,
    figures: Vec<Figure>,
}

impl<'a> Stages<'a> {
    /// Runs everything in `folder`. Nothing that it started is left when it returns, for whatever reason.
    pub(super) async fn run(
        plan: Plan,
        folder: &'a Path,
        announce: &'a mut dyn FnMut(&str),
    ) -> Result<Vec<Figure>, CliError> {
        let echo = ServerProcess::start(&[OsStr::new("bench-echo")], folder, plan.patience)?;
        let mut stages = Self {
            plan,
            folder,
            announce,
            echo,
            acked: Arc::default(),
            whale_acked: Arc::default(),
            load: JourneyFeed::new(LOAD_SEED, UNTIL),
            figures: Vec::new(),
        };
        let server = stages.serve(DATA)?;
        let watch = server.watch_memory();
        stages.load(&server).await?;
        stages.record(&server).await?;
        stages.visible(&server).await?;
        stages.replay(&server).await?;
        stages.memory(&server, watch).await?;
        stages.ask(&server).await?;
        let server = stages.crash(server).await?;
        stages.rebuild(server).await?;
        stages.whale().await?;
        stages.figures.sort_by_key(Figure::number);
        Ok(stages.figures)
    }

    fn data(&self) -> PathBuf {
        self.folder.join(DATA)
    }

    /// Starts a server on a data directory in the folder.
    fn serve(&self, data: &str) -> Result<ServerProcess, CliError> {
        let data = self.folder.join(data);
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--data"].map(OsStr::new);
        let arguments = [&arguments[..], &[data.as_os_str()]].concat();
        Ok(ServerProcess::start(
            &arguments,
            self.folder,
            self.plan.patience,
        )?)
    }
}

/// The resources that a server has used since, in words.
fn used(server: &ServerProcess, since: Option<ResourceUsage>, count: u64) -> String {
    let used = server.usage().zip(since).map(|(now, then)| now - then);
    used_each(used, count)
}

fn used_each(used: Option<ResourceUsage>, count: u64) -> String {
    used.map_or_else(String::new, |used| format!("; {}", used.per_item(count)))
}

fn add(sum: &mut Option<Run>, run: &Run) -> Result<(), CliError> {
    match sum {
        Some(sum) => sum.add(run),
        None => sum.insert(Run::empty()?).add(run),
    }
    Ok(())
}
