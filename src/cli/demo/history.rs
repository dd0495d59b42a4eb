//! The history that the demo records: a generated network and the four situations.

use indicatif::ProgressBar;
use ownerline_generate::{Network, Settings};
use ownerline_proto::v1::Touchpoint;
use pbjson_types::Timestamp;

use super::situation::{Situation, situations};
use crate::cli::progress::bar;

const MONTHS: u32 = 18;
/// At least ten, so that there is a dealer in every time zone that [`situations`] needs.
pub(super) const DEALERS: u32 = 12;
const SECONDS_PER_DAY: i64 = 86_400;

/// The network and the situations in it.
pub(super) struct History {
    settings: Settings,
    pub(super) situations: Vec<Situation>,
    /// The ids of the dealers of the network.
    pub(super) dealers: Vec<String>,
}

impl History {
    /// Creates a history. Everything happens before midnight (UTC) of the day of `now`: one day and seed, one history.
    pub(super) fn new(owners: u64, seed: u64, now: Timestamp) -> Self {
        let settings = Settings {
            owners,
            seed,
            months: MONTHS,
            dealers: DEALERS,
            until: now.seconds.div_euclid(SECONDS_PER_DAY) * SECONDS_PER_DAY,
        };
        let dealers = Network::new(settings).dealers();
        let named = dealers.iter().filter_map(|it| it.subjects.as_ref());
        let mut ids: Vec<String> = named.map(|it| it.dealer_id.clone()).collect();
        ids.retain(|id| !id.is_empty());
        ids.sort();
        ids.dedup();
        Self {
            settings,
            situations: situations(&dealers, now),
            dealers: ids,
        }
    }

    /// Returns the touchpoints of the dealers, of the situations, and of every owner, generated lazily; `progress`
    /// counts the owners.
    pub(super) fn touchpoints(
        &self,
        progress: ProgressBar,
    ) -> impl Iterator<Item = Touchpoint> + Send + use<> {
        let network = Network::new(self.settings);
        let dealers = network.dealers();
        let situations: Vec<Touchpoint> = self
            .situations
            .iter()
            .flat_map(|it| it.journey.iter().cloned())
            .collect();
        let owners = (0..self.settings.owners).flat_map(move |number| {
            progress.inc(1);
            network.owner(number)
        });
        dealers.into_iter().chain(situations).chain(owners)
    }
}

/// The progress bar of the recording.
pub(super) fn progress(owners: u64) -> ProgressBar {
    bar(
        Some(owners),
        "{bar:30} {pos} of {len} owners  {msg}  {elapsed}",
    )
}
