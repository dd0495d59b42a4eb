//! The schema read from its own descriptors, and the proof that a split touchpoint merges back.

use super::*;

#[test]
fn the_descriptors_of_this_build_are_readable() {
    assert!(Schema::get().kinds().len() > 100);
}
