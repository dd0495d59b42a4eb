//! The rows and tables of the view `advocacy`. Default values take no space.
//!
//! | table | key | value |
//! |---|---|---|
//! | `s` | stream, history key | [`Row`]: a touchpoint in a stream of an owner, feedback, case or visit that the score needs |
//! | `w` | stream, history key | the owner's words (UTF-8), in a table of their own, so that an erasure removes a range of keys |
//! | `i` | evidence's source, evidence's id, history key of the signal | the signal's stream |
//! | `k` | source, id | empty: a signal names this touchpoint; a point look-up is cheaper than an empty scan |
//! | `j` | stream of the signal, id of the signal, history key of the decision | empty |
//! | `g` | feedback, history key of the opening of a case from it | the case's stream |

use prost::Message;

use crate::fold::corrections::{Inherited, Inherits, fill};
use crate::fold::pairs::PairTable;
use crate::fold::table::HistoryTable;

pub(super) static ROWS: HistoryTable<Row> = HistoryTable::new("advocacy", b's');
pub(super) static WORDS: HistoryTable<()> = HistoryTable::new("advocacy", b'w');
pub(super) static SIGNALS: HistoryTable<(), 2> = HistoryTable::new("advocacy", b'i');
pub(super) const SUSPECTS: PairTable = PairTable::new(b'k');
pub(super) static DECISIONS: HistoryTable<(), 2> = HistoryTable::new("advocacy", b'j');
pub(super) static ORIGINS: HistoryTable<()> = HistoryTable::new("advocacy", b'g');

/// The kind of a row. The numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub(super) enum RowKind {
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
    CommitmentMade = 19,
    CommitmentWithdrawn = 20,
    TaskAssigned = 21,
    ObligationOutcomeRevised = 22,
}

impl RowKind {
    /// Whether it only decides how other rows of its stream count.
    pub(super) fn is_context(self) -> bool {
        matches!(
            self,
            Self::CommitmentMade
                | Self::CommitmentWithdrawn
                | Self::TaskAssigned
                | Self::ObligationOutcomeRevised
        )
    }

    /// Whether it comes from the clock-keeper. The subjects of such a row are copies and decide nothing.
    pub(super) fn is_from_keeper(self) -> bool {
        matches!(
            self,
            Self::ObligationBreached | Self::ObligationOutcomeRevised
        )
    }
}

/// An obligation as a breach or revision of the clock-keeper describes it.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Obligation {
    #[prost(string, tag = "1")]
    pub policy: String,
    #[prost(int32, tag = "2")]
    pub version: i32,
    /// Whether it was not met in time.
    #[prost(bool, tag = "3")]
    pub is_missed: bool,
    /// The source and id of the touchpoint that opened it; empty if unknown.
    #[prost(string, tag = "4")]
    pub cause_source: String,
    #[prost(string, tag = "5")]
    pub cause_id: String,
}

/// The part of a touchpoint that the view stores.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Row {
    #[prost(enumeration = "RowKind", tag = "1")]
    pub kind: i32,
    /// As named by the touchpoint; left out where the stream names it.
    #[prost(string, tag = "2")]
    pub owner_id: String,
    #[prost(string, tag = "3")]
    pub vin: String,
    #[prost(string, tag = "4")]
    pub dealer_id: String,
    /// 0-10; absent if there is none.
    #[prost(int32, optional, tag = "5")]
    pub score: Option<i32>,
    /// A public story against the brand.
    #[prost(bool, tag = "6")]
    pub against: bool,
    /// Whether there are words, which have their own table.
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
    /// A hash of what it is about: the friend, promise, obligation, make, or address of a story. Empty if unknown.
    #[prost(bytes = "vec", tag = "13")]
    pub about: Vec<u8>,
    /// The order by which the owner, or a friend, bought.
    #[prost(string, tag = "14")]
    pub order_id: String,
    /// The case that a confirmation in the stream of a feedback names.
    #[prost(string, tag = "15")]
    pub case_id: String,
    #[prost(message, optional, tag = "16")]
    pub obligation: Option<Obligation>,
}

/// Hashes a personal name (the reference of a friend, the address of a story) that the view must not store. The hash is
/// enough to recognise the name again.
pub(super) fn hash(name: &str) -> Vec<u8> {
    if name.is_empty() {
        return Vec::new();
    }
    let hash = blake3::hash(name.as_bytes());
    hash.as_bytes().iter().take(16).copied().collect()
}

impl Inherits for Row {
    fn inherit(&mut self, inherited: &Inherited) {
        let subjects = &inherited.subjects;
        let of_kind = match self.kind() {
            kind if kind.is_from_keeper() => return,
            RowKind::DefectReported => Some((&mut self.defect_id, &subjects.defect_id)),
            RowKind::Repurchased => Some((&mut self.order_id, &subjects.order_id)),
            RowKind::ResolutionConfirmed | RowKind::ResolutionRejected => {
                Some((&mut self.case_id, &subjects.case_id))
            }
            _ => None,
        };
        if let Some((mine, theirs)) = of_kind {
            fill(mine, theirs);
        }
        fill(&mut self.owner_id, &subjects.owner_id);
        fill(&mut self.vin, &subjects.vin);
        fill(&mut self.dealer_id, &subjects.dealer_id);
    }
}
