//! The closed vocabularies of the answer in words.

use ownerline_proto::v1::get_repeat_repair_status_response::{DeliveryBasis, Flag};
use ownerline_proto::v1::repair_count::{Doubt, Lack};
use ownerline_proto::v1::repair_rule::Exclusion;
use ownerline_proto::v1::repeat_repair_policy::Condition;
use ownerline_proto::v1::repeat_repair_policy::rule::test::Kind;
use ownerline_proto::v1::{Knowledge, RepairOutcome};

pub(super) fn outcome(outcome: RepairOutcome) -> &'static str {
    match outcome {
        RepairOutcome::Met => "presumption conditions met",
        RepairOutcome::NotMet => "presumption conditions not met",
        RepairOutcome::NotDecided => "not decided by numbers",
        RepairOutcome::DoesNotApply => "is not for this car",
        RepairOutcome::Unspecified => "not known",
    }
}

pub(super) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::SameDefect => "Same defect",
        Kind::Safety => "Safety",
        Kind::DaysOut => "Days out",
        Kind::AnyDefect => "Any defect",
        Kind::Unspecified => "Other",
    }
}

pub(super) fn lack(lack: Lack) -> &'static str {
    match lack {
        Lack::Notice => "a notice to the manufacturer that counts",
        Lack::FinalOpportunity => "the end of the final opportunity",
        Lack::FaultPersists => "a fault that persists",
        Lack::Unspecified => "not known",
    }
}

pub(super) fn doubt(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::OnlyReported => "only with visits in which nobody tried a repair",
        Doubt::Goodwill => "only with visits of goodwill",
        Doubt::Notice => "whether a notice is needed is not known",
        Doubt::Extension => "only if something extended the window",
        Doubt::Window => "what is in the window is not known",
        Doubt::Unspecified => "not known",
    }
}

pub(super) fn exclusion(exclusion: Exclusion) -> &'static str {
    match exclusion {
        Exclusion::NotInForce => "it was not in force when the car was delivered first",
        Exclusion::Used => "it is for new cars only",
        Exclusion::Unspecified => "",
    }
}

pub(super) fn condition(condition: Condition) -> &'static str {
    match condition {
        Condition::Buyer => "whether the buyer is of the kind it protects",
        Condition::NotLeased => "whether the car was leased",
        Condition::NotUsed => "whether the car was used",
        Condition::Disclosed => "whether the manufacturer disclosed that it must be notified",
        Condition::NotPaused => "whether something stopped the count of days",
        Condition::NotExtended => "whether something extended the window",
        Condition::FirstDelivery => "the day of the first delivery",
        Condition::Unspecified => "something else",
    }
}

pub(super) fn basis(basis: DeliveryBasis) -> &'static str {
    match basis {
        DeliveryBasis::Stated => "as registered",
        DeliveryBasis::Handover => "by the first handover",
        DeliveryBasis::Acquisition => "by the first acquisition",
        DeliveryBasis::Unspecified => "",
    }
}

pub(super) fn used(used: Knowledge) -> &'static str {
    match used {
        Knowledge::Yes => "sold used, or owned by somebody else before",
        Knowledge::No => "new",
        Knowledge::Unspecified => "whether it was used is not known",
    }
}

pub(super) fn flag(flag: Flag) -> &'static str {
    match flag {
        Flag::FirstDeliveryUnknown => "The day of the first delivery is not known.",
        Flag::OdometerUnknown => {
            "The odometer at a visit is not known: the months of a window alone decide."
        }
        Flag::ZoneUnknown => "The time zone of a dealer is not known: its days are those of UTC.",
        Flag::NoDropOff => {
            "A visit with a repair has no drop-off: it begins with the first report or repair."
        }
        Flag::UnmatchedStay => "A drop-off or a pick-up has no counterpart.",
        Flag::UnnamedDefect => "A defect without an id is one of its visit alone.",
        Flag::AutomaticLinkIgnored => "Links between defects that no human made do not count.",
        Flag::NoJurisdiction => "The car was never registered in a jurisdiction.",
        Flag::SomeDealersOnly => "Visits of other dealers are missing in every count.",
        Flag::Unspecified => "Something else is odd.",
    }
}
