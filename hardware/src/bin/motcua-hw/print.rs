//! Printing, settling what is in doubt, and the list of jobs.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, ValueEnum};
use hardware::printer::journal::{Journal, KeptJob, PaperCameOut};
use hardware::printer::{EscPosPrinter, JobDesk, PrintOrder, told_again};
use hardware::{Address, Fault, JobId, LastSlip, Outcome, PrintReport, Profile};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::ticket::Ticket;
use crate::{Done, answer};

/// What is to be printed, or settled.
#[derive(Args)]
pub struct Print {
    /// Where the printer is.
    #[arg(required_unless_present = "settle")]
    address: Option<Address>,
    /// What it can do.
    #[arg(long, default_value = "generic-80mm")]
    profile: String,
    /// The ticket: JSON with number, service, and where there are any ahead, issued_at, qr.
    #[arg(long, required_unless_present = "settle")]
    ticket: Option<PathBuf>,
    /// The job's name: a UUID, a number or any text. The same job is printed once, however often it is asked for. By default a new one.
    #[arg(long)]
    job: Option<String>,
    /// Print a copy of this job; it says on paper that it is one, and is a job of its own.
    #[arg(long, value_name = "ID", conflicts_with = "settle")]
    copy_of: Option<String>,
    /// The folder of the journal of jobs. By default $MOTCUA_HW_STATE, $XDG_STATE_HOME/motcua-hw or ~/.local/state/motcua-hw.
    #[arg(long, value_name = "DIR")]
    journal: Option<PathBuf>,
    /// The job before was torn: first clear the printer and cut the remains off.
    #[arg(long)]
    torn: bool,
    /// Say what became of a job that is in doubt: did its paper come out?
    #[arg(long, num_args = 2, value_names = ["ID", "yes|no"], conflicts_with_all = ["address", "ticket", "job"])]
    settle: Option<Vec<String>>,
}

/// Which journal.
#[derive(Args)]
pub struct Jobs {
    /// The folder of the journal. By default as for `print`.
    #[arg(long, value_name = "DIR")]
    journal: Option<PathBuf>,
}

impl Print {
    pub fn run(self) -> Done {
        if let Some([name, came_out]) = self.settle.as_deref() {
            return settle(&state_folder(self.journal)?, name, came_out);
        }
        let (Some(address), Some(ticket)) = (&self.address, &self.ticket) else {
            return Err("an address and a ticket are needed".into());
        };
        let profile = Profile::named(&self.profile)?;
        let paper = Ticket::read(ticket).map_err(|error| format!("{}: {error}", ticket.display()))?.paper();
        let (name, job) = named_or_new(self.job.as_deref())?;
        let original = self.copy_of.as_deref().map(JobId::of_name);
        let order = PrintOrder { job, paper, copy_of: original };
        let folder = match (self.journal, &self.job) {
            (None, None) => None,
            (journal, _) => Some(state_folder(journal)?),
        };
        let report = print(address, profile, &order, folder.as_deref(), self.torn);
        answer(&told(&report, &name, address)?);
        Ok(exit_code(&report))
    }
}

impl Jobs {
    pub fn run(self) -> Done {
        let folder = state_folder(self.journal)?;
        let journal = Journal::open(&folder)?;
        let jobs: Vec<_> = journal.jobs()?.iter().map(listed).collect();
        answer(&json!({ "journal": folder, "jobs": jobs, "damaged": journal.damage() }));
        Ok(ExitCode::SUCCESS)
    }
}

/// A job's name and identity: as given, or new and by chance.
fn named_or_new(name: Option<&str>) -> Result<(String, JobId), getrandom::Error> {
    if let Some(name) = name {
        return Ok((name.to_owned(), JobId::of_name(name)));
    }
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    let job = JobId(u128::from_be_bytes(bytes));
    Ok((job.to_string(), job))
}

/// What was printed before is told without asking the printer, be it there or not.
fn print(address: &Address, profile: Profile, order: &PrintOrder, folder: Option<&Path>, torn: bool) -> PrintReport {
    let submitted = Instant::now();
    let mut desk = JobDesk::new(address, folder);
    if let Some(report) = desk.answered(order, submitted) {
        return report;
    }
    let last_slip = match desk.last_slip(if torn { LastSlip::MaybeTorn } else { LastSlip::Whole }) {
        // A technician at the printer sees whether paper hangs out of it, and has --torn for that.
        LastSlip::Unsure => LastSlip::Whole,
        known => known,
    };
    match EscPosPrinter::open(address, profile, last_slip) {
        Ok(mut printer) => desk.print(&mut printer, order, submitted),
        Err(fault) => {
            PrintReport { copy_of: order.copy_of, ..PrintReport::refused(order.job, fault, submitted.elapsed()) }
        }
    }
}

fn settle(folder: &Path, name: &str, came_out: &str) -> Done {
    let came_out = CameOut::from_str(came_out, true).map_err(|_| format!("{came_out}: say yes or no"))?;
    let came_out = match came_out {
        CameOut::Yes => PaperCameOut::Yes,
        CameOut::No => PaperCameOut::No,
    };
    let kept = Journal::open(folder)?.settle(JobId::of_name(name), came_out, Timestamp::now())?;
    answer(&listed(&kept));
    Ok(ExitCode::SUCCESS)
}

#[derive(Clone, Copy, ValueEnum)]
enum CameOut {
    Yes,
    No,
}

/// A report as this tool tells it: with the name that the job was given, and the device that it went to.
fn told(report: &PrintReport, name: &str, address: &Address) -> Result<Value, serde_json::Error> {
    let mut value = serde_json::to_value(report)?;
    value["job"] = name.into();
    value["job_id"] = report.job.to_string().into();
    value["device"] = address.to_string().into();
    value["remedy"] = serde_json::to_value(report.fault.map(Fault::remedy))?;
    Ok(value)
}

fn listed(kept: &KeptJob) -> Value {
    let report = told_again(kept, None, Instant::now());
    let cause = report.fault.or(kept.in_doubt().then_some(Fault::PrintInDoubt));
    json!({
        "job": kept.job,
        "outcome": report.outcome.name(),
        "bytes_sent": report.outcome.bytes_sent(),
        "cause": cause,
        "known_by": report.known_by,
        "in_doubt": kept.in_doubt(),
        "bytes": kept.bytes,
        "copy_of": kept.copy_of,
        "device": kept.printer,
        "begun_at": kept.begun_at,
        "settled_at": kept.end.map(|end| end.at),
    })
}

fn exit_code(report: &PrintReport) -> ExitCode {
    match report.outcome {
        Outcome::Confirmed => ExitCode::SUCCESS,
        Outcome::NotPrinted => ExitCode::from(3),
        Outcome::Unknown { .. } => ExitCode::from(4),
        Outcome::SentUnconfirmed => ExitCode::from(5),
    }
}

/// The folder where this account's journal is.
fn state_folder(asked: Option<PathBuf>) -> Result<PathBuf, &'static str> {
    let of = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    asked
        .or_else(|| of("MOTCUA_HW_STATE"))
        .or_else(|| of("XDG_STATE_HOME").map(|folder| folder.join("motcua-hw")))
        .or_else(|| of("HOME").map(|folder| folder.join(".local/state/motcua-hw")))
        .ok_or("no folder for the journal of jobs: name one with --journal")
}
