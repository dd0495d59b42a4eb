//! FeedbackService through a whole server: obligations, a dealer's inbox, and watching it.

mod answers;
mod cases;
mod command_line;
mod paging;
mod refused;
pub(crate) mod told;
mod watching;
