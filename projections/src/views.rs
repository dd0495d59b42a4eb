//! Every read model of Ownerline, one line each.

use crate::fold::ViewDef;
use crate::fold::corrections;
use crate::person::{identity, ownership};
use crate::{
    advocacy, assistance, bookings, cases, contacts, feedback, loyalty, network, orders, policy,
    timeline, trace, vehicles,
};

/// Every view, in the order in which the projector folds and lists them.
pub const VIEWS: [ViewDef; 16] = [
    advocacy::VIEW,
    bookings::VIEW,
    corrections::VIEW,
    feedback::VIEW,
    identity::VIEW,
    network::VIEW,
    ownership::VIEW,
    policy::VIEW,
    timeline::VIEW,
    vehicles::VIEW,
    loyalty::VIEW,
    contacts::VIEW,
    assistance::VIEW,
    cases::VIEW,
    trace::VIEW,
    orders::VIEW,
];
