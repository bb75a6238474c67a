//! What a station remembers of the people before it: in memory only, wiped when they leave.

use crate::api::{Person, Problem};
use crate::chip::Chip;
use intake::ids::{OfficerId, VisitId};
use intake::moment::Moment;
use intake::person::Identity;
use intake::reuse::EarlierDossier;

/// How long a card stays in memory that no page looks at, in milliseconds.
const CARD_KEPT_MS: i64 = 120_000;
/// Wrong PINs before an officer has to wait.
const FREE_TRIES: u32 = 3;
/// The first wait in milliseconds; each further wrong PIN doubles it.
const FIRST_WAIT_MS: i64 = 5_000;
/// The longest wait in milliseconds.
const LONGEST_WAIT_MS: i64 = 300_000;

/// The people before a station.
#[derive(Default)]
pub(crate) struct Session {
    card: Option<(Identity, Moment)>,
    /// Why what was held before the scanner is no card or ticket.
    pub(crate) scan_problem: Option<Problem>,
    /// The officer at the counter.
    pub(crate) officer: Option<OfficerId>,
    /// The record that the officer opened.
    pub(crate) person: Option<(VisitId, Person)>,
    /// The chip of their card.
    pub(crate) chip: Chip,
    /// What was told of the earlier dossiers of the person at the desk.
    pub(crate) told: Option<Told>,
    wrong_pins: u32,
    wait_until: Option<Moment>,
}

/// What was told of a person's earlier dossiers.
#[derive(Clone)]
pub(crate) struct Told {
    /// At which visit.
    pub(crate) visit: VisitId,
    /// Of whom.
    pub(crate) number: String,
    /// What.
    pub(crate) dossiers: Vec<EarlierDossier>,
}

impl Session {
    /// A card was read.
    pub(crate) fn card_read(&mut self, card: Identity, now: Moment) {
        self.card = Some((card, now));
        self.scan_problem = None;
    }

    /// Something else was held before the scanner.
    pub(crate) fn not_a_card(&mut self, problem: Problem) {
        self.card = None;
        self.scan_problem = Some(problem);
    }

    /// The card that lies before the scanner. A page that looks keeps it; it goes when the page leaves, or no page looks any
    /// more, or the clock is set back.
    pub(crate) fn card(&mut self, now: Moment) -> Option<&Identity> {
        if self.card.as_ref().is_some_and(|(_, seen)| !(0..=CARD_KEPT_MS).contains(&(now.0 - seen.0))) {
            self.card = None;
        }
        if let Some((_, seen)) = &mut self.card {
            *seen = now;
        }
        self.card.as_ref().map(|(card, _)| card)
    }

    /// The citizen left.
    pub(crate) fn leave(&mut self) {
        self.card = None;
        self.scan_problem = None;
        self.person = None;
        self.told = None;
        self.chip = Chip::default();
    }

    /// How long until a PIN may be tried, in milliseconds.
    pub(crate) fn wait_ms(&self, now: Moment) -> Option<i64> {
        let wait_ms = self.wait_until?.0 - now.0;
        // A clock that was set back must not lock an officer out.
        (wait_ms > 0).then_some(wait_ms.min(LONGEST_WAIT_MS))
    }

    /// A wrong PIN was typed.
    pub(crate) fn wrong_pin(&mut self, now: Moment) {
        self.wrong_pins += 1;
        if self.wrong_pins >= FREE_TRIES {
            let doublings = (self.wrong_pins - FREE_TRIES).min(6);
            self.wait_until = Some(now.plus_ms((FIRST_WAIT_MS << doublings).min(LONGEST_WAIT_MS)));
        }
    }

    /// The right PIN was typed.
    pub(crate) fn right_pin(&mut self, officer: OfficerId) {
        self.wrong_pins = 0;
        self.wait_until = None;
        self.officer = Some(officer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_wrong_pin_makes_wait_and_each_further_one_longer() {
        let now = Moment(1_000_000);
        let mut session = Session::default();
        let mut waits = Vec::new();
        for _ in 0..12 {
            session.wrong_pin(now);
            waits.push(session.wait_ms(now));
        }
        assert_eq!(waits[..5], [None, None, Some(5_000), Some(10_000), Some(20_000)]);
        assert_eq!(waits[11], Some(300_000));
        session.right_pin(OfficerId::new("demo"));
        assert_eq!(session.wait_ms(now), None);
    }
}
