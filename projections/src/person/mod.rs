//! Persons: which ids are one person, who held which vehicle when, and to whom a touchpoint belongs. Every read model
//! uses these rules, so that a question has the same answer everywhere.
//!
//! - [`PersonLookup`] resolves an id to a person, by the links of the view [`identity`].
//! - [`holding`] is the rule of holdings: what one id of a person acquired, another
//!   releases. The view [`ownership`] keeps the changes that it is applied to.
//! - [`FilledIn`] is the fill-in rule for the owner, vehicle and dealer that a touchpoint does not name.
//! - [`Whose`] decides to whom a touchpoint belongs: to whom it names, to the owner of its
//!   stream, or to who held its vehicle. A visit belongs as a whole to whoever brought the car.
//!
//! All of them answer for one known position from the states of the views, and cache what they read for the length of
//! one question.

mod filled;
pub mod holding;
pub mod identity;
mod kinds;
mod lookup;
mod matter;
mod names;
pub mod ownership;
mod whose;

pub use filled::FilledIn;
pub(crate) use kinds::takes_place;
pub use lookup::PersonLookup;
pub(crate) use matter::{names_vehicle, vehicles_ever_named};
pub use names::Names;
pub(crate) use whose::{Bearer, named_owner};
pub use whose::{Claim, Claimant, Whose, WhoseStates};
