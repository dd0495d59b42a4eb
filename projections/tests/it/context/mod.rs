//! The context pack: given what was recorded, when the pack is requested, then what it shows and what it reports as
//! missing.

mod cases;
mod feedback;
mod limits;
mod others;
mod selection;
mod visits;

use ownerline_projections::context_pack::{
    ContextPack, Fact, PackFold, Relationship, kinds, vehicles_left,
};
use ownerline_projections::timeline::{TimelineError, TimelineQuery, page};
use ownerline_projections::{Position, Recorded, Viewer};
use ownerline_proto::kind::Category;
use ownerline_proto::schema::Schema;
use ownerline_proto::v1::missing_section::Reason;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    ConfigurationFrozen, DeliveryDateRevised, OrderCancelled, OrderChanged, OrderPlaced, Subjects,
    Visibility,
};

use crate::history::{TestTouchpoint, World, folded, log};

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

/// The pack of ann by a question. A selection of the history makes the same pack as all of it.
pub(crate) fn ask(said: &[TestTouchpoint], ask: &Ask) -> PackWithLog {
    let log = log(said);
    let world = folded(&log);
    let whole = pack_in_pages(&log, &world, "ann", ask, usize::MAX).unwrap();
    for short in [1, 3] {
        let selected = pack_in_pages(&log, &world, "ann", ask, short).unwrap();
        assert_eq!(without_turns(&selected), without_turns(&whole), "{short}");
    }
    PackWithLog { pack: whole, log }
}

/// The pack of an owner, where a history with more rows than this is not folded whole; `None` for unknown owners.
pub(crate) fn pack_in_pages(
    log: &[Recorded],
    world: &World,
    owner_id: &str,
    ask: &Ask,
    short: usize,
) -> Option<ContextPack> {
    let (as_of, viewer) = (ask.as_of.into(), Viewer::unrestricted());
    let fold = PackFold::new(owner_id.to_owned(), ask.visible_to, as_of, as_of);
    let mut fold = fold.in_pages(short, ask.rows.max(short));
    while let Some(question) = fold.question() {
        let query = TimelineQuery {
            owner_id: question.owner_id,
            filter: question.filter,
            order: question.order,
            as_of,
            known_at: ask.known_at,
            after: question.after,
            limit: question.limit,
        };
        let page = match page(world.states(), &viewer, &query) {
            Ok(page) => page,
            Err(TimelineError::UnknownOwner { .. }) => return None,
            Err(error) => panic!("{error}"),
        };
        let ahead = fold.question_ahead(&page);
        let taken = fold.takes(&page);
        for row in page.rows.iter().filter(|_| taken) {
            let at = usize::try_from(row.position.0).unwrap() - 1;
            let touchpoint = fold.needs(row).then_some(&log[at].touchpoint);
            fold.apply(row, touchpoint);
        }
        fold.end_page(page.more);
        if ahead.is_some() {
            assert_eq!(
                fold.question(),
                ahead,
                "the question asked ahead is the next"
            );
        }
    }
    let left = vehicles_left(world.states(), owner_id, as_of, ask.known_at).unwrap();
    Some(fold.finish(&left))
}

/// A pack in words, without the numbers of touchpoints folded before each, which a selection does not know.
pub(crate) fn without_turns(pack: &ContextPack) -> String {
    let text = format!("{pack:?}");
    let mut parts = text.split("turn: ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.trim_start_matches(|it: char| it.is_ascii_digit())
    })
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
