//! Behaviour of the projector over the memory engine.

mod failures;
mod following;
mod rebuilding;
mod world;
