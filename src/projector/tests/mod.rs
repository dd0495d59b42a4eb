//! Behaviour of the projector over the memory engine.

mod answering;
mod beside;
mod failures;
mod following;
mod passing;
mod rebuilding;
mod repairing;
mod world;
