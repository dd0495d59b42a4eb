//! The instants at which obligations of a log were first kept. They are touchpoints of the log, so that they never
//! change and are the same for every replica.

use std::collections::BTreeMap;

use ownerline_projections::obligation::terms::CASE_KINDS;
use ownerline_proto::time;
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Channel, ObligationKeepingStarted, Origin, Touchpoint, Visibility};
use prost::Message as _;

use super::clock_keeper::{Keeper, NAME, SOURCE, keeper_actor};
use super::failure::Failure;
use crate::command::{CommandError, Door};
use crate::store::{EventKey, Expected};

/// The instants from which obligations are kept, in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, Default)]
pub(super) struct Starts {
    /// Of feedback.
    pub(super) feedback: i64,
    /// Of cases, by kind.
    pub(super) cases: BTreeMap<Kind, i64>,
}

/// The instants at which obligations of this log were first kept: of feedback, and of each kind that cases owe. Records
/// what is first kept now. A log that is older than a kind has no start of it yet: it begins now, so that nothing is
/// recorded about the past.
pub(super) async fn started(keeper: &Keeper) -> Result<Starts, Failure> {
    let mut starts = Starts {
        feedback: start_of(keeper, None).await?,
        cases: BTreeMap::new(),
    };
    for kind in CASE_KINDS {
        let since = start_of(keeper, Some(kind)).await?;
        starts.cases.insert(kind, since);
    }
    Ok(starts)
}

/// The start of what is owed for feedback, or of one kind that cases owe; records it if that is now. The id contains that
/// of the log, so that an import from another log does not count.
async fn start_of(keeper: &Keeper, case_kind: Option<Kind>) -> Result<i64, Failure> {
    let log_id = keeper.store.log_id();
    let id = match case_kind {
        None => format!("started:{log_id}"),
        Some(kind) => format!("started:{log_id}:{}", kind.as_str_name()),
    };
    let key = EventKey {
        source: SOURCE.into(),
        id: id.into(),
    };
    if let Some(since) = recorded(keeper, key.clone()).await? {
        return Ok(since);
    }
    let touchpoint = touchpoint(keeper, &key, case_kind);
    let prepared = keeper.recorder.prepare(touchpoint, Door::Live)?;
    match keeper.recorder.append(prepared, Expected::Any).await {
        Ok(_) => {}
        // Another process recorded it first, at another instant.
        Err(CommandError::IdReused { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let since = recorded(keeper, key).await?;
    match case_kind {
        None => tracing::info!("obligations are kept from now on"),
        Some(kind) => {
            let kind = kind.as_str_name();
            tracing::info!(kind, "obligations of cases are kept from now on");
        }
    }
    since.ok_or(Failure::StartIsMissing)
}

/// The recorded instant, if any.
async fn recorded(keeper: &Keeper, key: EventKey) -> Result<Option<i64>, Failure> {
    let Some(found) = keeper.store.find(key).await? else {
        return Ok(None);
    };
    let touchpoint = Touchpoint::decode(found.clear).map_err(|_| Failure::StartIsImported)?;
    if touchpoint.origin() == Origin::Imported {
        return Err(Failure::StartIsImported);
    }
    Ok(Some(found.recorded_at))
}

fn touchpoint(keeper: &Keeper, key: &EventKey, case_kind: Option<Kind>) -> Touchpoint {
    Touchpoint {
        id: key.id.to_string(),
        source: key.source.to_string(),
        occurred_at: Some(time::timestamp(keeper.recorder.now())),
        actor: Some(keeper_actor()),
        channel: Channel::Other.into(),
        visibility: Visibility::Internal.into(),
        payload: Some(Payload::ObligationKeepingStarted(
            ObligationKeepingStarted {
                name: NAME.to_owned(),
                case_kind: case_kind.unwrap_or(Kind::Unspecified).into(),
            },
        )),
        ..Touchpoint::default()
    }
}
