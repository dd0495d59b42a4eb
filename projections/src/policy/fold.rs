//! View `policies`: every published version of a policy, as reported. [`crate::policy`] decides at query time which is in
//! force.
//!
//! | table | key | value |
//! |---|---|---|
//! | `p` | name, history key | `Row` |

use ownerline_proto::time;
use ownerline_proto::v1::PolicyPublished;
use ownerline_proto::v1::touchpoint::Payload;
use prost::Message;

use crate::fold::state::{StateError, StateMap, StateRead};
use crate::fold::table::HistoryTable;
use crate::fold::{FoldError, Kinds, ViewDef, history_tail};
use crate::{HistoryKey, Recorded};

static PUBLISHED: HistoryTable<Row> = HistoryTable::new(VIEW.name, b'p');

/// The view. See the [module documentation](self).
pub const VIEW: ViewDef = ViewDef {
    name: "policies",
    version: 2,
    kinds: Kinds::Named(&["policy_published"]),
    apply: &apply,
};

/// A publication.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Row {
    #[prost(uint64, tag = "1")]
    pub revision: u64,
    #[prost(sint64, tag = "2")]
    pub recorded_at: i64,
    #[prost(sint64, tag = "3")]
    pub received_at: i64,
    #[prost(message, optional, tag = "4")]
    pub published: Option<PolicyPublished>,
}

fn apply(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    let touchpoint = &recorded.touchpoint;
    let Some(Payload::PolicyPublished(published)) = &touchpoint.payload else {
        return Ok(());
    };
    let tail = history_tail(recorded, &[&published.name])?;
    let received_at = touchpoint.received_at.as_ref();
    let row = Row {
        revision: recorded.revision,
        recorded_at: recorded.recorded_at,
        received_at: received_at.map_or(recorded.occurred_at, time::nanos_clamped),
        published: Some(published.clone()),
    };
    PUBLISHED.put(state, [&published.name], &tail, &row);
    Ok(())
}

/// Visits every publication, in force or not, by name, then in history order.
pub(crate) fn rows(
    state: &dyn StateRead,
    mut visit: impl FnMut(HistoryKey, Row) -> Result<(), StateError>,
) -> Result<(), StateError> {
    PUBLISHED
        .all()
        .each(state, |entry| visit(entry.key()?, entry.row()?))
}
