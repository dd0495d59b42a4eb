//! The instant at which obligations of a log were first kept. It is a touchpoint of the log, so that it never
//! changes and is the same for every replica.

use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Channel, ObligationKeepingStarted, Origin, Touchpoint, Visibility};
use prost::Message as _;

use super::clock_keeper::{Keeper, NAME, SOURCE, keeper_actor};
use super::failure::Failure;
use crate::command::{CommandError, Door};
use crate::store::{EventKey, Expected};

/// The instant at which obligations of this log were first kept (nanoseconds since the Unix epoch). Records it if
/// that is now. The id contains that of the log, so that an import from another log does not count.
pub(super) async fn started(keeper: &Keeper) -> Result<i64, Failure> {
    let key = EventKey {
        source: SOURCE.into(),
        id: format!("started:{}", keeper.store.log_id()).into(),
    };
    if let Some(since) = recorded(keeper, key.clone()).await? {
        return Ok(since);
    }
    let prepared = keeper
        .recorder
        .prepare(touchpoint(keeper, &key), Door::Live)?;
    match keeper.recorder.append(prepared, Expected::Any).await {
        Ok(_) => {}
        // Another process recorded it first, at another instant.
        Err(CommandError::IdReused { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let since = recorded(keeper, key).await?;
    tracing::info!("obligations are kept from now on");
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

fn touchpoint(keeper: &Keeper, key: &EventKey) -> Touchpoint {
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
                ..ObligationKeepingStarted::default()
            },
        )),
        ..Touchpoint::default()
    }
}
