//! Reads: as it was, as it was known, and at least as of a position just written. Each capability puts its question to
//! [`Reads`], the one seam to the pure function that answers it; every read takes the [`Viewer`] it is for.
//!
//! [`Viewer`]: ownerline_projections::Viewer

mod advocacy;
mod answer_budget;
mod assistance;
mod basis;
mod bookings;
mod cases;
mod contacts;
mod context_pack;
mod directory;
mod error;
mod feedback;
mod loyalty;
mod needs;
mod orders;
mod page;
mod permits;
mod policy;
mod position;
mod reads;
mod recorded;
mod repairs;
mod response_times;
mod scores;
mod timeline;
mod token;
mod trace;
mod watching;

pub use advocacy::{
    AdvocacyAnswer, AdvocacyReads, AdvocatesAnswer, AdvocatesQuestion, AppliedPolicy, MarketModel,
    SupposedModel,
};
pub use answer_budget::AnswerBudget;
pub use assistance::AssistanceReads;
pub use basis::{Answer, Basis, Bounds, KnownAt};
pub use cases::{CaseEntries, CaseFile, CaseReads, CaseStep, CaseWatch};
pub use contacts::{ContactReads, ContactsFound};
pub use context_pack::{ContextPackReads, PackAsk, PackFound};
pub use directory::{DirectoryReads, SearchAsk, SearchPage};
pub use error::{NotYet, QueryError};
pub use feedback::{FeedbackItem, FeedbackReads, HistoryEntry, InboxChange, InboxStep, InboxWatch};
pub use loyalty::LoyaltyReads;
pub use needs::views_of_services;
pub use orders::{OrderFile, OrderReads};
pub use page::{Page, PageAsk};
pub use permits::CountPermits;
pub use policy::PolicyReads;
pub use position::{PositionError, PositionText};
pub use reads::Reads;
pub use recorded::{around, decode, recorded, sees};
pub use repairs::VehicleReads;
pub use response_times::ResponseTimeReads;
pub use scores::ScoreReads;
pub use timeline::{
    TimelineAsk, TimelineEntry, TimelineReads, TimelineWatch, WatchChange, WatchStep,
};
pub use token::{Pinned, TokenError, TokenKey};
pub use trace::{TraceAsk, TraceParts, TraceReads, TracedEntry};
pub use watching::{WatchFrom, WatchPace};
