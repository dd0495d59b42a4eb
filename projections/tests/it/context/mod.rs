//! The context pack: given what was recorded, when the pack is requested, then what it shows and what it reports as
//! missing.

mod cases;
mod feedback;
mod limits;
mod others;
mod visits;

use ownerline_projections::context_pack::{
    ContextFold, ContextPack, Fact, Relationship, kinds, vehicles_left,
};
use ownerline_projections::timeline::{TimelineFilter, TimelineOrder, TimelineQuery, page};
use ownerline_projections::{Position, Recorded, Viewer};
use ownerline_proto::kind::Category;
use ownerline_proto::schema::Schema;
use ownerline_proto::v1::missing_section::Reason;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    ConfigurationFrozen, DeliveryDateRevised, OrderCancelled, OrderChanged, OrderPlaced, Subjects,
    Visibility,
};

use crate::history::{TestTouchpoint, folded, log};

/// Instants of these tests are counted in days.
pub(crate) const DAY: i64 = 86_400 * 1_000_000_000;

/// A question about the pack of ann.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) as_of: i64,
    pub(crate) known_at: Position,
    pub(crate) visible_to: Option<Visibility>,
    /// Rows of a page.
    pub(crate) rows: usize,
}

impl Default for Ask {
    fn default() -> Self {
        Self {
            as_of: 1_000 * DAY,
            known_at: Position(1_000_000),
            visible_to: None,
            rows: 2,
        }
    }
}

/// A pack and its log.
pub(crate) struct PackWithLog {
    pub(crate) pack: ContextPack,
    log: Vec<Recorded>,
}

impl PackWithLog {
    /// The id of the touchpoint of a fact.
    pub(crate) fn id(&self, fact: impl Into<Option<Fact>>) -> &str {
        fact.into().map_or("", |fact| {
            let at = usize::try_from(fact.position.0).unwrap() - 1;
            assert_eq!(self.log[at].occurred_at, fact.occurred_at);
            assert!(self.pack.positions().contains(&fact.position));
            &self.log[at].touchpoint.id
        })
    }

    pub(crate) fn lacks(&self, reason: Reason) -> bool {
        self.pack.missing.iter().any(|(_, it)| *it == reason)
    }
}

/// The pack of ann by a question.
pub(crate) fn ask(said: &[TestTouchpoint], ask: &Ask) -> PackWithLog {
    let log = log(said);
    let world = folded(&log);
    let mut fold = ContextFold::new(ask.as_of.into(), ask.visible_to);
    let mut query = TimelineQuery {
        owner_id: "ann".to_owned(),
        filter: TimelineFilter {
            kinds: kinds(),
            visible_to: ask.visible_to,
            ..TimelineFilter::default()
        },
        order: TimelineOrder::OldestFirst,
        as_of: ask.as_of.into(),
        known_at: ask.known_at,
        after: None,
        limit: ask.rows,
    };
    loop {
        let page = page(world.states(), &Viewer::unrestricted(), &query).unwrap();
        for row in &page.rows {
            if ContextFold::needs(row) {
                let at = usize::try_from(row.position.0).unwrap() - 1;
                fold.apply(row, &log[at].touchpoint);
            } else {
                fold.pass(row);
            }
        }
        match page.rows.last() {
            Some(last) if page.more => query.after = Some(last.key.clone()),
            _ => break,
        }
    }
    let left = vehicles_left(world.states(), "ann", ask.as_of.into(), ask.known_at).unwrap();
    let pack = fold.finish(&left);
    PackWithLog { pack, log }
}

/// The pack of ann as known at the end of the log.
pub(crate) fn pack_of(said: &[TestTouchpoint]) -> PackWithLog {
    ask(said, &Ask::default())
}

/// Something about ann, so many days after the beginning.
pub(crate) fn say(id: &str, day: i64, payload: Payload) -> TestTouchpoint {
    TestTouchpoint::with_payload(id, day * DAY, payload).about(|it| it.owner_id = "ann".to_owned())
}

/// Something about ann in a stream.
pub(crate) fn say_in(
    id: &str,
    day: i64,
    payload: Payload,
    about: impl FnOnce(&mut Subjects),
) -> TestTouchpoint {
    say(id, day, payload).about(about)
}

#[test]
fn a_pack_is_folded_from_every_kind_of_an_order_a_visit_a_feedback_or_a_case() {
    let kinds = kinds();
    for kind in Schema::get().kinds() {
        let of_a_matter = kind.categories.iter().any(|it| it.is_one_matter());
        let of_any_stream = kind.categories.contains(&Category::Dealer);
        if of_a_matter && !of_any_stream && !kind.name.starts_with("obligation_") {
            assert!(kinds.contains(&kind.number), "{}", kind.name);
        }
    }
    for name in ["contact_made", "context_pack_served", "consent_withdrawn"] {
        let kind = Schema::get().kind_by_name(name).unwrap();
        assert!(kinds.contains(&kind.number), "{name}");
    }
}

#[test]
fn the_dealer_of_the_last_touchpoint_holds_the_relationship_whatever_its_kind() {
    let at = |dealer: &'static str| {
        move |it: &mut Subjects| {
            it.order_id = "o1".to_owned();
            it.dealer_id = dealer.to_owned();
        }
    };
    let placed = say_in(
        "placed",
        1,
        Payload::OrderPlaced(OrderPlaced::default()),
        at("d1"),
    );
    for name in [
        "order_changed",
        "configuration_frozen",
        "delivery_date_revised",
        "order_cancelled",
    ] {
        let mut later = TestTouchpoint::new(name, "later", 2 * DAY).about(at("d2"));
        let payload = match name {
            "order_changed" => Payload::OrderChanged(OrderChanged::default()),
            "configuration_frozen" => Payload::ConfigurationFrozen(ConfigurationFrozen::default()),
            "delivery_date_revised" => Payload::DeliveryDateRevised(DeliveryDateRevised::default()),
            _ => Payload::OrderCancelled(OrderCancelled::default()),
        };
        later.payload = Some(payload);
        let pack = pack_of(&[placed.clone(), later]);
        let holder = &pack.pack.relationship.items[0];
        let d2 = Relationship::Dealer {
            dealer_id: "d2".to_owned(),
        };
        assert_eq!(
            (&holder.who, pack.id(holder.fact)),
            (&d2, "later"),
            "{name}"
        );
    }
}

#[test]
fn for_an_owner_without_facts_every_section_is_named_as_missing() {
    let news =
        TestTouchpoint::new("news_sent", "news", 1).about(|it| it.owner_id = "ann".to_owned());
    let pack = pack_of(&[news]);
    let reasons: Vec<Reason> = pack.pack.missing.iter().map(|(_, it)| *it).collect();
    assert_eq!(
        reasons,
        [
            Reason::NoVisitKnown,
            Reason::NoCaseKnown,
            Reason::NoCommitmentKnown,
            Reason::NoDefectKnown,
            Reason::NoFeedbackKnown,
            Reason::NoRelationshipKnown,
            Reason::NothingToAvoidKnown,
            Reason::NoContactKnown,
        ]
    );
    assert!(pack.pack.positions().is_empty());
}
