//! Directories: which owners and which dealers there are, and which touchpoints pass a filter.

mod lists;
mod search;

pub use lists::DirectoryReads;
pub use search::{SearchAsk, SearchPage};
