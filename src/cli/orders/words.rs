//! The words for what the contract says about orders.

use ownerline_proto::v1::order::{Flag, List, promise, step};
use ownerline_proto::v1::{OrderState, ProductionStage};

pub(super) fn state(state: OrderState) -> &'static str {
    match state {
        OrderState::Unspecified => "–",
        OrderState::NotPlaced => "not placed",
        OrderState::Open => "open",
        OrderState::Cancelled => "cancelled",
        OrderState::HandedOver => "handed over",
    }
}

/// A stage in lower case, as in `at sea`; a dash if it is not known.
pub(super) fn stage(stage: ProductionStage) -> String {
    match stage {
        ProductionStage::Unspecified => "–".to_owned(),
        known => {
            let name = known.as_str_name();
            let name = name.strip_prefix("PRODUCTION_STAGE_").unwrap_or(name);
            name.to_lowercase().replace('_', " ")
        }
    }
}

/// What a stage is to those before it; empty for the usual.
pub(super) fn step(kind: step::Kind) -> &'static str {
    match kind {
        step::Kind::Unspecified | step::Kind::On | step::Kind::Rework => "",
        step::Kind::Returned | step::Kind::Lost | step::Kind::Cancelled => "",
        step::Kind::Back => "back",
        step::Kind::Again => "again",
        step::Kind::ToldAgain => "told again",
        step::Kind::UnknownCode => "unknown code",
    }
}

pub(super) fn statement(kind: promise::Kind) -> &'static str {
    match kind {
        promise::Kind::Unspecified => "–",
        promise::Kind::Promised => "promised",
        promise::Kind::Restated => "said again",
        promise::Kind::Shrunk => "narrowed",
        promise::Kind::Widened => "widened",
        promise::Kind::MovedLater => "moved later",
        promise::Kind::MovedEarlier => "moved earlier",
    }
}

pub(super) fn told_by(by: promise::ToldBy) -> &'static str {
    match by {
        promise::ToldBy::Unspecified => "",
        promise::ToldBy::Revision => "with the revision",
        promise::ToldBy::Notice => "by a notice",
        promise::ToldBy::View => "the owner looked",
    }
}

pub(super) fn flag(flag: Flag) -> &'static str {
    match flag {
        Flag::Unspecified => "–",
        Flag::StageAfterCancellation => "the plant told stages after the cancellation",
        Flag::ContinuedAfterCancellation => "went on after it was cancelled",
        Flag::CancelledAfterHandover => "cancelled after the handover",
        Flag::VinReplaced => "a VIN was replaced that nobody withdrew",
        Flag::VinWithdrawnUnmatched => "a VIN was withdrawn that the order did not have",
        Flag::FirstWindowFromRevision => {
            "the first promise is only known from the revision that moved it"
        }
        Flag::HoldLiftedFirst => "a hold was lifted before it was set",
        Flag::HoldNeverLifted => "a hold was still open at the end",
    }
}

pub(super) fn list(list: List) -> &'static str {
    match list {
        List::Unspecified => "items",
        List::Also => "other orders",
        List::Dealers => "dealers",
        List::Vins => "VINs",
        List::CommissionNumbers => "commission numbers",
        List::Steps => "stages",
        List::Promises => "promises of a window",
        List::Planned => "planned windows",
        List::Holds => "holds",
        List::Photographs => "photographs",
        List::Viewed => "looks of the owner",
        List::Changes => "changes",
        List::Texts => "texts",
    }
}
