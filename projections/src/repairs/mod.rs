//! Repeated repairs: where one car stands by the published rules, folded when it is asked from the visits of the car. It
//! is no view and keeps no state. Nothing here is legal advice: the rules are data ([`RepeatRepairPolicy`]), and an answer
//! says which conditions the numbers meet, never what a car is.
//!
//! - [`gather`] finds what to read: the touchpoints of the visits of the car, notices to the manufacturer and
//!   registrations. Give each to [`RepairFold::apply`], then ask [`answer`].
//! - An **attempt** is a visit with at least one repair tried at a defect, whatever its outcome: one for each visit and
//!   defect, dated and measured at the drop-off. [Which defects are the same](crate::vehicles::same_defect) only a human
//!   says; one without an id is of its visit alone.
//! - **Days out of service** are local dates of the dealer of the visit, from drop-off to pick-up, both included, united
//!   over the visits with a report or a repair.
//! - What no touchpoint tells is not known, and an outcome that depends on it is at most [`Outcome::NotDecided`].
//!
//! [`RepeatRepairPolicy`]: ownerline_proto::v1::RepeatRepairPolicy

mod answer;
mod attempts;
mod car;
mod dates;
mod defects;
mod facts;
mod gather;
mod judge;
mod lacks;
mod near;
mod rules;
mod status;
mod visits;
mod window;

pub use answer::{VIEWS, answer};
pub(crate) use attempts::RepairAttempts;
pub use facts::RepairFold;
pub use gather::gather;
pub use near::Near;
pub use status::{
    Count, CountDoubt, Defect, DeliveryBasis, Exclusion, FirstDelivery, Flag, Lack,
    LimitationStatus, Notice, Outcome, RepairStatus, RuleStatus, TestStatus, Visit, WindowStatus,
};
