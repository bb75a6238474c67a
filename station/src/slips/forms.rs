//! The papers of steps, from what the log holds: a request for papers, a refusal, an apology, the control slip.

use super::{of_layout, paper_code};
use crate::api::Problem;
use crate::core::{Station, lock};
use crate::documents::{
    AboutDossier, ApologyData, ControlData, ControlStep, FeeCopy, FeeReceiptData, Heading, Language, Party, Payment,
    RefusalData, Refused, Reissue, SlipCode, StepOutcome, SupplementData, SupplementPaper, apology_pdf, control_pdf,
    fee_receipt_pdf, refusal_pdf, slip_pdf, supplement_pdf,
};
use crate::{people, wording};
use intake::catalogue::FormSet;
use intake::dossier::{Detail, Dossier, Form, FormOf, Step, Taken, Timeliness};
use intake::event::Subject;
use intake::fact::{CodeGiven, Fact};
use intake::ids::{JobId, OfficerId};
use intake::moment::Moment;
use intake::payment::{PaidBy, ReceiptNo};
use intake::person::Personal;
use jiff::civil::Date;

/// The paper of a step or of a payment.
pub(super) fn pdf(station: &Station, dossier: &Dossier, form: &Form) -> Result<Vec<u8>, Problem> {
    match &form.of {
        FormOf::Step(_) => step_pdf(station, dossier, form),
        FormOf::Receipt(receipt) => receipt_pdf(station, dossier, receipt),
        FormOf::Reissue(number) => reissue_pdf(station, dossier, *number, form.job),
    }
}

/// The receipt of the dossier, given anew after an amendment: it names the paper that it stands for.
fn reissue_pdf(station: &Station, dossier: &Dossier, number: u16, job: JobId) -> Result<Vec<u8>, Problem> {
    let given: Vec<_> = dossier.amended.iter().filter(|amended| amended.slip.is_some()).collect();
    let place = given.iter().position(|amended| amended.slip == Some(job));
    let place = place.ok_or_else(|| Problem::new("STEP-NOT-LEGAL"))?;
    let before = place.checked_sub(1).and_then(|before| given.get(before));
    let replaces = before.map_or(dossier.accepted_at, |amended| amended.at);
    let again = Reissue { number, replaces, at: given[place].at };
    slip_pdf(&super::data(station, dossier, Some(again))?).map_err(of_layout)
}

fn receipt_pdf(station: &Station, dossier: &Dossier, receipt: &ReceiptNo) -> Result<Vec<u8>, Problem> {
    let payment = dossier.payments.of(receipt).ok_or_else(|| Problem::new("STEP-NOT-LEGAL"))?;
    let about = about(station, dossier)?;
    let data = FeeReceiptData {
        heading: heading(station, dossier, payment.at),
        template: String::new(),
        series: receipt.series.clone(),
        number: format!("{:07}", receipt.number),
        payer: about.owner,
        code: about.code,
        check: about.check,
        procedure_name: about.procedure_name,
        procedure_code: about.procedure_code,
        // No data says of any procedure whether its money is a fee or a charge.
        kind: None,
        amount: payment.amount,
        payment: match payment.by {
            PaidBy::Cash => Payment::Cash,
            PaidBy::Transfer => Payment::Transfer,
        },
        transfer: transfer(station, dossier, payment),
        collector: taken_by(station, dossier, receipt),
        copies: FeeCopy::ALL.into(),
    };
    fee_receipt_pdf(&data).map_err(of_layout)
}

/// Who took the money.
fn taken_by(station: &Station, dossier: &Dossier, receipt: &ReceiptNo) -> String {
    let officer = {
        let state = lock(&station.state);
        let history = state.history(&Subject::Dossier(dossier.id)).iter();
        let of =
            |event: &&intake::event::Event| matches!(&event.fact, Fact::FeeTaken(taken) if taken.receipt == *receipt);
        history.clone().find(of).and_then(|event| event.officer.clone())
    };
    name(station, officer.as_ref())
}

/// The code by which a transfer is made, where this station knows the account.
pub(crate) fn transfer(station: &Station, dossier: &Dossier, payment: &intake::payment::Payment) -> Option<String> {
    let account = station.config.account.as_ref().filter(|_| payment.by == PaidBy::Transfer)?;
    let code = intake::vietqr::transfer(account, payment.amount, &paper_code(dossier));
    code.inspect_err(|fault| tracing::error!(%fault, "no code for a transfer")).ok()
}

fn step_pdf(station: &Station, dossier: &Dossier, form: &Form) -> Result<Vec<u8>, Problem> {
    let taken = taken_for(dossier, form).ok_or_else(|| Problem::new("STEP-NOT-LEGAL"))?;
    let note = people::personal(station, taken.event)?.and_then(|personal| personal.note).unwrap_or_default();
    let heading = heading(station, dossier, taken.at);
    let about = about(station, dossier)?;
    let officer = name(station, taken.officer.as_ref());
    let part = &station.config.station;
    let bytes = match &taken.detail {
        Some(Detail::PapersAsked { papers, bring_by }) => supplement_pdf(&SupplementData {
            heading,
            dossier: about,
            papers: papers.iter().map(|asked| paper_asked(station, dossier, asked)).collect(),
            reason: note,
            until: bring_by.map(|day| end_of(station, dossier, day)),
            site: part.site_name.vi.clone(),
            site_phone: part.hotline.clone(),
            officer_phone: part.hotline.clone(),
            officer,
        }),
        Some(Detail::Refused { ground }) => refusal_pdf(&RefusalData {
            heading,
            refused: if taken.step == Step::Refuse { Refused::Dossier } else { Refused::FurtherWork },
            reason: format!("{}. {note}", wording::ground(*ground).vi),
            legal_ground: String::new(),
            hotline: part.hotline.clone(),
            applicant: about.owner.name.clone(),
            dossier: about,
            officer,
        }),
        Some(Detail::Reappointed { was, due, ground }) => apology_pdf(&ApologyData {
            heading,
            number: String::new(),
            dossier: about,
            received_at: dossier.accepted_at,
            promised: *was,
            reason: format!("{}. {note}", wording::ground(*ground).vi),
            due: *due,
            signer_role: "THỦ TRƯỞNG CƠ QUAN".into(),
            signer: String::new(),
            recipients: vec!["Như trên".into(), part.site_name.vi.clone(), "Lưu hồ sơ".into()],
        }),
        _ => return Err(Problem::new("STEP-NOT-LEGAL")),
    };
    bytes.map_err(of_layout)
}

/// A day by which papers are to be brought ends when the office closes; one on which it does not open, at midnight.
fn end_of(station: &Station, dossier: &Dossier, day: Date) -> Moment {
    let authority = station.here.catalogue.get(&dossier.procedure).and_then(|known| known.authority.value().copied());
    let calendar = station.here.calendars.of(authority, Some(&dossier.agency)).calendar;
    calendar.closing(day).unwrap_or_else(|| Moment::from_civil(day.at(23, 59, 0, 0)))
}

/// The control slip (Phiếu kiểm soát quá trình giải quyết hồ sơ) as it stands at `now`.
pub(crate) fn control(station: &Station, dossier: &Dossier, now: Moment) -> Result<Vec<u8>, Problem> {
    let procedure = station.here.catalogue.get(&dossier.procedure);
    let data = ControlData {
        heading: heading(station, dossier, now),
        dossier: about(station, dossier)?,
        applicant: String::new(),
        received_at: dossier.received_at,
        due: dossier.due,
        time_limit: procedure.and_then(|known| known.time_limit.value()).map(|limit| wording::limit(*limit).vi),
        papers: super::papers(station, dossier),
        steps: dossier.history.iter().map(|taken| control_step(station, dossier, taken)).collect(),
    };
    control_pdf(&data).map_err(of_layout)
}

fn control_step(station: &Station, dossier: &Dossier, taken: &Taken) -> ControlStep {
    let desk = station.config.station.site_name.vi.clone();
    let decides = dossier.forwarded_to.as_ref().unwrap_or(&dossier.agency).to_string();
    let (from, to) = match taken.step {
        Step::Accept => ("Công dân".to_owned(), desk),
        Step::Forward | Step::Process => (desk, decides),
        Step::Finish => (decides, desk),
        Step::Return | Step::AskSupplement | Step::Refuse | Step::Withdraw => (desk, "Công dân".to_owned()),
        Step::AskDuty | Step::Reappoint | Step::Stop => (decides, desk),
    };
    let outcome = (taken.step == Step::Finish).then(|| match dossier.timeliness(taken.at) {
        Some(Timeliness::Early) => Some(StepOutcome::Early),
        Some(Timeliness::OnTime | Timeliness::Running) => Some(StepOutcome::OnTime),
        Some(Timeliness::Overdue) => Some(StepOutcome::Late),
        None => None,
    });
    let officer = name(station, taken.officer.as_ref());
    ControlStep {
        from,
        to,
        at: Some(taken.at),
        outcome: outcome.flatten(),
        note: wording::taken(taken).vi,
        given_by: officer.clone(),
        taken_by: officer,
    }
}

/// Papers stand in the order of the steps that print them.
pub(crate) fn taken_for<'a>(dossier: &'a Dossier, form: &Form) -> Option<&'a Taken> {
    let FormOf::Step(step) = form.of else { return None };
    let number = dossier.forms.iter().filter(|known| known.of == form.of).position(|known| known.job == form.job)?;
    // Steps of a kind that print a paper print one each.
    dossier.history.iter().filter(|taken| taken.step == step).nth(number)
}

fn heading(station: &Station, dossier: &Dossier, at: Moment) -> Heading {
    let part = &station.config.station;
    let procedure = station.here.catalogue.get(&dossier.procedure);
    Heading {
        parent_unit: part.parent_name.vi.clone(),
        unit: part.site_name.vi.clone(),
        place: part.place.clone(),
        at,
        set: procedure.map_or(FormSet::Tt03, |known| known.form_set),
        language: Language::Vi,
    }
}

fn about(station: &Station, dossier: &Dossier) -> Result<AboutDossier, Problem> {
    let (event, _) = super::accepted(station, dossier.id).ok_or_else(|| Problem::new("STEP-NOT-LEGAL"))?;
    let personal = people::personal(station, event)?.unwrap_or_else(Personal::default);
    let code = paper_code(dossier);
    let official = dossier.alias.is_none() && matches!(dossier.code, CodeGiven::Official { .. });
    let procedure = station.here.catalogue.get(&dossier.procedure);
    let owner: Party = super::party(&personal);
    Ok(AboutDossier {
        code: if official { SlipCode::Official(code) } else { SlipCode::Temporary(code) },
        check: event.0.simple().to_string()[24..].to_uppercase(),
        owner,
        procedure_name: procedure.map_or_else(|| dossier.procedure.to_string(), |known| known.name_vi.clone()),
        procedure_code: dossier.procedure.to_string(),
    })
}

fn paper_asked(station: &Station, dossier: &Dossier, asked: &intake::dossier::PaperAsked) -> SupplementPaper {
    SupplementPaper { name: paper_name(station, dossier, &asked.id).vi, reason: wording::fault(asked.fault).vi }
}

/// A paper's name; what an officer wrote where the catalogue does not list it.
pub(crate) fn paper_name(station: &Station, dossier: &Dossier, id: &str) -> crate::api::Text {
    let needed = station.here.catalogue.get(&dossier.procedure).and_then(|known| known.papers.value());
    let paper = needed.into_iter().flatten().find(|paper| paper.id == id);
    paper.map_or_else(|| crate::api::Text::same(id), |paper| crate::api::Text::both(&paper.name_vi, &paper.name_en))
}

fn name(station: &Station, officer: Option<&OfficerId>) -> String {
    officer.map(|officer| people::officer_name(station, officer)).unwrap_or_default()
}
