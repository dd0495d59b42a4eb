//! The rows of evidence and the tables they are in. Default values cost nothing.
//!
//! | table | key | value |
//! |---|---|---|
//! | `s` | stream, history key | [`Row`]: a touchpoint of an owner's, feedback's, case's or visit's stream that the score looks at |
//! | `w` | stream, history key | the owner's words (UTF-8), apart from all else, so that an erasure takes out a range of keys |
//! | `i` | evidence's source, evidence's id, history key of the signal | the signal's stream |
//! | `k` | source, id | empty: some signal names it; a point look-up is cheaper than an empty scan |
//! | `j` | stream of integrity, id of a signal, history key of the decision | empty |
//! | `l` | one defect, the other, history key of the link; both ways | empty |

use prost::Message;

use crate::corrections::{Inherited, Inherits, fill};
use crate::state::StateError;

pub(super) const ROWS: u8 = b's';
pub(super) const WORDS: u8 = b'w';
pub(super) const SIGNALS: u8 = b'i';
pub(super) const SUSPECTS: u8 = b'k';
pub(super) const DECISIONS: u8 = b'j';
pub(super) const SAME: u8 = b'l';

/// What a row says. The numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub(super) enum Says {
    Unknown = 0,
    ReferralMade = 1,
    ConsiderationListed = 2,
    RefereeTestDrove = 3,
    RefereePurchased = 4,
    AdvocacyObserved = 5,
    Repurchased = 6,
    Defected = 7,
    FeedbackReceived = 8,
    FeedbackEdited = 9,
    FeedbackExcluded = 10,
    CommitmentKept = 11,
    CommitmentBroken = 12,
    ResolutionConfirmed = 13,
    ResolutionRejected = 14,
    DefectReported = 15,
    ObligationBreached = 16,
    OwnerRegistered = 17,
    PriorBrandRecorded = 18,
}

/// What the view keeps of a touchpoint.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Row {
    #[prost(enumeration = "Says", tag = "1")]
    pub says: i32,
    /// As named by the touchpoint; left out where the stream says it.
    #[prost(string, tag = "2")]
    pub owner_id: String,
    #[prost(string, tag = "3")]
    pub vin: String,
    #[prost(string, tag = "4")]
    pub dealer_id: String,
    /// 0-10; absent: none was told.
    #[prost(int32, optional, tag = "5")]
    pub score: Option<i32>,
    /// Told in public against the brand.
    #[prost(bool, tag = "6")]
    pub against: bool,
    /// There are words, in their own table.
    #[prost(bool, tag = "7")]
    pub words: bool,
    #[prost(string, tag = "8")]
    pub defect_id: String,
    #[prost(string, tag = "9")]
    pub market: String,
    #[prost(string, tag = "10")]
    pub tier: String,
    #[prost(string, tag = "11")]
    pub brand: String,
    /// An ISO date.
    #[prost(string, tag = "12")]
    pub until: String,
}

impl Inherits for Row {
    fn inherit(&mut self, inherited: &Inherited) {
        fill(&mut self.owner_id, &inherited.subjects.owner_id);
        fill(&mut self.vin, &inherited.subjects.vin);
        fill(&mut self.dealer_id, &inherited.subjects.dealer_id);
        fill(&mut self.defect_id, &inherited.subjects.defect_id);
    }
}

/// Decodes a row.
pub(super) fn decode(bytes: &[u8]) -> Result<Row, StateError> {
    Row::decode(bytes).map_err(|error| StateError::Damaged {
        reason: format!("row of advocacy: {error}"),
    })
}
