//! Ownerless touchpoints of matters with more names, or more touchpoints, than a stream lists: they are found like others.

use ownerline_projections::timeline::{TimelineOrder, TimelineQuery, page};
use ownerline_projections::{Position, Viewer};

use crate::history::{TestTouchpoint, folded, log};

/// The ids of the timeline of somebody, oldest first, in pages of 7.
fn timeline_of(said: &[TestTouchpoint], owner_id: &str) -> Vec<String> {
    let world = folded(&log(said));
    let mut query = TimelineQuery {
        owner_id: owner_id.to_owned(),
        filter: Default::default(),
        order: TimelineOrder::OldestFirst,
        as_of: 10_000.into(),
        known_at: Position::MAX,
        after: None,
        limit: 7,
    };
    let mut ids = Vec::new();
    loop {
        let page = page(world.states(), &Viewer::unrestricted(), &query).unwrap();
        ids.extend(page.rows.iter().map(|row| row.key.id.clone()));
        match page.rows.last() {
            Some(last) if page.more => query.after = Some(last.key.clone()),
            _ => return ids,
        }
    }
}

fn in_case(id: &str, at: i64, owner_id: &str) -> TestTouchpoint {
    TestTouchpoint::new("case_note_added", id, at).about(|subjects| {
        "1".clone_into(&mut subjects.case_id);
        owner_id.clone_into(&mut subjects.owner_id);
    })
}

#[test]
fn a_matter_with_many_names_belongs_to_the_first_wherever_its_name_stands_among_them() {
    let ownerless = [in_case("before", 20, ""), in_case("after", 21, "")];
    for place in 0..12 {
        let mut said = vec![ownerless[0].clone()];
        for number in 0..12 {
            // The history begins with ann, whatever arrives first.
            let named = match number == place {
                true => in_case("ann", 1, "ann"),
                false => in_case(&format!("other-{number}"), 2, &format!("other-{number}")),
            };
            said.push(named);
        }
        said.push(ownerless[1].clone());
        assert_eq!(
            timeline_of(&said, "ann"),
            ["ann", "before", "after"],
            "{place}"
        );
        let other = timeline_of(&said, &format!("other-{}", (place + 1) % 12));
        assert_eq!(other.len(), 1, "{place}");
    }
}

#[test]
fn an_owner_named_after_many_ownerless_touchpoints_gets_all_of_them() {
    for count in [999, 1_000, 1_001, 1_500] {
        let mut said: Vec<TestTouchpoint> = (0..count)
            .map(|number| in_case(&format!("{number:04}"), 1 + number, ""))
            .collect();
        said.push(in_case("ann", 0, "ann"));
        said.push(in_case("later", 9_000, ""));
        let ids = timeline_of(&said, "ann");
        assert_eq!(ids.len(), said.len(), "{count}");
        assert!(ids.is_sorted_by_key(|id| match &**id {
            "ann" => -1,
            "later" => i64::MAX,
            number => number.parse().unwrap(),
        }));
    }
}
