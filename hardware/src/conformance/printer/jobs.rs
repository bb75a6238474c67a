//! What a printer puts on paper, through the driver that a kiosk uses.

use std::time::{Duration, Instant};

use super::status::END_ASB;
use crate::conformance::bench::{ANSWER_WITHIN, Bench, hex};
use crate::conformance::calibration::{calibration, height_mm};
use crate::conformance::{Check, Step, Unmet};
use crate::paper::{Align, Paper, TextSize};
use crate::printer::protocol::{INITIALISE, real_time_query};
use crate::printer::{EscPosPrinter, JobId, LastSlip, Outcome, PrintReport};

/// NULs as many as a band of dots.
const MANY_NULS: usize = 4608;

pub(super) const SUITE: &[Check] = &[
    Check {
        id: "calibration-page",
        proves: "a page with every Vietnamese letter is taken whole",
        reference: "GS v 0, GS ( k where claimed, GS V",
        needs: &[],
        run: calibration_page,
    },
    Check {
        id: "speed",
        proves: "paper comes out no slower than the profile says",
        reference: "mm_per_second of the profile",
        needs: &["calibration-page"],
        run: speed,
    },
    Check {
        id: "calibration-looks-right",
        proves: "letters are whole, the ruler reaches both edges, the code can be read, the slip is cut off",
        reference: "a person's eyes",
        needs: &["calibration-page"],
        run: looks_right,
    },
];

/// After these a bad printer may have to be switched off and on.
pub(super) const LAST: &[Check] = &[
    Check {
        id: "nuls",
        proves: "a long run of NULs means nothing",
        reference: "4,608 NULs between jobs, then DLE EOT 1",
        needs: &["status-real-time"],
        run: nuls,
    },
    Check {
        id: "torn-raster",
        proves: "a job that was torn in the midst of a picture does not swallow the next person's slip",
        reference: "half of GS v 0, a lost line, then DLE DC4 8, NULs, ESC @",
        needs: &["calibration-page", "status-in-raster", "nuls"],
        run: torn_raster,
    },
];

/// Prints through the driver.
fn print(bench: &Bench<'_>, last_slip: LastSlip, paper: &Paper) -> Result<PrintReport, Unmet> {
    let profile = bench.profile()?;
    let mut printer = EscPosPrinter::open(&bench.address, profile, last_slip)
        .map_err(|fault| Unmet::Failed(format!("the driver could not open it: {}", fault.code())))?;
    let report = printer.print(JobId(1), paper, Instant::now());
    drop(printer);
    // A serial line stays as it is: what the driver switched on would speak among the answers of the next checks.
    bench.open()?.send(&END_ASB)?;
    match report.outcome {
        Outcome::Confirmed | Outcome::SentUnconfirmed => Ok(report),
        outcome => {
            let fault = report.fault.map_or("no fault told", |fault| fault.code());
            Err(Unmet::Failed(format!("{outcome:?}, {fault}")))
        }
    }
}

fn calibration_page(bench: &mut Bench<'_>) -> super::super::Outcome {
    let profile = bench.profile()?;
    if bench.status_is_wrong {
        return Err(Unmet::NotApplicable("the driver prints on no printer whose status it cannot read".to_owned()));
    }
    let paper = calibration(&profile);
    let report = print(bench, LastSlip::Whole, &paper)?;
    let mm = height_mm(&paper, &profile).map_err(|fault| Unmet::Failed(fault.code().to_owned()))?;
    let seconds = report.settled.as_secs_f64().max(0.001);
    // Without an answer after the job, or with one that never came, it is not known when the paper was out.
    let answers_after = profile.answers_status && !profile.confirms_by_process_id;
    let is_timed = report.outcome == Outcome::Confirmed || answers_after;
    bench.speed = is_timed.then_some(mm / seconds);
    Ok(format!("{:?}, {} bytes, {mm:.0} mm in {seconds:.2} s", report.outcome, report.bytes))
}

fn speed(bench: &mut Bench<'_>) -> super::super::Outcome {
    let profile = bench.profile()?;
    let measured =
        bench.speed.ok_or_else(|| Unmet::NotApplicable("it is not known when the paper was out".to_owned()))?;
    let told = format!("{measured:.0} mm/s with the line's time, at least {} mm/s claimed", profile.mm_per_second);
    if measured >= f64::from(profile.mm_per_second) { Ok(told) } else { Err(Unmet::Failed(told)) }
}

fn looks_right(bench: &mut Bench<'_>) -> super::super::Outcome {
    bench.please(&Step::LookAtCalibration)?;
    Ok("the person says yes".to_owned())
}

fn nuls(bench: &mut Bench<'_>) -> super::super::Outcome {
    let mut line = bench.open()?;
    line.send(&[0; MANY_NULS])?;
    // The line's own time for them, and the answer's.
    line.send(&real_time_query(1))?;
    let reply = line.read(ANSWER_WITHIN + Duration::from_secs(3), |read| !read.is_empty())?;
    if reply.is_empty() { Err(Unmet::Failed("no answer afterwards".to_owned())) } else { Ok(hex(&reply)) }
}

fn torn_raster(bench: &mut Bench<'_>) -> super::super::Outcome {
    let profile = bench.profile()?;
    let mut line = bench.open()?;
    let width = profile.width_bytes();
    let head = [&INITIALISE[..], b"\x1Dv0\0", &(width as u16).to_le_bytes(), &[64, 0]].concat();
    line.send(&[&head[..], &vec![0; width * 20 + 7]].concat())?;
    drop(line);
    let paper = Paper::new().text("Sau phiếu bị đứt / after a torn slip", TextSize::Normal, Align::Left);
    let report = print(bench, LastSlip::MaybeTorn, &paper)?;
    Ok(format!("{:?}", report.outcome))
}
