//! People behind sealed parts: officers' names and PINs, citizens' identities.

use crate::api::{Person, Problem};
use crate::core::{Station, lock};
use crate::problem;
use argon2::{Argon2, PasswordHash, PasswordVerifier};
use hardware::chip::lds::holder::HolderWarning;
use hardware::chip::report::ChipReport;
use hardware::scanner::{BirthDate, CardQr, CardWarning, Sex};
use intake::ids::{EventId, OfficerId};
use intake::person::{Account, Evidence, Identity, Personal};
use sync::store::Opened;

/// The sealed part of an event, where this station may read it.
pub(crate) fn personal(station: &Station, event: EventId) -> Result<Option<Personal>, Problem> {
    match lock(&station.store).personal(event).map_err(problem::of_store)? {
        Opened::Personal(personal) => Ok(Some(personal)),
        Opened::Erased | Opened::NotOurs | Opened::None => Ok(None),
    }
}

/// An officer's account with name and PIN hash.
pub(crate) fn account(station: &Station, officer: &OfficerId) -> Result<Option<Account>, Problem> {
    let appointed_by = lock(&station.state).officer(officer).map(|known| known.appointed_by);
    let Some(event) = appointed_by else { return Ok(None) };
    Ok(personal(station, event)?.and_then(|personal| personal.account))
}

/// An officer's name; the account's where the name cannot be read.
pub(crate) fn officer_name(station: &Station, officer: &OfficerId) -> String {
    let account = account(station, officer).ok().flatten();
    account.map_or_else(|| officer.to_string(), |account| account.name)
}

/// Whether a PIN is the account's. Takes tens of milliseconds on purpose (argon2id).
pub(crate) fn pin_is_right(account: &Account, pin: &str) -> bool {
    PasswordHash::new(&account.pin_hash)
        .is_ok_and(|hash| Argon2::default().verify_password(pin.as_bytes(), &hash).is_ok())
}

/// A card as the domain knows it.
pub(crate) fn identity(card: &CardQr) -> Identity {
    Identity {
        number: card.number.digits().to_owned(),
        old_number: card.old_number.clone(),
        name: card.name.clone(),
        birth: birth(card.birth),
        sex: sex(card.sex).into(),
        residence: card.residence.clone(),
        issued: card.issued.map(|day| day.to_string()),
        extra: card.extra.clone(),
        evidence: Evidence::Qr,
        warnings: card.warnings.iter().map(|warning| warning_code(*warning).to_owned()).collect(),
    }
}

/// Who the chip says that its holder is; none where it must not be believed, or is no citizen's card.
pub(crate) fn chip_identity(report: &ChipReport) -> Option<Identity> {
    let (holder, evidence) = (report.fields.as_ref()?, report.evidence?);
    let number = holder.number.as_ref()?;
    Some(Identity {
        number: number.digits().to_owned(),
        old_number: holder.old_number.clone(),
        name: holder.name.clone().or_else(|| holder.latin_name.clone())?,
        birth: holder.birth.map(birth).unwrap_or_default(),
        sex: holder.sex.map(sex).unwrap_or_default().into(),
        residence: holder.residence.clone().unwrap_or_default(),
        issued: holder.issued.map(|day| day.to_string()),
        extra: vec![],
        evidence: match evidence {
            hardware::Evidence::ChipAuthenticated => Evidence::ChipAuthenticated,
            hardware::Evidence::ChipRead => Evidence::ChipRead,
            hardware::Evidence::QrOnly => Evidence::Qr,
            hardware::Evidence::Typed => Evidence::Typed,
        },
        warnings: chip_warnings(&holder.warnings),
    })
}

/// Each code once; an item that this program does not know is nothing to tell an officer.
fn chip_warnings(warnings: &[HolderWarning]) -> Vec<String> {
    let code = |warning: &HolderWarning| match warning {
        HolderWarning::Contradiction { .. } | HolderWarning::WrongCheckDigit { .. } => Some("CARD-CHIP-WARNING-DATA"),
        HolderWarning::Number { reason } => Some(warning_code(*reason)),
        HolderWarning::UnknownItem { .. } => None,
    };
    let mut codes: Vec<String> = warnings.iter().filter_map(code).map(str::to_owned).collect();
    codes.dedup();
    codes
}

fn sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "Nam",
        Sex::Female => "Nữ",
    }
}

fn birth(birth: BirthDate) -> String {
    match birth {
        BirthDate::Full { date } => date.to_string(),
        BirthDate::YearMonth { year, month } => format!("{year:04}-{month:02}"),
        BirthDate::Year { year } => format!("{year:04}"),
    }
}

fn warning_code(warning: CardWarning) -> &'static str {
    match warning {
        CardWarning::UnknownProvince => "CARD-QR-WARNING-PROVINCE",
        CardWarning::NumberBirthYear => "CARD-QR-WARNING-BIRTH",
        CardWarning::NumberSex => "CARD-QR-WARNING-SEX",
        CardWarning::OldNumber => "CARD-QR-WARNING-OLD-NUMBER",
        CardWarning::IssueDate => "CARD-QR-WARNING-ISSUED",
    }
}

/// A person as the officer who serves them may see them.
pub(crate) fn person(identity: &Identity) -> Person {
    Person {
        name: identity.name.clone(),
        number: identity.number.clone(),
        masked_number: identity.masked_number(),
        birth: identity.birth.clone(),
        sex: identity.sex.clone(),
        residence: identity.residence.clone(),
        old_number: identity.old_number.clone(),
        evidence: evidence(identity.evidence).into(),
        warnings: identity.warnings.clone(),
    }
}

/// The evidence of a person whom a page shows.
pub(crate) fn evidence_of(person: &Person) -> Evidence {
    let all = [Evidence::Qr, Evidence::ChipRead, Evidence::ChipAuthenticated];
    all.into_iter().find(|known| evidence(*known) == person.evidence).unwrap_or(Evidence::Typed)
}

fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Typed => "typed",
        Evidence::Qr => "qr",
        Evidence::ChipRead => "chip_read",
        Evidence::ChipAuthenticated => "chip_authenticated",
    }
}
