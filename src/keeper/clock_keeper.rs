//! The clock-keeper: its parts, and the identity under which it records.

use ownerline_proto::v1::{Actor, actor};

use super::options::KeeperOptions;
use crate::command::Recorder;
use crate::projector::ProjectorHandle;
use crate::store::SharedStore;

/// The parts of a clock-keeper.
#[derive(Clone)]
pub struct Keeper {
    /// The log to follow.
    pub store: SharedStore,
    /// The views to read.
    pub projector: ProjectorHandle,
    /// Records what is owed, and tells the time.
    pub recorder: Recorder,
    /// Limits.
    pub options: KeeperOptions,
}

/// The source of every touchpoint that the keeper records.
pub const SOURCE: &str = "//ownerline/clock-keeper";

/// The id of the keeper as an actor, and the name in the touchpoint of its first start.
pub(super) const NAME: &str = "clock-keeper";

/// The keeper as an actor.
pub(super) fn keeper_actor() -> Actor {
    Actor {
        id: NAME.to_owned(),
        kind: actor::Kind::System.into(),
        ..Actor::default()
    }
}
