//! Behaviour of the projector.
