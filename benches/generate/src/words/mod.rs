//! The texts of touchpoints: sentences put together from parts, without names or real brands.

mod business;
mod faults;
mod matter;
mod verbatim;

pub(crate) use business::*;
#[cfg(test)]
pub(crate) use faults::faults;
pub(crate) use faults::{Fault, fault, symptom};
pub(crate) use matter::Matter;
pub(crate) use verbatim::{Tone, dealer_reply, owner_message, referral_note, verbatim};
