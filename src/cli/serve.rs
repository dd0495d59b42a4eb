//! `serve` and `check-config`: the configuration a server would run with, and the server itself.

use std::future::Future;
use std::path::Path;

use super::args::{CheckConfigArgs, ServeArgs};
use super::{CliError, Output, SUCCESS};
use crate::app;
use crate::config::Config;
use crate::runtime::Signals;
use crate::runtime::signals::drain_on;
use crate::telemetry;

/// Prints the effective configuration, or everything that is wrong with it.
pub(super) fn check_config(
    args: &CheckConfigArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let config = load(args.config.as_deref(), &[])?;
    write!(output.out, "{config}").map_err(CliError::Output)?;
    Ok(SUCCESS)
}

/// Serves until a signal has drained it; a second signal ends it at once.
pub(super) async fn serve(args: &ServeArgs, output: &mut Output<'_>) -> Result<u8, CliError> {
    let mut flags = Vec::new();
    if let Some(data) = &args.data {
        flags.push(("store.data", data.display().to_string()));
    }
    if let Some(listen) = &args.listen {
        flags.push(("server.listen", listen.clone()));
    }
    if let Some(listen) = &args.metrics_listen {
        flags.push(("metrics.listen", listen.clone()));
    }
    let config = load(args.config.as_deref(), &flags)?;
    telemetry::init(&config.telemetry)?;
    let signals = Signals::install().map_err(|source| CliError::Runtime { source })?;
    let running = app::start(config).await?;
    let tasks = running.tasks().clone();
    // Scripts wait for this line; with port 0 it is the only way to learn the address.
    writeln!(output.out, "listening on http://{}", running.addr()).map_err(CliError::Output)?;
    if let Some(addr) = running.metrics_addr() {
        writeln!(output.out, "metrics on http://{addr}/metrics").map_err(CliError::Output)?;
    }
    output.out.flush().map_err(CliError::Output)?;
    ended(running.finished(), drain_on(signals, &tasks)).await
}

/// Whichever comes first: the end of the server, or a second signal.
async fn ended(
    finished: impl Future<Output = Result<(), app::StopError>>,
    second_signal: impl Future<Output = crate::runtime::Signal>,
) -> Result<u8, CliError> {
    tokio::select! {
        ended = finished => {
            ended?;
            Ok(SUCCESS)
        }
        // Nothing acknowledged is lost by ending here: it is on stable storage.
        signal = second_signal => std::process::exit(i32::from(signal.exit_code())),
    }
}

fn load(file: Option<&Path>, flags: &[(&str, String)]) -> Result<Config, CliError> {
    Ok(Config::load(file, Config::environment(), flags)?)
}
