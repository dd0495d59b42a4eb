//! Decodes stored events into log entries for the folds.

use std::collections::BTreeMap;

use ownerline_projections::Recorded;
use ownerline_projections::fold::driver::LogEntry;
use ownerline_proto::kind::Kind;
use ownerline_proto::schema::Schema;
use ownerline_proto::time;
use ownerline_proto::v1::Touchpoint;
use prost::Message;

use crate::store::StoredEvent;

/// Decodes stored events once for all views.
pub struct Decoder {
    kinds: BTreeMap<&'static str, &'static Kind>,
}

impl Decoder {
    /// A decoder for the kinds of this build.
    #[must_use]
    pub fn new() -> Self {
        let kinds = Schema::get().kinds().iter();
        Self {
            kinds: kinds.map(|kind| (&*kind.name, kind)).collect(),
        }
    }

    /// Decodes an event.
    ///
    /// # Errors
    /// A message, if its kind is unknown, its bytes are no touchpoint, or `occurred_at` is missing.
    pub fn decode(&self, event: &StoredEvent) -> Result<LogEntry, String> {
        let kind = self
            .kinds
            .get(&*event.kind)
            .ok_or_else(|| format!("its kind {:?} is unknown", event.kind))?;
        let touchpoint = Touchpoint::decode(&*event.whole)
            .map_err(|error| format!("it cannot be decoded: {error}"))?;
        let occurred_at = touchpoint
            .occurred_at
            .as_ref()
            .and_then(time::nanos)
            .ok_or("it does not say when it occurred")?;
        let recorded = Recorded {
            position: event.position,
            stream: event.stream.as_str().into(),
            revision: event.revision.0,
            recorded_at: event.recorded_at,
            occurred_at,
            kind,
            touchpoint,
        };
        Ok(LogEntry::new(recorded, &event.clear))
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}
