//! A pack is bounded whatever happened, and no history makes it fail.

use ownerline_projections::context_pack::{ContextPack, MAX_ITEMS, one_text};
use ownerline_proto::schema::Schema;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{CommitmentMade, OfferDeclined, PackSection, Touchpoint};
use proptest::prelude::*;
use prost::Message as _;

use super::{Ask, ask, pack_of, say, say_in};
use crate::history::{TestTouchpoint, lives};

#[test]
fn a_list_holds_so_many_and_says_how_many_more_there_are() {
    let declined = |n: usize| {
        let declined = OfferDeclined {
            offer_id: format!("o{n}"),
            ..OfferDeclined::default()
        };
        say(&format!("{n:03}"), 1, Payload::OfferDeclined(declined))
    };
    let made = |n: usize| {
        let made = CommitmentMade {
            commitment_id: format!("p{n}"),
            ..CommitmentMade::default()
        };
        say_in(
            &format!("m{n:03}"),
            1,
            Payload::CommitmentMade(made),
            |it| {
                it.case_id = format!("c{n}");
            },
        )
    };
    let said: Vec<TestTouchpoint> = (0..MAX_ITEMS + 3)
        .map(declined)
        .chain((0..MAX_ITEMS + 1).map(made))
        .collect();
    let pack = pack_of(&said);
    assert_eq!(
        pack.pack.left_out(),
        [
            (PackSection::OpenCases, 1),
            (PackSection::OpenCommitments, 1),
            (PackSection::NotToSayAgain, 3)
        ]
    );
    let avoid = &pack.pack.not_to_say_again.items;
    assert_eq!((avoid.len(), pack.id(avoid[0].fact)), (MAX_ITEMS, "022"));
}

#[test]
fn a_long_text_of_a_list_ends_in_an_ellipsis() {
    for (characters, whole) in [(999, true), (1_000, true), (1_001, false), (5_000, false)] {
        let text = one_text("é".repeat(characters));
        assert_eq!(text.chars().count(), characters.min(1_000));
        assert_eq!(text.ends_with('…'), !whole);
    }
}

/// An empty payload of any kind.
fn of_any_kind(mut said: TestTouchpoint, which: usize) -> TestTouchpoint {
    let kinds = Schema::get().kinds();
    let kind = &kinds[which % kinds.len()];
    if ![
        "owner_identity_linked",
        "owner_identity_unlinked",
        "touchpoint_retracted",
    ]
    .contains(&&*kind.name)
    {
        // An empty message of the kind's field.
        let mut encoded = Vec::new();
        prost::encoding::encode_key(
            kind.number,
            prost::encoding::WireType::LengthDelimited,
            &mut encoded,
        );
        encoded.push(0);
        let payload = Touchpoint::decode(&*encoded).unwrap().payload;
        if kind.stream(&said.subjects, &encoded).is_ok() {
            said.kind = &kind.name;
            said.payload = payload;
        }
    }
    said
}

proptest! {
    #[test]
    fn any_history_makes_a_pack_that_does_not_depend_on_pages_or_arrival(
        lives in lives(), which in prop::collection::vec(0_usize..200, 40),
        as_of in 0_i64..14, rows in 1_usize..5, rotate in 0_usize..40,
    ) {
        let said: Vec<TestTouchpoint> = lives
            .into_iter()
            .zip(which)
            .map(|(said, which)| of_any_kind(said, which))
            .collect();
        let question = Ask { as_of, rows, ..Ask::default() };
        let known = said.iter().any(|it| it.subjects.owner_id == "ann");
        prop_assume!(known);
        let pack = ask(&said, &question).pack;
        let whole = ask(&said, &Ask { rows: 1_000, ..question.clone() }).pack;
        prop_assert_eq!(&pack, &whole);
        let mut other = said.clone();
        let middle = rotate % other.len();
        other.rotate_left(middle);
        let other = ask(&other, &question).pack;
        prop_assert_eq!(apart_from_positions(&pack), apart_from_positions(&other));
    }
}

/// The content of a pack without the positions of its facts.
fn apart_from_positions(pack: &ContextPack) -> String {
    let text = format!("{pack:?}");
    let mut parts = text.split("position: Position(");
    let first = parts.next().unwrap().to_owned();
    let digits = |c: char| c.is_ascii_digit();
    parts.fold(first, |all, part| all + part.trim_start_matches(digits))
}
