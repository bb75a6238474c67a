//! Trains the compression dictionary for segments (codec 2) from synthetic visits to real procedures, and writes it to the
//! file named on the command line. `src/segments-1.dict` was made by
//!
//!     cargo run --release -p sync --example train_segments -- sync/src/segments-1.dict
//!
//! and never changes: what was packed with it must stay readable. A better one gets the next codec.
//!
//!     cargo run --release -p sync --example train_segments -- measure
//!
//! tells what records cost alone and batched, by the dictionary that is built in, on visits that were not trained on.

use ed25519_dalek::SigningKey;
use intake::code::{AgencyDay, CodeTemplate, DossierCode};
use intake::dossier::Step;
use intake::event::{Hlc, Scope, Subject};
use intake::fact::{
    CodeGiven, DossierAccepted, DossierStepped, Fact, PaperOutcome, PaperReported, PaperTaken, RecordViewed, SlipMade,
    TicketAdmitted, TicketCalled, TicketIssued, VisitClosed,
};
use intake::fee::Dong;
use intake::ids::{
    AgencyCode, DossierId, EventId, Incarnation, IntentId, JobId, OfficerId, ProcedureCode, SiteCode, StationId,
    VisitId,
};
use intake::moment::Moment;
use intake::queue::TicketNumber;
use sync::grant::KeyId;
use sync::record::Record;
use sync::seal::Sealed;
use sync::segment;
use sync::stream::StreamId;
use uuid::Uuid;

const SIZE_BYTES: usize = 16 << 10;
const VISITS: u64 = 3_000;
const CATALOGUE: &str = include_str!("../../fixtures/procedures/catalogue.json");

/// A small generator (xorshift), so that the samples are the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }
    fn uuid(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.below(u64::MAX), self.below(u64::MAX))
    }
    fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from_digit(self.below(16) as u32, 16).unwrap_or('0')).collect()
    }
}

fn main() -> std::io::Result<()> {
    let argument = std::env::args().nth(1).unwrap_or_else(|| "segments.dict".to_owned());
    if argument == "measure" {
        measure();
        return Ok(());
    }
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    let mut samples: Vec<Vec<u8>> = Vec::new();
    for _ in 0..VISITS {
        for (_, events) in visit(&mut chance) {
            // One event a segment is what a line that is up sends; a few are what a short cut leaves.
            samples.extend(events.iter().map(|event| body(std::slice::from_ref(event))));
            samples.push(body(&events));
        }
    }
    std::fs::write(argument, zstd::dict::from_samples(&samples, SIZE_BYTES)?)
}

/// What a segment's body is before it is packed.
fn body(events: &[Vec<u8>]) -> Vec<u8> {
    events.iter().flat_map(|event| [&(event.len() as u32).to_be_bytes(), event.as_slice()].concat()).collect()
}

/// One citizen's visit: what the kiosk writes, and what the counter does.
fn visit(chance: &mut Chance) -> [(StreamId, Vec<Vec<u8>>); 2] {
    let codes: Vec<&str> = values("\"code\": \"").filter(|code| code.contains('.')).collect();
    let site = SiteCode::new(format!("{:05}", chance.below(700)));
    let agency = AgencyCode::new(format!("H26.{}.00", 100 + chance.below(126)));
    let at = Moment(1_790_000_000_000 + chance.below(31_536_000_000) as i64);
    let procedure = ProcedureCode::new(chance.one(&codes));
    let desk = || "3".into();
    let (visit, dossier, job) = (VisitId(chance.uuid()), DossierId(chance.uuid()), JobId(chance.uuid()));
    let here = Scope::site(&site);
    let there = Scope::agency(&agency);
    let kiosk = Writer::new(chance, None, here.clone());
    let officer = format!("canbo{}", chance.below(200));
    let counter = Writer::new(chance, Some(officer), here.clone());
    let number =
        TicketNumber { prefix: chance.one(&["A", "B", "C", "D"]).to_owned(), sequence: 1 + chance.below(400) as u32 };
    let issued = TicketIssued {
        intent: IntentId(chance.uuid()),
        number,
        day: at.day(),
        procedure: procedure.clone(),
        priority: None,
        language: "vi".into(),
        at,
        job,
    };
    let paper = PaperReported { job, outcome: PaperOutcome::Confirmed, fault: None };
    let sequence = 1 + chance.below(900) as u32;
    let place = AgencyDay { agency: agency.clone(), day: at.day() };
    let code = DossierCode::issue(CodeTemplate::New, &place, sequence)
        .map(|code| CodeGiven::Official { code, sequence })
        .unwrap_or_else(|_| CodeGiven::Temporary { code: "TẠM-1".into() });
    let count = 1 + chance.below(4);
    let papers: Vec<PaperTaken> = (0..count)
        .map(|no| PaperTaken {
            id: format!("{}-{no}", chance.one(&["to-khai", "giay-chung-sinh", "cccd", "giay-to"])),
            original: 1,
            certified: 0,
            copies: chance.below(3) as u16,
            reused: None,
        })
        .collect();
    let accepted = DossierAccepted {
        intent: IntentId(chance.uuid()),
        visit,
        procedure,
        agency,
        site,
        desk: desk(),
        code,
        papers,
        sets: 1,
        at,
        due: Some(at.plus_ms(86_400_000 * (1 + chance.below(15) as i64))),
        calendar: "hanoi".into(),
        fee: Some(Dong(chance.below(20) as i64 * 5_000)),
        fee_paid: chance.below(2) == 0,
        slip: Some(JobId(chance.uuid())),
        registered: false,
        authority: None,
    };
    let slip = SlipMade { job: JobId(chance.uuid()), hash: chance.hex(64), size: 30_000 + chance.below(9_000) };
    let (of_visit, of_dossier) = (Subject::Visit(visit), Subject::Dossier(dossier));
    let both = vec![here.clone(), there];
    let one = vec![here];
    let stepped = DossierStepped {
        step: *Step::ALL.get(chance.below(9) as usize).unwrap_or(&Step::Process),
        at,
        detail: None,
        form: None,
    };
    let kiosk_events = vec![
        kiosk.event(chance, at, &of_visit, &one, issued.into(), Some(230)),
        kiosk.event(chance, at, &of_visit, &one, paper.into(), None),
    ];
    let reason = "call".to_owned();
    let counter_events = vec![
        counter.event(chance, at, &of_visit, &one, TicketAdmitted { desk: desk() }.into(), None),
        counter.event(chance, at, &of_visit, &one, TicketCalled { desk: desk(), at }.into(), None),
        counter.event(chance, at, &of_visit, &one, RecordViewed { desk: desk(), reason }.into(), None),
        counter.event(chance, at, &of_dossier, &both, accepted.into(), Some(260)),
        counter.event(chance, at, &of_dossier, &both, slip.into(), None),
        counter.event(chance, at, &of_dossier, &both, stepped.into(), None),
        counter.event(chance, at, &of_visit, &one, VisitClosed { desk: desk(), at }.into(), None),
    ];
    [(kiosk.stream, kiosk_events), (counter.stream, counter_events)]
}

fn values(key: &'static str) -> impl Iterator<Item = &'static str> {
    CATALOGUE.split(key).skip(1).filter_map(|rest| rest.split('"').next())
}

/// A station that writes.
struct Writer {
    stream: StreamId,
    officer: Option<OfficerId>,
}

impl Writer {
    fn new(chance: &mut Chance, officer: Option<String>, scope: Scope) -> Self {
        let stream = StreamId { station: StationId(chance.uuid()), incarnation: Incarnation(chance.uuid()), scope };
        Self { stream, officer: officer.map(OfficerId::new) }
    }

    fn event(
        &self,
        chance: &mut Chance,
        at: Moment,
        subject: &Subject,
        scopes: &[Scope],
        fact: Fact,
        sealed_bytes: Option<usize>,
    ) -> Vec<u8> {
        // What is sealed looks like chance, whatever it holds.
        let sealed = sealed_bytes.map(|size| Sealed {
            key: KeyId(chance.uuid()),
            dictionary: 1,
            box_bytes: (0..24 + 16 + usize::next_multiple_of(size, 32)).map(|_| chance.below(256) as u8).collect(),
        });
        let record = Record {
            id: EventId(chance.uuid()),
            at: Hlc::tick(Hlc::default(), at),
            station: self.stream.station,
            incarnation: self.stream.incarnation,
            officer: self.officer.clone(),
            subject: subject.clone(),
            scopes: scopes.to_vec(),
            kind: fact.kind().to_owned(),
            body: fact.encode(),
            sealed,
        };
        record.encode()
    }
}

/// Bytes of whole segments (header and signature too) for each event, alone and batched.
fn measure() {
    let mut chance = Chance(0xD1B5_4A32_D192_ED03);
    let key = SigningKey::from_bytes(&[9; 32]);
    let mut events: Vec<Vec<u8>> = Vec::new();
    let mut stream = None;
    for _ in 0..500 {
        for (of, some) in visit(&mut chance) {
            events.extend(some);
            stream = Some(of);
        }
    }
    let Some(stream) = stream else { return };
    let size = |some: &[Vec<u8>]| segment::make(&stream, 0, stream.start(), some, &key).map_or(0, |made| made.len());
    let plain: usize = events.iter().map(Vec::len).sum();
    println!("{} events of {} bytes on average", events.len(), plain / events.len());
    for batch in [1, 4, 16, 64, 512] {
        let packed: usize = events.chunks(batch).map(size).sum();
        println!("{batch} a segment: {} bytes an event", packed / events.len());
    }
}
