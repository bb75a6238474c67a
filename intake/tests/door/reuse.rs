//! Papers taken over from earlier dossiers: offered, agreed to, counted, and refused otherwise.

use super::hall::{AGENCY, Hall, at, counter};
use super::{SINGLE_STATUS, accept, needed, printed};
use intake::decide::{AcceptDossier, Answer, Input, Order, Refused, Reuse};
use intake::dossier::{Dossier, ReturnBy};
use intake::event::Subject;
use intake::fact::{Consent, PaperAttached, PaperTaken};
use intake::ids::{DossierId, IntentId, SiteCode};
use intake::reuse::{Digitised, EarlierDossier, Share, digitised, share};
use uuid::Uuid;

const MARRIAGE: &str = "1.000894";
const CONFIRMATION: &str = "xac-nhan-hon-nhan";

/// A confirmation of marital status was granted, and the next day its holder comes to marry.
fn granted() -> (Hall, DossierId) {
    let mut hall = Hall::opens();
    printed(&mut hall, 1);
    hall.does(&counter("3"), Input::CallNext).unwrap();
    let papers = needed(&hall, SINGLE_STATUS);
    let papers: Vec<&str> = papers.iter().map(String::as_str).collect();
    let accepted = hall.does(&counter("3"), Input::Accept(Box::new(accept(SINGLE_STATUS, &papers))));
    let Ok(Answer::Dossier(dossier)) = accepted else { panic!("{accepted:?}") };
    for order in [Order::Finish { number: None }, Order::Return { by: ReturnBy::Desk }] {
        hall.does(&counter("3"), Input::Work { dossier, order, note: String::new() }).unwrap();
    }
    hall.does(&counter("3"), Input::Close).unwrap();
    hall.now = at(24, 9, 0);
    printed(&mut hall, 2);
    hall.does(&counter("3"), Input::CallNext).unwrap();
    (hall, dossier)
}

fn told(hall: &Hall, dossier: DossierId) -> Vec<EarlierDossier> {
    vec![EarlierDossier::of(hall.state.dossier(dossier).unwrap())]
}

fn marry(hall: &Hall, from: DossierId, intent: u128) -> AcceptDossier {
    let reuse =
        Reuse { papers: vec![(CONFIRMATION.into(), from)], told: told(hall, from), consent: Some(Consent::SaidAtDesk) };
    let intent = IntentId(Uuid::from_u128(intent));
    AcceptDossier { intent, reuse, ..accept(MARRIAGE, &["to-khai", "giay-to-tuy-than"]) }
}

fn accepts(hall: &mut Hall, ask: AcceptDossier) -> Result<Answer, Refused> {
    hall.does(&counter("3"), Input::Accept(Box::new(ask)))
}

fn taken<'a>(hall: &'a Hall, dossier: DossierId, paper: &str) -> &'a PaperTaken {
    let papers = &hall.state.dossier(dossier).unwrap().papers;
    papers.iter().find(|known| known.id == paper).unwrap()
}

#[test]
fn a_result_is_taken_over_with_consent_and_stands_in_the_dossier() {
    let (mut hall, from) = granted();
    let ask = marry(&hall, from, 901);
    let Ok(Answer::Dossier(dossier)) = accepts(&mut hall, ask.clone()) else { panic!("accepted") };
    assert_eq!(accepts(&mut hall, ask), Ok(Answer::Already(Subject::Dossier(dossier))));
    let paper = taken(&hall, dossier, CONFIRMATION);
    let reused = paper.reused.clone().unwrap();
    let code = hall.state.dossier(from).unwrap().code.text();
    assert_eq!((reused.from, reused.code, reused.result, reused.consent), (from, code, true, Consent::SaidAtDesk));
    assert_eq!((paper.original, paper.certified, paper.copies), (0, 0, 0));
}

#[test]
fn nothing_is_taken_over_without_consent_or_without_an_offer() {
    let (mut hall, from) = granted();
    let whole = marry(&hall, from, 901);
    let offered = |ask: AcceptDossier| (ask, Refused::NotOffered(CONFIRMATION.into()));
    let mut silent = whole.clone();
    silent.reuse.consent = None;
    let mut untold = whole.clone();
    untold.reuse.told.clear();
    let mut another = whole.clone();
    another.reuse.papers = vec![(CONFIRMATION.into(), DossierId(Uuid::from_u128(7)))];
    let mut twice = whole.clone();
    twice.reuse.papers.push((CONFIRMATION.into(), from));
    let mut as_well = whole.clone();
    as_well.papers.push(PaperTaken { id: CONFIRMATION.into(), original: 1, certified: 0, copies: 0, reused: None });
    let mut unknown = whole.clone();
    unknown.reuse.papers = vec![("giay-khac".into(), from)];
    let cases = [
        (silent, Refused::ConsentMissing),
        offered(untold),
        offered(another),
        offered(twice),
        offered(as_well),
        (unknown, Refused::NotOffered("giay-khac".into())),
    ];
    let before = hall.events.len();
    for (ask, refused) in cases {
        assert_eq!(accepts(&mut hall, ask), Err(refused));
    }
    // The months are over: it is shown as expired, and not taken.
    let mut late = hall.clone();
    late.now = at(24, 9, 0).plus_ms(200 * 86_400_000);
    late.does(&counter("3"), Input::Close).unwrap();
    printed(&mut late, 3);
    late.does(&counter("3"), Input::CallNext).unwrap();
    assert_eq!(accepts(&mut late, whole), Err(Refused::NotOffered(CONFIRMATION.into())));
    assert_eq!(hall.events.len(), before, "what is refused writes nothing");
}

#[test]
fn what_was_taken_over_when_it_was_taken_down_stays_when_it_is_accepted() {
    let (mut hall, from) = granted();
    let mut ask = marry(&hall, from, 901);
    ask.papers.clear();
    let taken_down = hall.does(&counter("3"), Input::Register(Box::new(ask)));
    let Ok(Answer::Dossier(draft)) = taken_down else { panic!("{taken_down:?}") };
    let mut whole = AcceptDossier { draft: Some(draft), ..marry(&hall, from, 902) };
    // Nobody looked the person up again.
    whole.reuse.told.clear();
    assert_eq!(accepts(&mut hall, whole), Ok(Answer::Dossier(draft)));
    assert!(taken(&hall, draft, CONFIRMATION).reused.is_some());
}

#[test]
fn a_paper_has_the_portals_digitisation_status() {
    let (mut hall, from) = granted();
    let ask = marry(&hall, from, 901);
    let Ok(Answer::Dossier(dossier)) = accepts(&mut hall, ask) else { panic!("accepted") };
    let scan = PaperAttached {
        paper: "to-khai".into(),
        blob: "00".repeat(32),
        size_bytes: 1,
        pages: 1,
        media_type: "image/jpeg".into(),
    };
    let event = intake::event::Event { fact: scan.into(), ..hall.events.last().unwrap().clone() };
    let number = |paper: &str, history: &[intake::event::Event]| digitised(taken(&hall, dossier, paper), history) as u8;
    assert_eq!(number("to-khai", &[]), 0);
    assert_eq!(number("to-khai", std::slice::from_ref(&event)), 1);
    assert_eq!(number("giay-to-tuy-than", &[event]), 0);
    assert_eq!(number(CONFIRMATION, &[]), 3);
    let mut handed_in = taken(&hall, dossier, CONFIRMATION).clone();
    handed_in.reused.as_mut().unwrap().result = false;
    assert_eq!(digitised(&handed_in, &[]), Digitised::Reused);
}

#[test]
fn the_share_of_papers_not_asked_for_again_is_of_the_desk_and_the_day() {
    let (mut hall, from) = granted();
    let ask = marry(&hall, from, 901);
    accepts(&mut hall, ask.clone()).unwrap();
    accepts(&mut hall, ask).unwrap();
    let of = |site: &str, desk: &str, day| {
        let all: Vec<Dossier> = hall.state.dossiers().cloned().collect();
        share(all.iter(), &SiteCode::from(site), &desk.into(), at(day, 12, 0).day())
    };
    assert_eq!(of("00004", "3", 24), Share { reused: 1, papers: 3 });
    assert_eq!(of("00004", "3", 23), Share { reused: 0, papers: needed(&hall, SINGLE_STATUS).len() as u32 });
    assert_eq!((of("00004", "4", 24), of("00008", "3", 24)), (Share::default(), Share::default()));
    assert_eq!(hall.state.dossier(from).unwrap().agency.to_string(), AGENCY);
}

#[test]
fn an_old_log_reads_alike_and_a_paper_on_the_desk_is_written_as_before() {
    let old = r#"{"id":"to-khai","original":1,"certified":0,"copies":0}"#;
    let read: PaperTaken = serde_json::from_str(old).unwrap();
    assert_eq!(read.reused, None);
    assert_eq!(serde_json::to_string(&read).unwrap(), old);
}
