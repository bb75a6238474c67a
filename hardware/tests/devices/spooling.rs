//! Tickets through the real print spooler.

use std::time::{Duration, Instant};

use hardware::emulator::{EmulatedPrinter, LineSpec, PrinterModel};
use hardware::printer::EscPosPrinter;
use hardware::spooler::{RAW, Server, SpoolDocument, Spooler};
use hardware::transport::{CupsTransport, LineError, Refusal, Transport};
use hardware::{Address, Fault, JobId, LastSlip, Outcome, Profile};

use crate::cupsd::{Catcher, Cupsd, soon};
use crate::{eventually, ticket};

fn printer(spooler: Spooler, queue: &str) -> Result<EscPosPrinter, LineError> {
    let line = CupsTransport::open(spooler, queue, soon())?;
    let profile = Profile::named("generic-80mm").unwrap();
    Ok(EscPosPrinter::on(Box::new(line), profile, LastSlip::Whole).unwrap().with_patience(Duration::from_secs(3)))
}

fn refusal(opened: Result<EscPosPrinter, LineError>) -> Refusal {
    match opened.err() {
        Some(LineError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn port_of(address: &Address) -> u16 {
    match address {
        Address::Tcp { port, .. } => *port,
        other => panic!("{other}"),
    }
}

#[test]
fn a_ticket_arrives_as_it_was_drawn_and_is_not_confirmed() {
    let cupsd = Cupsd::start();
    // What the same driver says on a line of its own.
    let caught = Catcher::start();
    let folder = tempfile::tempdir().unwrap();
    let direct = folder.path().join("lp0");
    let address: Address = format!("file:{}", direct.display()).parse().unwrap();
    let mut to_file = EscPosPrinter::open(&address, Profile::named("generic-80mm").unwrap(), LastSlip::Whole).unwrap();
    assert_eq!(to_file.print(JobId(1), &ticket("A105"), Instant::now()).outcome, Outcome::SentUnconfirmed);

    cupsd.queue("TICKETS", caught.port());
    let mut near = printer(cupsd.spooler(), "TICKETS").unwrap();
    let report = near.print(JobId(1), &ticket("A105"), Instant::now());
    assert_eq!((report.outcome, report.fault), (Outcome::SentUnconfirmed, None));
    let jobs = caught.await_jobs(1);
    // The same but for the job's own four-byte tag, which counts up.
    let expected = std::fs::read(&direct).unwrap();
    assert_eq!(jobs[0].len(), expected.len());
    let differing = jobs[0].iter().zip(&expected).filter(|(got, want)| got != want).count();
    assert!(differing <= 4, "{differing} bytes differ");
}

#[test]
fn an_emulated_printer_behind_a_queue_shows_the_page() {
    let cupsd = Cupsd::start();
    let far = EmulatedPrinter::start(&LineSpec::free_port(), PrinterModel::default(), None).unwrap();
    cupsd.queue("TICKETS", port_of(&far.line().address()));
    let mut near = printer(cupsd.spooler(), "TICKETS").unwrap();
    for number in 1..=2 {
        let report = near.print(JobId(number), &ticket("B002"), Instant::now());
        assert_eq!((report.outcome, report.fault), (Outcome::SentUnconfirmed, None));
    }
    eventually("both slips", || (far.pages().len() == 2).then_some(()));
    assert!(crate::qr_on(&far.pages()[0]).contains("B002"));
}

#[test]
fn a_queue_that_is_missing_stopped_or_closed_is_named_and_prints_nothing() {
    let cupsd = Cupsd::start();
    let caught = Catcher::start();
    assert_eq!(refusal(printer(cupsd.spooler(), "NOWHERE")), Refusal::NoQueue);
    cupsd.queue("TICKETS", caught.port());
    let mut near = printer(cupsd.spooler(), "TICKETS").unwrap();

    cupsd.tool("/usr/sbin/cupsdisable", &["TICKETS"]);
    let report = near.print(JobId(1), &ticket("A105"), Instant::now());
    assert_eq!((report.outcome, report.fault), (Outcome::NotPrinted, Some(Fault::QueueStopped)));
    assert_eq!(refusal(printer(cupsd.spooler(), "TICKETS")), Refusal::Stopped);
    cupsd.tool("/usr/sbin/cupsenable", &["TICKETS"]);

    cupsd.tool("/usr/sbin/cupsreject", &["TICKETS"]);
    assert_eq!(refusal(printer(cupsd.spooler(), "TICKETS")), Refusal::Rejecting);
    cupsd.tool("/usr/sbin/cupsaccept", &["TICKETS"]);

    let mut near = printer(cupsd.spooler(), "TICKETS").unwrap();
    assert_eq!(near.print(JobId(2), &ticket("A106"), Instant::now()).outcome, Outcome::SentUnconfirmed);
    assert_eq!(caught.await_jobs(1).len(), 1);
}

/// The queue is stopped between the question and the job: the job waits, is withdrawn, and never comes out later.
#[test]
fn a_job_that_waits_is_withdrawn_and_never_comes_out_later() {
    let cupsd = Cupsd::start();
    let caught = Catcher::start();
    cupsd.queue("TICKETS", caught.port());
    let mut line = CupsTransport::open(cupsd.spooler(), "TICKETS", soon()).unwrap();
    line.write_all(b"late", soon()).unwrap();
    cupsd.tool("/usr/sbin/cupsdisable", &["TICKETS"]);
    let stopped = line.drain(Instant::now() + Duration::from_millis(300));
    assert_eq!((stopped, line.kept_back()), (Err(LineError::Refused(Refusal::Stopped)), true));
    cupsd.tool("/usr/sbin/cupsenable", &["TICKETS"]);
    let mut line = CupsTransport::open(cupsd.spooler(), "TICKETS", soon()).unwrap();
    line.write_all(b"next", soon()).unwrap();
    line.drain(soon()).unwrap();
    assert_eq!(caught.await_jobs(1), [b"next".to_vec()]);
}

#[test]
fn a_line_that_is_dropped_before_its_job_is_whole_prints_nothing() {
    let cupsd = Cupsd::start();
    let caught = Catcher::start();
    cupsd.queue("TICKETS", caught.port());
    let mut torn = CupsTransport::open(cupsd.spooler(), "TICKETS", soon()).unwrap();
    torn.write_all(b"half a job", soon()).unwrap();
    drop(torn);
    let mut line = CupsTransport::open(cupsd.spooler(), "TICKETS", soon()).unwrap();
    line.write_all(b"whole", soon()).unwrap();
    line.drain(soon()).unwrap();
    assert_eq!(caught.await_jobs(1), [b"whole".to_vec()]);
    assert!(line.write_all(&vec![0; 5 << 20], soon()).is_err(), "a job without end is not gathered");
}

#[test]
fn a_printer_that_cannot_be_reached_leaves_the_job_in_doubt_and_the_queue_empty() {
    let cupsd = Cupsd::start();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    cupsd.queue("TICKETS", nobody);
    let mut line = CupsTransport::open(cupsd.spooler(), "TICKETS", soon()).unwrap();
    line.write_all(b"ticket", soon()).unwrap();
    // Long enough for the spooler's backend to be started and to try.
    let drained = line.drain(Instant::now() + Duration::from_secs(4));
    assert_eq!((drained, line.kept_back()), (Err(LineError::Refused(Refusal::Offline)), false));
    eventually("the job is gone", || {
        let job = cupsd.spooler().job(1, soon()).unwrap();
        job.is_none_or(|job| job.state == hardware::spooler::JobState::Canceled).then_some(())
    });
}

#[test]
fn a_job_that_somebody_cancels_is_not_called_sent() {
    let cupsd = Cupsd::start();
    let caught = Catcher::start();
    cupsd.queue("TICKETS", caught.port());
    let spooler = cupsd.spooler();
    cupsd.tool("/usr/sbin/cupsdisable", &["TICKETS"]);
    let document = SpoolDocument { bytes: b"x", mime_type: RAW, title: "ticket", copies: 1, keywords: &[] };
    let job = spooler.submit("TICKETS", &document, soon()).unwrap();
    cupsd.tool("/usr/bin/cancel", &[&job.id.to_string()]);
    let fate = spooler.follow("TICKETS", job, soon());
    assert_eq!(fate, hardware::spooler::Fate::Withdrawn(LineError::Refused(Refusal::Job)));
    assert!(spooler.cancel(job.id, soon()).is_err(), "it has ended already");
    assert_eq!(spooler.job(job.id + 1, soon()), Ok(None));
}

#[test]
fn a_spooler_that_died_is_named_and_used_again_when_it_is_back() {
    let mut cupsd = Cupsd::start();
    let caught = Catcher::start();
    cupsd.queue("TICKETS", caught.port());
    let mut near = printer(cupsd.spooler(), "TICKETS").unwrap();
    // Only what the spooler has written down survives it.
    eventually("the queue is on disk", || {
        let spooler = cupsd.spooler();
        spooler.queues(soon()).unwrap().iter().any(|queue| queue.name == "TICKETS").then_some(())
    });
    cupsd.kill();
    let report = near.print(JobId(1), &ticket("A105"), Instant::now());
    assert_eq!((report.outcome, report.fault), (Outcome::NotPrinted, Some(Fault::SpoolerDown)));
    assert_eq!(refusal(printer(cupsd.spooler(), "TICKETS")), Refusal::SpoolerDown);
    cupsd.run();
    cupsd.queue("TICKETS", caught.port());
    let mut near = printer(cupsd.spooler(), "TICKETS").unwrap();
    assert_eq!(near.print(JobId(2), &ticket("A105"), Instant::now()).outcome, Outcome::SentUnconfirmed);
    assert_eq!(caught.await_jobs(1).len(), 1);
}

/// A spooler that dies in the midst of taking a job never had the whole of it, or may have: the two are told apart.
#[test]
fn a_spooler_that_dies_with_the_job_leaves_it_in_doubt() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let server = Server::Tcp { host: "127.0.0.1".to_owned(), port: listener.local_addr().unwrap().port() };
    let far = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut buffer = [0; 4096];
        let mut seen = Vec::new();
        while !seen.ends_with(b"the end") {
            let count = std::io::Read::read(&mut stream, &mut buffer).unwrap();
            seen.extend_from_slice(&buffer[..count]);
        }
    });
    let document = SpoolDocument { bytes: b"the end", mime_type: RAW, title: "ticket", copies: 1, keywords: &[] };
    let not = Spooler::at(server.clone()).submit("TICKETS", &document, soon()).unwrap_err();
    assert_eq!((not.may_print, not.cause), (true, LineError::Refused(Refusal::SpoolerDown)));
    far.join().unwrap();
    let not = Spooler::at(server).submit("TICKETS", &document, soon()).unwrap_err();
    assert_eq!((not.may_print, not.cause), (false, LineError::Refused(Refusal::SpoolerDown)));
}

/// The tool, as a technician runs it, finds the spooler by `CUPS_SERVER`.
#[test]
fn the_tool_prints_through_the_queue_that_an_address_names() {
    let cupsd = Cupsd::start();
    let caught = Catcher::start();
    cupsd.queue("TICKETS", caught.port());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ticket.json");
    std::fs::write(&file, r#"{"number":"A1","service":"x","ahead":4,"issued_at":"08:15 23/11/2026","qr":"A1"}"#)
        .unwrap();
    let run = |queue: &str| {
        let mut tool = std::process::Command::new(env!("CARGO_BIN_EXE_motcua-hw"));
        tool.args(["print", queue, "--profile", "write-only-80mm", "--ticket", file.to_str().unwrap()]);
        let output = tool.env("CUPS_SERVER", cupsd.name()).output().unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code().unwrap(), answer)
    };
    let (code, report) = run("cups:TICKETS");
    assert_eq!((code, &report["outcome"]["is"]), (5, &"sent_unconfirmed".into()), "{report}");
    assert_eq!(caught.await_jobs(1).len(), 1);
    let (code, refused) = run("cups:NOWHERE");
    assert_eq!((code, refused), (3, serde_json::json!({"fault": "PRINT-QUEUE-ABSENT", "remedy": "config"})));
}
