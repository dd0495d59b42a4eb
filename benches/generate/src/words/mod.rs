//! What people say: sentences put together from parts. No names, no real brands.

mod business;
mod faults;
mod verbatim;

pub(super) use business::*;
pub(super) use faults::{Fault, fault, symptom};
pub(super) use verbatim::{Verbatim, message, note_of_referral, reply, verbatim};
