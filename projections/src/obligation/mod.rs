//! What is owed for a feedback, by when, and how it ended: pure functions of an [`Item`], the [`Terms`] in force and an
//! instant.
//!
//! An [`Item`] holds the facts of one feedback that count, as known (corrections and retractions are applied when it is
//! loaded), in history order. [`ItemState::at`] is everything about it as of an instant. [`FirstReply::of`] is the little
//! that totals need; it depends on no terms, so that views can store it.
//!
//! The rules of the domain leave some points open, which are decided here:
//! - An item counts from the `occurred_at` of the first `FeedbackReceived` in history order. Without one it is *held*: its
//!   facts are there, but nothing is owed. A second one is flagged.
//! - The first dealer is the one the feedback names, else the first that its stream names, else the one that its first
//!   reassignment names as the former. A reassignment holds from its instant on.
//! - A reply without a dealer was given by the first dealer that its stream names. If none is named, it counts as the
//!   responsible dealer's.
//! - An obligation is met in time as known if by its deadline the log knew of any reply that met it in time, in whichever
//!   words: of the replies that would still have met it without those before them.
//! - A reply belongs to the episode in which it stands in history order. The first episode reaches back to the beginning,
//!   so that a reply older than its feedback answers it.
//! - A message that comes while the first reply is open waits for that reply. After the first reply, or after a closing, it
//!   opens a next reply, so that nothing an owner said is ever closed in advance.
//! - An open next reply outlives a reopening; any later qualifying reply ends it.
//! - An item has one resolution, from its original start. It is met by the earliest confirmation, closing, or end of a
//!   linked case that no rejection, reopening of the item or of a case follows.
//! - An exclusion takes every obligation of the item out from its instant on, including those that had ended.
//! - The id of an obligation follows from the touchpoint that opened it; if that is a correction, from the first of its
//!   chain, so that a correction does not cause another warning.
//! - What is owed in cases only is not evaluated here.

pub mod case;
mod course;
mod dealers;
mod detail;
mod episode;
mod fact;
mod first_reply;
mod id;
mod invitation;
mod item;
mod keeping;
mod known;
mod levels;
mod outcome;
mod remark;
mod reply;
mod resolution;
mod running;
mod state;
pub mod terms;
mod walk;

pub use course::{Flag, segments};
pub use dealers::Segment;
pub use detail::{Detail, details};
pub use episode::Episode;
pub use fact::{Fact, FactKind, Issued, Name, Names, SurveyAnswer};
pub use first_reply::{Exclusion, FirstReply, FirstReplyAnswer};
pub use id::obligation_id;
pub use item::{Item, ItemSubjects};
pub use keeping::{
    Cause, Keeping, Notice, NoticeKind, NoticesDue, Publications, notices_due, notices_due_of_case,
};
pub use levels::{Level, levels};
pub use outcome::{Outcome, State};
pub use remark::Remark;
pub use running::{Answer, Obligation};
pub use state::{ItemState, Received};

pub(crate) use course::Course;
pub(crate) use invitation::Invitation;
pub(crate) use keeping::is_missed;
pub(crate) use reply::ReplyTraits;

#[cfg(doc)]
use crate::obligation::terms::Terms;
