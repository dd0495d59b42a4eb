//! The things that the owner does not want to hear, or not again.

use std::collections::BTreeMap;

use ownerline_proto::v1::missing_section::Reason as MissingReason;
use ownerline_proto::v1::not_to_say_again::Reason;
use ownerline_proto::v1::{PackSection, touchpoint::Payload};

use super::cases::Cases;
use super::entry::{Entry, Fact};
use super::pack::{Avoid, ContextPack, Listed};

/// The offers, tips and uses of data that the owner refused.
#[derive(Debug, Clone, Default)]
pub(super) struct Avoided {
    offers: BTreeMap<String, Refused>,
    tips: BTreeMap<String, Refused>,
    consents: BTreeMap<String, Refused>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Refused {
    /// The touchpoint whose words describe it.
    about: Option<Fact>,
    refused: Option<Fact>,
}

impl Avoided {
    pub(super) fn apply(&mut self, entry: Entry<'_>, payload: &Payload) {
        let fact = entry.fact;
        match payload {
            Payload::OfferMade(it) => {
                let offer = self.offers.entry(it.offer_id.clone()).or_default();
                offer.described(fact, &it.title);
            }
            Payload::OfferAccepted(it) => {
                self.offers.entry(it.offer_id.clone()).or_default().refused = None;
            }
            Payload::OfferDeclined(it) => {
                let offer = self.offers.entry(it.offer_id.clone()).or_default();
                offer.described(fact, &it.title);
                offer.refused = Some(fact);
            }
            Payload::DrivingTipOffered(it) => {
                let tip = self.tips.entry(it.tip_id.clone()).or_default();
                tip.described(fact, &it.topic);
                tip.refused = None;
            }
            Payload::DrivingTipDismissed(it) => {
                let tip = self.tips.entry(it.tip_id.clone()).or_default();
                tip.described(fact, &it.topic);
                tip.refused = Some(fact);
            }
            Payload::ConsentGiven(it) => {
                self.consents.remove(&it.purpose);
            }
            Payload::ConsentWithdrawn(it) => {
                let withdrawn = Refused {
                    about: Some(fact),
                    refused: Some(fact),
                };
                self.consents.insert(it.purpose.clone(), withdrawn);
            }
            _ => {}
        }
    }

    pub(super) fn finish(self, cases: &Cases, pack: &mut ContextPack) {
        let mut found = Vec::new();
        for (reason, refused) in [
            (Reason::OfferDeclined, self.offers),
            (Reason::TipDismissed, self.tips),
            (Reason::ConsentWithdrawn, self.consents),
        ] {
            for (id, Refused { about, refused }) in refused {
                found.extend(refused.map(|fact| Avoid {
                    reason,
                    id,
                    case_id: String::new(),
                    about,
                    fact,
                    count: 1,
                }));
            }
        }
        cases.avoid(&mut found);
        if found.is_empty() {
            let reason = MissingReason::NothingToAvoidKnown;
            pack.lacks(PackSection::NotToSayAgain, reason);
        }
        found.sort_by_key(|avoid| std::cmp::Reverse(avoid.fact));
        pack.not_to_say_again = Listed::of(found);
    }
}

impl Refused {
    fn described(&mut self, fact: Fact, words: &str) {
        if !words.is_empty() {
            self.about = Some(fact);
        }
    }
}
