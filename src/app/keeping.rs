//! The clock-keeper, as the configuration wants it.

use crate::command::Recorder;
use crate::config::KeeperConfig;
use crate::keeper::{Keeper, KeeperOptions};
use crate::projector::ProjectorHandle;
use crate::store::SharedStore;

/// Not yet at work.
pub(super) fn keeper(
    config: &KeeperConfig,
    store: &SharedStore,
    projector: ProjectorHandle,
    recorder: Recorder,
) -> Keeper {
    Keeper {
        store: store.clone(),
        projector,
        recorder,
        options: KeeperOptions {
            events_per_second: config.events_per_second,
            ..KeeperOptions::default()
        },
    }
}
