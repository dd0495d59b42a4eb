//! Indexes and views as a whole: rebuilt, and damaged between runs.

mod damaged;
mod rebuilding;
