//! Changes of the store's state: writable, full, or poisoned.

use tokio::sync::watch;

use crate::store::StoreState;

/// Poisons the store: from now on every append is refused. The first reason is kept.
pub(super) fn poison(state: &watch::Sender<StoreState>, reason: &str) {
    state.send_if_modified(|state| {
        if matches!(state, StoreState::Poisoned { .. }) {
            return false;
        }
        tracing::error!(reason, "store is poisoned");
        *state = StoreState::Poisoned {
            reason: reason.to_owned(),
        };
        true
    });
}

/// Marks the store as full, unless it is poisoned.
pub(super) fn mark_full(state: &watch::Sender<StoreState>, reason: &str) {
    state.send_if_modified(|state| {
        let begins = *state == StoreState::Writable;
        if begins {
            tracing::warn!(reason, "no space left for the log");
            *state = StoreState::Full {
                reason: reason.to_owned(),
            };
        }
        begins
    });
}

/// Marks a full store as writable again.
pub(super) fn mark_writable(state: &watch::Sender<StoreState>) {
    state.send_if_modified(|state| {
        let ends = matches!(state, StoreState::Full { .. });
        if ends {
            tracing::info!("the log has room again");
            *state = StoreState::Writable;
        }
        ends
    });
}
