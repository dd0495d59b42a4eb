//! Dealers of the network, as they registered themselves.

use ownerline_proto::v1::Touchpoint;
use ownerline_proto::v1::touchpoint::Payload;

/// A dealer at which a journey takes place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct House {
    pub(super) id: String,
    pub(super) name: String,
    /// The brand of the network.
    pub(super) brand: String,
}

impl House {
    /// Returns the first dealer of the network in this time zone; the generator puts its first ten dealers in different
    /// zones.
    pub(super) fn in_zone(dealers: &[Touchpoint], zone: &str) -> Self {
        let house = dealers.iter().find_map(|touchpoint| {
            let Some(Payload::DealerRegistered(registered)) = &touchpoint.payload else {
                return None;
            };
            let subjects = touchpoint.subjects.as_ref()?;
            (registered.time_zone == zone).then(|| Self {
                id: subjects.dealer_id.clone(),
                name: registered.name.clone(),
                brand: registered.brands.first().cloned().unwrap_or_default(),
            })
        });
        house.unwrap_or_default()
    }
}
