//! Indexes and views as a whole: rebuilt, and damaged between runs.

mod catching_up;
mod damaged;
mod every_call;
mod rebuilding;
