//! Descriptors run out, the disk is full, and it passes: nothing is lost, nothing stops for good, and what is
//! said meanwhile is true.

#[cfg(test)]
mod descriptors;
#[cfg(test)]
mod full_disk;
#[cfg(test)]
mod planted;
#[cfg(test)]
mod soak;
