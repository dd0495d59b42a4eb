//! The texts of touchpoints: sentences put together from parts, without names or real brands.

mod business;
mod faults;
mod verbatim;

pub(crate) use business::*;
pub(crate) use faults::{Fault, fault, symptom};
pub(crate) use verbatim::{Tone, dealer_reply, owner_message, referral_note, verbatim};
