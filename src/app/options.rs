//! The options of log and projector, from the configuration and the limits of the process.

use bytes::Bytes;
use ownerline_proto::DESCRIPTOR_SET;

use crate::config::{Config, StoreConfig};
use crate::projector::ProjectorOptions;
use crate::runtime::descriptors::{DescriptorBudget, TooFewDescriptors, raise_limit};
use crate::store::embedded::EmbeddedOptions;

/// The options of the log.
pub(super) fn store_options(store: &StoreConfig) -> EmbeddedOptions {
    EmbeddedOptions {
        queue_events: store.queue_events,
        group_events: store.group_events,
        tail_events: store.tail_events,
        readers: store.readers,
        wal_limit_bytes: store.wal_bytes,
        index_cache_bytes: store.index_cache_bytes,
        index_journal_bytes: store.index_journal_bytes,
        ..EmbeddedOptions::new(&store.data, Bytes::from_static(DESCRIPTOR_SET))
    }
}

/// The options of the projector.
pub(super) fn projector_options(config: &Config) -> ProjectorOptions {
    ProjectorOptions {
        batch_events: config.projector.batch_events,
        cache_bytes: config.projector.cache_bytes,
        journal_bytes: config.projector.journal_bytes,
        ..ProjectorOptions::new(&config.store.data)
    }
}

/// Raises the limit of open files as far as allowed and shares it out. Logs a warning if fewer connections are
/// possible than configured.
pub(super) fn descriptors(config: &Config) -> Result<DescriptorBudget, TooFewDescriptors> {
    let configured = config.server.connections;
    let files = DescriptorBudget::share_out(raise_limit(), configured, config.store.readers)?;
    let DescriptorBudget {
        limit, connections, ..
    } = files;
    if connections < configured {
        tracing::warn!(
            connections,
            configured,
            open_files = limit,
            "fewer connections are accepted than server.connections allows, because of the limit of open files"
        );
    } else {
        tracing::info!(connections, open_files = limit, "connection limit set");
    }
    Ok(files)
}
