//! `serve` and `check-config`: the server, and the settings it would run with.

use std::ffi::OsString;
use std::fs::File;
use std::future::Future;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::thread;

use clap::Args;
use futures::{Stream, StreamExt as _};
use tokio_util::task::AbortOnDropHandle;

use super::error::CliError;
use super::exit_code::SUCCESS;
use super::output::Output;
use crate::app::{self, Running, Seams};
use crate::config::{Config, ConfigErrors};
use crate::runtime::signals::drain_on;
use crate::runtime::{Hangups, Signal, Signals, private};
use crate::telemetry::{Log, LogControl};

/// The long help of `serve`.
pub(super) const SERVE_ABOUT: &str = "Serves the log of a data directory over gRPC until SIGINT or SIGTERM drains it. A second signal \
    ends it at once; in both cases, everything acknowledged is on stable storage.\n\n\
    Settings come in layers: defaults, a TOML file, OWNERLINE_<SECTION>_<KEY> in the environment, \
    flags. `check-config` prints the result.";

/// The examples of `serve`.
pub(super) const SERVE_EXAMPLES: &str = "Examples:\n  \
    ownerline serve --data ./ownerline-data\n  \
    ownerline serve --config ownerline.toml --listen 127.0.0.1:0\n\n\
    Exit codes:\n  \
    0        drained after a signal\n  \
    1        could not start, or ended by itself\n  \
    130,143  ended at once by a second SIGINT or SIGTERM";

/// The long help of `check-config`.
pub(super) const CHECK_CONFIG_ABOUT: &str = "Prints the settings that `serve` would run with, as TOML, each with its origin; or everything that \
    is wrong with them, at once.";

/// The examples of `check-config`.
pub(super) const CHECK_CONFIG_EXAMPLES: &str = "Examples:\n  \
    ownerline check-config\n  \
    OWNERLINE_LIMITS_PAGE_ENTRIES=500 ownerline check-config --config ownerline.toml";

/// The arguments of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// The data directory; created if it does not exist [default: ./ownerline-data]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The address to listen on: host and port, or `:7431` for every interface; port 0 chooses a free port
    /// [default: 127.0.0.1:7431]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<OsString>,
    /// The address on which to serve `GET /metrics` for Prometheus [default: off]
    #[arg(long, value_name = "ADDRESS")]
    pub metrics_listen: Option<OsString>,
    /// A TOML file of settings
    #[arg(long, value_name = "FILE", env = "OWNERLINE_CONFIG")]
    pub config: Option<PathBuf>,
}

/// The arguments of `check-config`.
#[derive(Debug, Args)]
pub struct CheckConfigArgs {
    /// A TOML file of settings
    #[arg(long, value_name = "FILE", env = "OWNERLINE_CONFIG")]
    pub config: Option<PathBuf>,
}

/// Prints the effective settings, or everything that is wrong with them.
pub(super) fn check_config(
    args: &CheckConfigArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let config = Config::load(args.config.as_deref(), Config::environment(), &[])?;
    write!(output.out, "{config}").map_err(CliError::Output)?;
    Ok(SUCCESS)
}

/// Serves until a signal has drained the server; a second signal ends it at once.
pub(super) async fn serve(args: &ServeArgs, output: &mut Output<'_>) -> Result<u8, CliError> {
    serve_with(args, output, Seams::default()).await
}

/// Does what `serve` does over a log and views with these seams, so that a test can put them under a whole process.
///
/// # Errors
/// Those of `serve`.
pub async fn serve_with(
    args: &ServeArgs,
    output: &mut Output<'_>,
    seams: Seams,
) -> Result<u8, CliError> {
    let log = Log::of_process()?;
    // The error of a start goes the same way, because nobody may read it either. Writing it flushes the log.
    output.err = Box::new(log.clone());
    let ended = serve_until_ended(args, &log, seams).await;
    if ended.is_ok() {
        log.flush();
    }
    ended
}

async fn serve_until_ended(args: &ServeArgs, log: &Log, seams: Seams) -> Result<u8, CliError> {
    // Before anything that takes time, so that no signal is missed.
    let installed = |source| CliError::Runtime { source };
    let mut signals = Signals::install().map_err(installed)?;
    let hangups = Hangups::install().map_err(installed)?;
    let layers = Layers::of(args);
    let config = layers.load()?;
    let control = log.receive(&config.telemetry)?;
    warn_of_openness(&config);
    let reloading = Reloading {
        layers,
        running: config.clone(),
        control,
    };
    let _reloading = AbortOnDropHandle::new(tokio::spawn(reloading.on(hangups)));
    let running = tokio::select! {
        started = app::start_with(config, seams) => started?,
        Some(signal) = signals.next() => ended_before_serving(signal, log),
    };
    let tasks = running.tasks().clone();
    warn_of_reach(&running);
    announce(&running);
    ended(running.finished(), drain_on(signals, &tasks), log).await
}

/// Says on standard output where the server listens: scripts wait for that. It happens on a thread of its own, because
/// nobody may read it, and it is no reason not to serve that nobody can.
fn announce(running: &Running) {
    let mut text = format!("listening on http://{}\n", running.addr());
    if let Some(addr) = running.metrics_addr() {
        text = text + "metrics on http://" + &addr.to_string() + "/metrics\n";
    }
    let announcing = thread::Builder::new()
        .name("announcement".to_owned())
        .spawn(move || {
            let written = write_to_standard_output(&text);
            written.unwrap_or_else(|error| not_announced(&error));
        });
    if let Err(error) = announcing {
        not_announced(&error);
    }
}

/// Writes without the lock of standard output, which a process that ends would wait for.
fn write_to_standard_output(text: &str) -> io::Result<()> {
    let copy = io::stdout().as_fd().try_clone_to_owned()?;
    File::from(copy).write_all(text.as_bytes())
}

fn not_announced(error: &io::Error) {
    tracing::warn!(%error, "standard output cannot be written, serving all the same");
}

/// Ends the process during its start. Nothing was acknowledged yet, and an index that is being rebuilt goes on from its
/// checkpoint at the next start, as after a kill.
fn ended_before_serving(signal: Signal, log: &Log) -> ! {
    tracing::info!(signal = signal.name(), "stopped before it served");
    log.flush();
    std::process::exit(i32::from(SUCCESS))
}

/// Waits for the end of the server or a second signal, whichever comes first.
async fn ended(
    finished: impl Future<Output = Result<(), app::StopError>>,
    second_signal: impl Future<Output = Signal>,
    log: &Log,
) -> Result<u8, CliError> {
    tokio::select! {
        ended = finished => {
            ended?;
            Ok(SUCCESS)
        }
        // Nothing acknowledged is lost by ending here: it is on stable storage.
        signal = second_signal => {
            log.flush();
            std::process::exit(i32::from(signal.exit_code()))
        }
    }
}

/// Warns of a data directory that others can enter.
fn warn_of_openness(config: &Config) {
    let data = &config.store.data;
    if let Some(mode) = private::open_to_others(data) {
        let (path, mode) = (data.display(), format!("{mode:04o}"));
        tracing::warn!(%path, mode, "other users of this machine can enter the data directory: chmod -R go= closes it");
    }
}

/// Warns of bound addresses that other machines can reach: a configured name says little about them.
fn warn_of_reach(running: &Running) {
    let beyond = |address: &SocketAddr| !address.ip().to_canonical().is_loopback();
    if let Some(listen) = Some(running.addr()).filter(beyond) {
        tracing::warn!(%listen, "other machines can reach the server, which has neither authentication nor encryption");
    }
    if let Some(listen) = running.metrics_addr().filter(beyond) {
        tracing::warn!(%listen, "other machines can read the metrics, which have no authentication");
    }
}

/// The file and the flags of the configuration, so that it can be loaded again.
struct Layers {
    file: Option<PathBuf>,
    flags: Vec<(&'static str, OsString)>,
}

impl Layers {
    fn of(args: &ServeArgs) -> Self {
        let mut flags = Vec::new();
        if let Some(data) = &args.data {
            flags.push(("store.data", data.into()));
        }
        if let Some(listen) = &args.listen {
            flags.push(("server.listen", listen.clone()));
        }
        if let Some(listen) = &args.metrics_listen {
            flags.push(("metrics.listen", listen.clone()));
        }
        Self {
            file: args.config.clone(),
            flags,
        }
    }

    fn load(&self) -> Result<Config, ConfigErrors> {
        let file = self.file.as_deref().map(Path::new);
        Config::load(file, Config::environment(), &self.flags)
    }
}

/// The reload on a hang-up: the configuration is loaded again, and settings that can change while the server runs take
/// effect.
struct Reloading {
    layers: Layers,
    running: Config,
    control: LogControl,
}

impl Reloading {
    async fn on(self, mut hangups: impl Stream<Item = ()> + Unpin) {
        while hangups.next().await.is_some() {
            self.reload();
        }
    }

    fn reload(&self) {
        let config = match self.layers.load() {
            Ok(config) => config,
            Err(errors) => {
                let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
                let errors = errors.join("; ");
                tracing::warn!(errors, "configuration cannot be used, nothing was changed");
                return;
            }
        };
        let filter = &config.telemetry.filter;
        // The filter of a configuration that was loaded is valid.
        if let Err(error) = self.control.set_filter(filter) {
            tracing::warn!(%error, "log filter was not changed");
            return;
        }
        let mut at_restart = self.running.differences(&config);
        at_restart.retain(|key| key != "telemetry.filter");
        tracing::info!(
            filter,
            ?at_restart,
            "configuration read again, the log filter is in force"
        );
    }
}
