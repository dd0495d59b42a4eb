//! Reads: as it was, as it was known, and at least as of a position just written.

mod advocacy;
mod basis;
mod context_pack;
mod counts;
mod directory;
mod error;
mod feedback;
mod loyalty;
mod nearest;
mod obligation_views;
mod policies;
mod position;
mod recorded;
mod response_times;
mod scores;
mod search;
mod timeline;
mod token;
mod views;
mod watch;

pub use advocacy::{
    AdvocacyAnswer, AdvocacyAsk, AdvocacyReads, AdvocatesAnswer, AdvocatesAsk, AppliedPolicy,
    MarketModel, ModelAsk,
};
pub use basis::{Basis, Bounds, KnownAt};
pub use context_pack::{ContextPacks, PackAnswer, PackAsk};
pub use counts::Counts;
pub use directory::{DealerEntry, DealerFilter, DirectoryAsk, DirectoryPage, DirectoryReads};
pub use error::QueryError;
pub use feedback::{
    FeedbackAnswer, FeedbackAsk, FeedbackReads, HistoryEntry, Inbox, InboxAsk, InboxChange,
    InboxFilter, InboxOrder, InboxPage, InboxStep, InboxWatch, InboxWatchAsk, Owed,
};
pub use loyalty::{LoyaltyAnswer, LoyaltyAsk, LoyaltyReads};
pub use policies::{
    PolicyAnswer, PolicyFilter, PolicyListAsk, PolicyPage, PolicyReads, PolicyStand, PolicyWanted,
};
pub use position::{PositionError, PositionText};
pub use recorded::{around, decode, recorded};
pub use response_times::{ResponseTimeAnswer, ResponseTimeAsk, ResponseTimeReads};
pub use scores::{ScoreReads, ScoresAnswer, ScoresAsk};
pub use search::{SearchAsk, SearchPage};
pub use timeline::{TimelineAsk, TimelineEntry, TimelinePage, Timelines};
pub use token::{Pinned, TokenError, TokenKey};
pub use watch::{TimelineWatch, WatchAsk, WatchChange, WatchPace, WatchStep};
