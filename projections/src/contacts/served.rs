//! The packs that were served for a person, and which of them somebody had when they acted.

use std::collections::BTreeSet;

use ownerline_proto::time::Instant;

use super::fold::{SERVINGS, VIEW};
use super::pack::{Party, Serving, pack_before};
use super::page::PackOfContact;
use crate::fold::state::StateError;
use crate::person::identity::{self, everyone_linked};
use crate::{HistoryKey, Snapshots, Validity};

/// A person, and the packs that were served for them.
pub(crate) struct Served {
    /// Every id of the person.
    pub ids: BTreeSet<String>,
    /// In history order.
    servings: Vec<Serving<HistoryKey>>,
}

impl Served {
    /// Reads the servings in force for the person with this id.
    pub(crate) fn read(
        snapshots: &Snapshots<'_>,
        validity: &Validity<'_>,
        as_of: Instant,
        owner_id: &str,
    ) -> Result<Self, StateError> {
        let identity = snapshots.state(identity::VIEW.name);
        let ids = everyone_linked(identity, validity, owner_id)?;
        let state = snapshots.state(VIEW.name);
        let mut servings = Vec::new();
        for id in &ids {
            let rows = SERVINGS.up_to([id], as_of);
            rows.counted(state, validity, |key, entry| {
                servings.push(Serving {
                    at: key.occurred_at,
                    to: entry.inherited(validity, &key)?.party(),
                    key,
                });
                Ok(())
            })?;
        }
        servings.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(Self {
            ids: ids.into_iter().collect(),
            servings,
        })
    }

    /// The pack that a party had when it acted at an instant (nanoseconds since the Unix epoch).
    pub(crate) fn before(&self, party: &Party, at: i64) -> Option<PackOfContact> {
        let serving = pack_before(&self.servings, party, at)?;
        Some(PackOfContact {
            age: at.saturating_sub(serving.at),
            same_actor: !serving.to.actors.is_disjoint(&party.actors),
            key: serving.key.clone(),
        })
    }
}
