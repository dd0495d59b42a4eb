//! Contacts with owners: who made them, whether they knew what there was to know, and whether a follow-up made sense.
//! `docs/contacts.md` explains every figure.

mod answer;
mod count;
mod fold;
mod follow_up;
mod pack;
mod page;
mod selection;
mod served;
mod visit;

pub use answer::{CONTACT_VIEWS, answer};
pub use fold::{Contact, VIEW};
pub use follow_up::{FollowUp, Irrelevance};
pub use pack::{PACK_WINDOW, Party, Serving, pack_before};
pub use page::{
    ContactPlace, ContactTotals, ContactsPage, ContactsQuestion, FoundContact, ListedContacts,
    PackOfContact,
};
pub use selection::ContactFilter;
pub(crate) use served::Served;
pub(crate) use visit::{ended_in_refusal, is_still_in};
