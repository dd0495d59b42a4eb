//! A history made to be large: long ids and texts in as many bytes as the contract takes, and much of everything.

use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{self as wire, Touchpoint, TouchpointRef};

use crate::support::{Dice, NOW};

/// The car of the case and the visits.
pub(super) const VIN: &str = "1G4AH59H45G118341";

/// The sizes of one history.
pub(super) struct Sizes {
    /// Characters of an id.
    id: usize,
    /// Characters of a label, and of a half of an idempotency key.
    label: usize,
    /// Characters of a text.
    text: usize,
    /// Items of each sort.
    items: usize,
}

impl Sizes {
    pub(super) const LARGEST: Self = Self {
        id: 128,
        label: 250,
        text: 10_000,
        items: 400,
    };

    pub(super) fn drawn(dice: &mut Dice) -> Self {
        Self {
            id: 8 + dice.below(120),
            label: 8 + dice.below(242),
            text: 1 + dice.below(10_000),
            items: 1 + dice.below(400),
        }
    }

    pub(super) fn id(&self, sort: &str, number: usize) -> String {
        format!("{sort}.{number:0width$}", width = self.id - sort.len() - 1)
    }

    /// A label in characters of four bytes.
    pub(super) fn label(&self, number: usize) -> String {
        format!("{number:06}{}", "𝄞".repeat(self.label - 6))
    }

    fn text(&self) -> String {
        "𝄞".repeat(self.text)
    }
}

/// Makes the touchpoints of a history, all a second apart.
pub(super) struct History<'s> {
    pub(super) sizes: &'s Sizes,
    pub(super) all: Vec<Touchpoint>,
}

impl<'s> History<'s> {
    /// A history of these sizes.
    pub(super) fn of(sizes: &'s Sizes) -> Self {
        let mut history = Self {
            sizes,
            all: Vec::new(),
        };
        history.feedback();
        history.conversation();
        history.dealers();
        history.bookings();
        history.referrals();
        history.policies();
        history.case();
        history.order();
        history.visits();
        history
    }

    fn add(&mut self, about: impl FnOnce(&mut wire::Subjects), payload: Payload) -> TouchpointRef {
        let number = self.all.len();
        let reference = TouchpointRef {
            source: self.sizes.label(0),
            id: self.sizes.label(number),
        };
        let mut subjects = wire::Subjects::default();
        about(&mut subjects);
        let at = NOW - 100_000 + i64::try_from(number).unwrap();
        self.all.push(Touchpoint {
            source: reference.source.clone(),
            id: reference.id.clone(),
            occurred_at: Some(time::timestamp(at * 1_000_000_000)),
            subjects: Some(subjects),
            visibility: wire::Visibility::Owner.into(),
            actor: Some(wire::Actor {
                id: self.sizes.id("agent", number),
                kind: wire::actor::Kind::Human.into(),
                ..wire::Actor::default()
            }),
            payload: Some(payload),
            ..Touchpoint::default()
        });
        reference
    }

    pub(super) fn owner(&self) -> String {
        self.sizes.id("owner", 0)
    }

    pub(super) fn dealer(&self) -> String {
        self.sizes.id("dealer", 0)
    }

    pub(super) fn matter(&self) -> String {
        self.sizes.id("f", 0)
    }

    pub(super) fn order_id(&self) -> String {
        self.sizes.id("o", 0)
    }

    pub(super) fn case_id(&self) -> String {
        self.sizes.id("c", 0)
    }

    fn dealers(&mut self) {
        for number in 0..self.sizes.items {
            let dealer_id = self.sizes.id("dealer", number);
            let brands = (0..40).map(|brand| self.sizes.label(brand)).collect();
            self.add(
                |it| it.dealer_id = dealer_id,
                Payload::DealerRegistered(wire::DealerRegistered {
                    name: self.sizes.label(number),
                    market: "DE".to_owned(),
                    time_zone: "Europe/Berlin".to_owned(),
                    brands,
                }),
            );
        }
    }

    /// Feedback with long words, each of a survey of its own, and effects of the first.
    fn feedback(&mut self) {
        let (owner_id, dealer_id) = (self.owner(), self.dealer());
        let mut first = None;
        for number in 0..self.sizes.items {
            let feedback_id = self.sizes.id("f", number);
            let received = self.add(
                |it| {
                    it.feedback_id = feedback_id;
                    it.owner_id.clone_from(&owner_id);
                    it.dealer_id.clone_from(&dealer_id);
                },
                Payload::FeedbackReceived(wire::FeedbackReceived {
                    survey: self.sizes.id("survey", number),
                    score: Some(9),
                    verbatim: self.sizes.text(),
                    ..wire::FeedbackReceived::default()
                }),
            );
            let first = first.get_or_insert(received).clone();
            if let Some(last) = self.all.last_mut().filter(|last| last.id != first.id) {
                last.causation = Some(first);
            }
        }
    }

    /// One feedback with a long history of replies and messages.
    fn conversation(&mut self) {
        let (feedback_id, text) = (self.matter(), "𝄞".repeat(self.sizes.text.min(600)));
        for number in 0..self.sizes.items {
            let payload = match number % 2 {
                0 => Payload::DealerReplied(wire::DealerReplied {
                    kind: wire::dealer_replied::Kind::Human.into(),
                    text: text.clone(),
                    visible_to_owner: true,
                    ..wire::DealerReplied::default()
                }),
                _ => Payload::OwnerMessageReceived(wire::OwnerMessageReceived {
                    text: text.clone(),
                    ..wire::OwnerMessageReceived::default()
                }),
            };
            self.add(|it| it.feedback_id.clone_from(&feedback_id), payload);
        }
    }

    /// Appointments that were moved many times.
    fn bookings(&mut self) {
        for number in 0..self.sizes.items * 8 {
            let (owner_id, visit_id) = (self.owner(), self.sizes.id("v", number / 100));
            let start = NOW + i64::try_from(number).unwrap();
            self.add(
                |it| {
                    it.visit_id = visit_id;
                    it.owner_id = owner_id;
                },
                Payload::AppointmentBooked(wire::AppointmentBooked {
                    starts_at: Some(time::timestamp(start * 1_000_000_000)),
                    ..wire::AppointmentBooked::default()
                }),
            );
        }
    }

    /// Referrals by one owner, and as many owners who made one.
    fn referrals(&mut self) {
        for number in 0..self.sizes.items * 2 {
            let owner_id = match number % 2 {
                0 => self.owner(),
                _ => self.sizes.id("owner", number),
            };
            let referral = wire::ReferralMade {
                referee_ref: self.sizes.id("r", number),
                ..wire::ReferralMade::default()
            };
            self.add(|it| it.owner_id = owner_id, Payload::ReferralMade(referral));
        }
    }

    fn policies(&mut self) {
        for number in 0..self.sizes.items / 4 + 1 {
            let words = (0..40).map(|word| self.sizes.label(word)).collect();
            let theme = wire::lexicon_policy::Theme {
                name: self.sizes.label(number),
                words,
                sign: 1,
            };
            self.add(
                |_| {},
                Payload::PolicyPublished(wire::PolicyPublished {
                    name: self.sizes.id("lexicon", number),
                    kind: wire::policy_published::Kind::Lexicon.into(),
                    version: 1,
                    effective_from: Some(time::timestamp(0)),
                    body: Some(wire::policy_published::Body::Lexicon(wire::LexiconPolicy {
                        themes: vec![theme],
                    })),
                    ..wire::PolicyPublished::default()
                }),
            );
        }
    }

    /// An order with long lists of stages, revisions, holds, photographs, VINs and changes.
    fn order(&mut self) {
        let (order_id, owner_id) = (self.order_id(), self.owner());
        let (text, dealer_id) = (self.sizes.text(), self.dealer());
        let day = |number: usize| format!("2026-{:02}-{:02}", 1 + number % 12, 1 + number % 28);
        for number in 0..self.sizes.items {
            let (id, label) = (self.sizes.id("h", number), self.sizes.label(number));
            let vin = format!("chassis~b~{number:06}");
            let payloads = [
                Payload::OrderPlaced(wire::OrderPlaced {
                    commission_number: id.clone(),
                    brand: label.clone(),
                    model: label.clone(),
                    configuration: text.clone(),
                    ..wire::OrderPlaced::default()
                }),
                Payload::VinAssigned(wire::VinAssigned { vin: vin.clone() }),
                Payload::ProductionStageReached(wire::ProductionStageReached {
                    stage: 0,
                    raw_code: label.clone(),
                    mapping_version: label.clone(),
                }),
                Payload::OrderHeld(wire::OrderHeld {
                    hold_id: id.clone(),
                    reason: text.clone(),
                    expected_release: day(number),
                }),
                Payload::DeliveryDateRevised(wire::DeliveryDateRevised {
                    date: day(number),
                    reason: text.clone(),
                    basis: label.clone(),
                    ..wire::DeliveryDateRevised::default()
                }),
                Payload::DeliveryWindowPlanned(wire::DeliveryWindowPlanned {
                    date: day(number),
                    basis: label.clone(),
                    ..wire::DeliveryWindowPlanned::default()
                }),
                Payload::StagePhotographed(wire::StagePhotographed {
                    stage: wire::ProductionStage::Body.into(),
                    uri: format!("https://media.example/{}", "p".repeat(1_000)),
                    caption: text.clone(),
                    ..wire::StagePhotographed::default()
                }),
                Payload::OrderChanged(wire::OrderChanged {
                    summary: text.clone(),
                }),
                Payload::OrderReassigned(wire::OrderReassigned {
                    from_dealer_id: String::new(),
                    to_dealer_id: self.sizes.id("dealer", number),
                }),
            ];
            for payload in payloads {
                let vin = match &payload {
                    Payload::VinAssigned(it) => it.vin.clone(),
                    _ => String::new(),
                };
                self.add(
                    |it| {
                        it.order_id.clone_from(&order_id);
                        it.owner_id.clone_from(&owner_id);
                        it.dealer_id.clone_from(&dealer_id);
                        it.vin = vin;
                    },
                    payload,
                );
            }
        }
    }

    /// A case with long lists of promises, steps, tasks, updates and contacts, and a closing with unmet requests.
    fn case(&mut self) {
        let (case_id, owner_id, dealer_id) = (self.case_id(), self.owner(), self.dealer());
        let text = self.sizes.text();
        let opened = Payload::CaseOpened(wire::CaseOpened {
            subject: text.clone(),
            origin_feedback_id: self.matter(),
            ..wire::CaseOpened::default()
        });
        let about = |it: &mut wire::Subjects| it.case_id.clone_from(&case_id);
        self.add(
            |it| {
                about(it);
                it.owner_id.clone_from(&owner_id);
                it.dealer_id = dealer_id;
                VIN.clone_into(&mut it.vin);
            },
            opened,
        );
        for number in 0..self.sizes.items {
            let id = self.sizes.id("p", number);
            let due_at = Some(time::timestamp(NOW * 1_000_000_000));
            let payloads = [
                Payload::CommitmentMade(wire::CommitmentMade {
                    commitment_id: id.clone(),
                    text: text.clone(),
                    due_at,
                }),
                Payload::TaskAssigned(wire::TaskAssigned {
                    task_id: id.clone(),
                    department: self.sizes.label(number),
                    assignee: self.sizes.id("a", number),
                    due_at,
                    why: text.clone(),
                }),
                Payload::NextStepProposed(wire::NextStepProposed {
                    step_id: id.clone(),
                    text: text.clone(),
                }),
                Payload::ProgressUpdateSent(wire::ProgressUpdateSent {
                    new_information: false,
                    text: text.clone(),
                }),
                Payload::AdvocateAssigned(wire::AdvocateAssigned { agent_id: id }),
            ];
            for payload in payloads {
                self.add(about, payload);
            }
            let contact = wire::ContactMade {
                agents: vec![self.sizes.id("a", number)],
                subject: text.clone(),
                ..wire::ContactMade::default()
            };
            self.add(
                |it| {
                    about(it);
                    it.owner_id.clone_from(&owner_id);
                },
                Payload::ContactMade(contact),
            );
        }
        let unmet_requests = vec![text];
        self.add(
            about,
            Payload::CaseClosed(wire::CaseClosed { unmet_requests }),
        );
    }

    /// Visits of one car: a defect and an attempt each, and a turn-away.
    fn visits(&mut self) {
        for number in 0..self.sizes.items {
            let (visit_id, defect_id) = (self.sizes.id("w", number), self.sizes.id("d", number));
            let owner_id = self.owner();
            let dealer_id = self.sizes.id("dealer", number);
            let payloads = [
                Payload::VehicleDroppedOff(wire::VehicleDroppedOff::default()),
                Payload::DefectReported(wire::DefectReported {
                    symptom: self.sizes.text(),
                    safety: true,
                }),
                Payload::RepairAttempted(wire::RepairAttempted {
                    outcome: wire::repair_attempted::Outcome::NotFixed.into(),
                }),
                Payload::AssistanceDeclined(wire::AssistanceDeclined {
                    asked_for: self.sizes.text(),
                    reason: wire::assistance_declined::Reason::Other.into(),
                    ..wire::AssistanceDeclined::default()
                }),
            ];
            for payload in payloads {
                self.add(
                    |it| {
                        it.visit_id.clone_from(&visit_id);
                        it.defect_id.clone_from(&defect_id);
                        it.owner_id.clone_from(&owner_id);
                        it.dealer_id.clone_from(&dealer_id);
                        VIN.clone_into(&mut it.vin);
                    },
                    payload,
                );
            }
        }
    }
}
