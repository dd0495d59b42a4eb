//! Runs round after round, until the shutdown or a permanent failure.

use tokio_util::sync::CancellationToken;

use super::clock_keeper::Keeper;
use super::failure::Failure;
use super::pace::Trouble;
use super::round::Rounds;
use super::start::started;

impl Keeper {
    /// Keeps obligations until the token is cancelled or the log accepts nothing more.
    pub async fn run(self, shutdown: CancellationToken) {
        tokio::select! {
            () = keep(self) => {}
            () = shutdown.cancelled() => {}
        }
    }
}

/// Runs rounds until a permanent failure.
async fn keep(keeper: Keeper) {
    let mut trouble = Trouble::new(&keeper.options);
    let starts = loop {
        match started(&keeper).await {
            Ok(starts) => break starts,
            Err(failure) if failure.is_final() => return give_up(&failure),
            Err(failure) => trouble.rest(&failure).await,
        }
    };
    let mut rounds = Rounds::new(keeper, starts);
    loop {
        match rounds.run_one().await {
            Ok(()) => {
                trouble.is_over();
                rounds.rest().await;
            }
            Err(failure) if failure.is_final() => return give_up(&failure),
            Err(failure) => trouble.rest(&failure).await,
        }
    }
}

fn give_up(failure: &Failure) {
    tracing::error!(%failure, "obligations are not kept until the server is restarted");
}
