//! Kills, stops, failed writes, a full disk, no descriptors left: nothing is lost, nothing stops for good, and the
//! answers meanwhile are true.

mod deaf;
mod descriptors;
pub(crate) mod full_disk;
mod interrupted_import;
mod kills;
pub(crate) mod planted;
mod poison;
mod retries;
mod soak;
mod stopping;
