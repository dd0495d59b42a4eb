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
//! | `g` | feedback, history key of the opening of a case that came from it | the case's stream |

use prost::Message;

use crate::fold::corrections::{Inherited, Inherits, fill};
use crate::fold::pairs::PairTable;
use crate::fold::table::HistoryTable;

pub(super) static ROWS: HistoryTable<Row> = HistoryTable::new("advocacy", b's');
pub(super) static WORDS: HistoryTable<()> = HistoryTable::new("advocacy", b'w');
pub(super) static SIGNALS: HistoryTable<(), 2> = HistoryTable::new("advocacy", b'i');
pub(super) const SUSPECTS: PairTable = PairTable::new(b'k');
pub(super) static DECISIONS: HistoryTable<(), 2> = HistoryTable::new("advocacy", b'j');
pub(super) static SAME: HistoryTable<(), 2> = HistoryTable::new("advocacy", SAME_TABLE);
pub(super) const SAME_TABLE: u8 = b'l';
pub(super) static ORIGINS: HistoryTable<()> = HistoryTable::new("advocacy", b'g');

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
    CommitmentMade = 19,
    CommitmentWithdrawn = 20,
    TaskAssigned = 21,
    ObligationOutcomeRevised = 22,
}

impl Says {
    /// It only decides how other rows of its stream count.
    pub(super) fn is_of_others(self) -> bool {
        matches!(
            self,
            Self::CommitmentMade
                | Self::CommitmentWithdrawn
                | Self::TaskAssigned
                | Self::ObligationOutcomeRevised
        )
    }

    /// It comes from the clock-keeper. Whom it names it repeats as known when it was made: that decides nothing.
    pub(super) fn is_of_keeper(self) -> bool {
        matches!(
            self,
            Self::ObligationBreached | Self::ObligationOutcomeRevised
        )
    }
}

/// What the clock-keeper says about an obligation.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Obligation {
    #[prost(string, tag = "1")]
    pub policy: String,
    #[prost(int32, tag = "2")]
    pub version: i32,
    /// It was not met in time, as far as this says.
    #[prost(bool, tag = "3")]
    pub is_missed: bool,
    /// The source and id of what opened it; empty if that is not said.
    #[prost(string, tag = "4")]
    pub cause_source: String,
    #[prost(string, tag = "5")]
    pub cause_id: String,
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
    /// A hash of what it is about: the friend, promise, obligation, make, or address of a story. Empty: not said.
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

/// What a row keeps of a name that is not its own to keep (references of friends and addresses are personal): enough
/// to recognise it again.
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
        let of_kind = match self.says() {
            says if says.is_of_keeper() => return,
            Says::DefectReported => Some((&mut self.defect_id, &subjects.defect_id)),
            Says::Repurchased => Some((&mut self.order_id, &subjects.order_id)),
            Says::ResolutionConfirmed | Says::ResolutionRejected => {
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
