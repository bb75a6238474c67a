//! A day at one desk: three hundred dossiers, one after the other, each with the papers that it prints. The stations are the
//! real ones in this process, synchronising with the real service; only fingers and the ticket printer are played.

use super::centre::Centre;
use super::disk::Disk;
use super::figures::{Figure, Spread};
use super::{Ask, fresh, straight_to_the_centre};
use ::tests::fault::{Doing, Fault, Outcome, wait_for};
use station::Station;
use station::api::dossiers::{PaperAskedFor, WorkAsk};
use station::api::{AcceptAsk, Applicant, PaperTick};
use station::clock::MachineClock;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PROCEDURE: &str = "1.004873";
const DOSSIERS: u32 = 300;
/// After so many all is warm: memory is compared from here on.
const WARM: u32 = 50;
const PATIENCE: Duration = Duration::from_secs(30);

/// Measures a day.
///
/// # Errors
/// When a station or the service does not work.
pub fn measure(ask: &Ask) -> Outcome<Vec<Figure>> {
    let folder = fresh(&ask.work, "day")?;
    let centre = Centre::open(&folder, &ask.programs)?;
    for name in ["kiosk", "counter"] {
        straight_to_the_centre(&centre.plan.stations[name].folder, &centre.plan)?;
    }
    let open = |name: &str| Station::open(&centre.plan.stations[name].folder, Arc::new(MachineClock::default()));
    let (kiosk, counter) = (open("kiosk").doing("opening the kiosk")?, open("counter").doing("opening the counter")?);
    wait_for("the sign-in", PATIENCE, || Ok(counter.counter_sign_in("demo", "246810").ok()))?;
    let mut disk = Disk::in_folder(&centre.kiosk)?;
    let day = Day { centre, kiosk, counter };
    let (mut samples, mut memory) = (Vec::new(), Vec::new());
    for number in 1..=DOSSIERS {
        samples.push(day.dossier(number)?);
        if number >= WARM {
            memory.push(resident_mib()?);
        }
        disk.flush()?;
    }
    let papers = count(&day.centre.plan.stations["counter"].folder)?;
    day.kiosk.stop();
    day.counter.stop();
    let flush = Spread::of(disk.samples_ms());
    let what =
        format!("a dossier at the desk, from the call to the last of its papers; {DOSSIERS} in a row, {papers} papers");
    let grown = memory.last().unwrap_or(&0.0) - memory.first().unwrap_or(&0.0);
    Ok(vec![
        Figure::median("day_dossier_p50", "ms", &what, &samples).and_beside("a bare flush, p50", flush.p50),
        Figure::tail("day_dossier_p99", "ms", &what, &samples).and_beside("a bare flush, p99", flush.p99),
        Figure::greatest("day_memory", "MiB", "both stations and this program, at most after 50 dossiers", &memory)
            .and_beside("grown from the 50th dossier to the last", grown),
    ])
}

struct Day {
    centre: Centre,
    kiosk: Station,
    counter: Station,
}

impl Day {
    /// One citizen: what the officer's work takes, in milliseconds; walking and waiting are not counted.
    fn dossier(&self, number: u32) -> Outcome<f64> {
        let visit = self.ticket(number)?;
        let begun = Instant::now();
        self.counter.counter_call_next().doing("calling")?;
        let ask = taken_in(number, &visit);
        let lacks = number.is_multiple_of(10);
        let taken = if lacks { self.counter.counter_register(ask) } else { self.counter.counter_accept(ask) };
        let dossier = taken.doing("taking in")?.dossier;
        match number % 10 {
            0 => self.work(&dossier, ask_for_a_paper())?,
            1 => self.work(&dossier, WorkAsk::Stop { ground: "not_eligible".into() })?,
            2 => self.counter.counter_control_slip(&dossier).map(drop).doing("the control slip")?,
            _ => {}
        }
        self.counter.counter_close().doing("ending the visit")?;
        self.papers_are_written(&dossier)?;
        Ok(begun.elapsed().as_secs_f64() * 1_000.0)
    }

    fn work(&self, dossier: &str, ask: WorkAsk) -> Outcome<()> {
        self.counter.counter_work(dossier, ask, "Thiếu giấy tờ theo quy định.").map(drop).doing("a step")
    }

    fn papers_are_written(&self, dossier: &str) -> Outcome<()> {
        wait_for("the papers", PATIENCE, || {
            let view = self.counter.counter_dossier(dossier).doing("looking at the dossier")?;
            let receipt = view.receipt_file.is_some() || !view.accepted;
            let payments = view.payments.iter().all(|payment| payment.file.is_some());
            Ok((receipt && payments).then_some(()))
        })
    }

    /// A number whose paper is out and of which the desk has heard.
    fn ticket(&self, number: u32) -> Outcome<String> {
        let ticket = self.centre.ticket(&self.kiosk, PROCEDURE, u64::from(number))?;
        wait_for("the desk to hear of it", PATIENCE, || {
            let view = self.counter.counter_view().doing("looking at the counter")?;
            Ok(view.queue.iter().any(|row| row.visit == ticket.visit).then_some(()))
        })?;
        Ok(ticket.visit)
    }
}

fn ask_for_a_paper() -> WorkAsk {
    let papers = vec![PaperAskedFor { id: "hon-nhan-truoc".into(), fault: "missing".into() }];
    WorkAsk::AskPapers { papers, bring_by: String::new() }
}

fn taken_in(number: u32, visit: &str) -> AcceptAsk {
    let tick = |id: &str| PaperTick { id: id.into(), original: 1, certified: 0, copies: 0 };
    AcceptAsk {
        intent: format!("00000000-0000-7000-a000-{number:012x}"),
        visit: visit.to_owned(),
        draft: None,
        procedure: PROCEDURE.into(),
        authority: None,
        again: false,
        applicant: Applicant {
            name: format!("Nguyễn Thị Mẫu {number}"),
            number: format!("0011990{number:05}"),
            birth: "1999-02-15".into(),
            sex: "Nữ".into(),
            residence: "Số 1 phố Mẫu, phường Ba Đình, Hà Nội".into(),
            phone: "0900000000".into(),
            email: String::new(),
        },
        papers: ["to-khai", "giay-to-tuy-than"].map(tick).into(),
        reuse: vec![],
        consent: false,
        sets: 1,
        pages: None,
        copies: None,
        amount: Some(15_000),
        fee_paid: true,
        slip: true,
        note: String::new(),
    }
}

fn count(folder: &std::path::Path) -> Outcome<usize> {
    let papers = ["receipts", "papers"].map(|name| std::fs::read_dir(folder.join(name)).map(Iterator::count));
    papers.into_iter().try_fold(0, |all, some| Ok(all + some.doing("counting papers")?))
}

/// What this process holds in memory.
fn resident_mib() -> Outcome<f64> {
    let status = std::fs::read_to_string("/proc/self/status").doing("reading the memory")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: Option<f64> = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kib.map(|kib| kib / 1_024.0).ok_or_else(|| Fault::new("reading the memory", "no VmRSS"))
}
