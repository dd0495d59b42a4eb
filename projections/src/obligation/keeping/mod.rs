//! The events that the clock-keeper owes about an item as known now, and when to look at it again. All of it is a pure
//! function, so that it does not matter when, how often or by whom it is computed.
//!
//! - A *level* is due if the obligation was open at the level's own instant, by what had occurred until then and is known
//!   now; if that instant is not in the future, and not before the clock-keeper's first start; and if no event states it
//!   yet under this policy and version. A reply that occurred in time but was reported late therefore stops what had not
//!   been issued before it arrived; what was issued stays issued.
//! - Nothing is due for an imported feedback, or for an obligation that an imported touchpoint opened.
//! - If a withdrawn or bounced reply makes an obligation meaningless, because the message waits for the first reply again,
//!   that obligation is warned about as far as it ran.
//! - An outcome is *revised* if the last event about it is no longer true: a breach that was none after all, one whose item
//!   does not count, or one that is a breach again. An answer after the deadline does not revise a breach, and neither does
//!   a closing: both leave it a miss. If no event was issued because the obligation was met at its deadline, and it is
//!   missed now, that is a revision, too.
//! - The cause of a revision is what the outcome rests on (the answer, the exclusion), if that came after the last event;
//!   else the policy, if another version rules now; else the last touchpoint that takes something back; else the last one.
//!   A revision occurs when its cause could be known.

mod case;
mod due;
mod id;
mod levels;
mod matter;
mod notice;
mod revision;

pub use case::notices_due_of_case;
pub use due::notices_due;
pub use notice::{Cause, Keeping, Notice, NoticeKind, NoticesDue, Publications};
pub(crate) use revision::is_missed;
