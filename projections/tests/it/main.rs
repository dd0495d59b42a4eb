//! Behaviour of the folds, of the driver that calls them, and of the questions asked of them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on says so by panicking"
)]

mod abandoned;
mod advocacy;
mod assistance;
mod bookings;
mod calendar;
mod case;
mod cases;
mod changes;
mod contacts;
mod context;
mod corrections;
mod driver;
mod feedback;
mod history;
mod identity;
mod invented;
mod life_model;
mod listed;
mod loyalty;
mod model;
mod orders;
mod owed;
mod ownership;
mod person_properties;
mod persons;
mod policies;
mod random_histories;
mod repairs;
mod response_times;
mod same_instant;
mod scores;
mod standing_model;
mod stats;
mod timeline;
mod timeline_properties;
mod trace;
mod vehicles;
mod viewers;
mod views;
mod whose_model;
