//! What is owed for a feedback, by when, and how it ended: pure functions of an [`Item`], the [`Terms`]
//! in force and an instant.
//!
//! An [`Item`] holds the facts of one feedback that count as known (corrections and retractions are
//! applied when it is loaded), in history order. [`ItemState::at`] says everything about it as of an
//! instant; [`Summary::of`] says the little that totals need, without terms, so that it can be kept.
//!
//! What DOMAIN leaves open is decided here:
//! - An item counts from the `occurred_at` of the first `FeedbackReceived` in history order on. Without one it
//!   is *held*: its facts are there, nothing is owed. A second one is flagged.
//! - The first dealer is the one the feedback names, else the first that its stream names, else the one
//!   that its first reassignment names as the former. A reassignment holds from its instant on.
//! - A reply without dealer was given by the first dealer that its stream names; where nobody names any, it is not
//!   taken for another dealer's.
//! - What is known in time is any reply that met the obligation in time, known by the deadline in whichever words: of
//!   the replies that would still have met it, had those before them not been told.
//! - A reply belongs to the episode in which it stands in history order; the first episode reaches back
//!   to the beginning, so that a reply told to be older than its feedback answers it.
//! - A message that comes while the first reply is open waits for that; after the first reply, or after a
//!   closing, it opens a next reply, so that nothing an owner said is ever closed in advance.
//! - An open next reply outlives a reopening; any later qualifying reply ends it.
//! - There is one resolution an item, from the original start: met by the earliest confirmation, closing, or
//!   end of a linked case that no rejection, reopening of the item or of a case follows.
//! - An exclusion takes every obligation of the item out, those that had ended too, from its instant on.
//! - An obligation is named after the touchpoint that opened it; if that is a correction, after what its
//!   chain began with, so that a correction does not warn again.
//! - `PROGRESS_UPDATE` is owed in cases, not here; it is not evaluated.

mod asking;
mod course;
mod dealers;
mod detail;
mod fact;
mod item;
mod keeping;
mod known;
mod levels;
mod named;
mod reply;
mod resolution;
mod state;
mod summary;
pub mod terms;
mod walk;

pub use dealers::{Segment, segments};
pub use detail::{Detail, Remark, details};
pub use fact::{Fact, Given, Issued, Name, Names, What};
pub use item::{Item, ItemSubjects};
pub use keeping::{Cause, Keeping, Kept, Notice, Publications, Says, kept};
pub use levels::{Level, levels};
pub use named::obligation_id;
pub use state::{Answer, Episode, Flag, ItemState, Obligation, Received, State};
pub use summary::{Outcome, Summary, SummaryAnswer, SummaryExclusion};

pub(crate) use asking::Asking;
pub(crate) use course::Course;
pub(crate) use keeping::is_missed;
pub(crate) use reply::ReplyTraits;

#[cfg(doc)]
use crate::obligation::terms::Terms;
