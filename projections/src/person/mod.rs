//! Persons: which ids are one person, who held which vehicle when, and whose a touchpoint is. Every read model asks
//! here, so that one question has one answer everywhere.
//!
//! - [`PersonLookup`] says which ids are one person, by the links of the view
//!   [`identity`](crate::person::identity).
//! - [`holding`] is the rule of holdings (DOMAIN §5 and §6, law/orders 13): what one id of a person acquired, another
//!   releases. The view [`ownership`](crate::person::ownership) keeps what it is applied to.
//! - [`FilledIn`] is the fill-in rule (DOMAIN §4): owner, vehicle and dealer that a touchpoint does not name.
//! - [`Whose`] says to whom a touchpoint belongs that names nobody (DOMAIN §6, law/orders 14): to whom its stream is
//!   about, or to who held its vehicle. A visit belongs as a whole to whoever brought the car.
//!
//! All of them answer for one known position, over the states of the views, and keep what they looked up for the
//! length of one question.

mod filled;
pub mod holding;
pub mod identity;
mod kinds;
mod lookup;
mod matter;
pub mod ownership;
mod whose;

pub use filled::{FilledIn, Names};
pub use lookup::PersonLookup;
pub(crate) use matter::vehicles_ever_named;
pub(crate) use whose::Bearer;
pub use whose::{Belongs, Whose, WhoseStates};
