//! Passive authentication (Doc 9303 part 11): is what the chip holds what the issuing authority wrote?
//!
//! Three questions, each with its own answer: do the groups have the hashes that were signed; did the document signer sign these hashes; did an
//! authority that is believed issue the document signer, and were both valid on the day. "Not possible" is an answer: it accuses nobody.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::cert::Certificate;
use super::sod::{self, SECURITY_OBJECT, SignerId, Sod};
use super::trust::{Anchor, Provenance, TrustList};
use super::{DataGroup, LdsError};

/// The answer to one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Check {
    /// Yes.
    Passed,
    /// No: something was changed, or is not from whom it says.
    Failed {
        /// What is wrong.
        reason: Failure,
    },
    /// It cannot be told.
    NotPossible {
        /// Why.
        reason: Obstacle,
    },
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The group's bytes are not those that were signed.
    HashDiffers,
    /// The group is not in the signed list.
    NotListed,
    /// What was signed is not a list of hashes.
    OtherContent,
    /// The list of hashes is not the one that was signed.
    ContentChanged,
    /// The signature is not the document signer's.
    SignatureWrong,
    /// The document signer's certificate bears an authority's name and not its signature.
    NotIssued,
    /// The document signer's certificate was not valid on the day.
    SignerNotValid,
    /// The authority's certificate was not valid on the day.
    AuthorityNotValid,
    /// The list of hashes was signed on a day on which the document signer's certificate was not valid.
    SignedOutOfTime,
}

/// Why it cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// EF.SOD is not there, or cannot be read.
    Unreadable,
    /// The document signer's certificate is not with it.
    SignerMissing,
    /// A hash, a curve or a scheme of signing that this program does not know.
    Unsupported,
    /// No authority is configured.
    NoList,
    /// The authority, or its newer key, is not among those that are configured.
    AuthorityUnknown,
}

/// What it comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything that was read is from an authority that is believed.
    Genuine,
    /// Something is wrong; which, the checks say.
    Failed,
    /// Nothing is wrong, and not everything could be told.
    Unproven,
}

/// The authority that issued a document signer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Authority {
    /// Its name.
    pub name: String,
    /// Where its certificate is from, and as of when.
    pub provenance: Provenance,
}

/// The answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PassiveReport {
    /// Of each group that was read: has it the hash that was signed?
    pub groups: BTreeMap<DataGroup, Check>,
    /// Did the document signer sign the hashes?
    pub signature: Check,
    /// Did an authority that is believed issue the document signer?
    pub chain: Check,
    /// The document signer's name.
    pub signer: Option<String>,
    /// The authority.
    pub authority: Option<Authority>,
}

impl PassiveReport {
    /// What it comes to. Without any group there is nothing to be genuine.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let checks = || self.groups.values().chain([&self.signature, &self.chain]);
        if checks().any(|check| matches!(check, Check::Failed { .. })) {
            return Verdict::Failed;
        }
        let all = !self.groups.is_empty() && checks().all(|check| *check == Check::Passed);
        if all { Verdict::Genuine } else { Verdict::Unproven }
    }
}

/// Verifies groups, each the whole file as it was read, against EF.SOD on a day.
#[must_use]
pub fn verify(sod: &[u8], groups: &BTreeMap<DataGroup, Vec<u8>>, trust: &TrustList, on: Date) -> PassiveReport {
    let sod = match sod::parse(sod) {
        Ok(sod) => sod,
        Err(error) => return unreadable(groups, error),
    };
    let signer = find_signer(&sod);
    let (chain, authority) = match signer {
        Some(signer) => check_chain(signer, &sod, trust, on),
        None => (not_possible(Obstacle::SignerMissing), None),
    };
    PassiveReport {
        groups: groups.iter().map(|(group, bytes)| (*group, check_group(&sod, *group, bytes))).collect(),
        signature: signer.map_or(not_possible(Obstacle::SignerMissing), |signer| check_signature(&sod, signer)),
        chain,
        signer: signer.map(Certificate::subject_text),
        authority,
    }
}

/// The answers where EF.SOD cannot be read.
fn unreadable(groups: &BTreeMap<DataGroup, Vec<u8>>, error: LdsError) -> PassiveReport {
    let check = match error {
        LdsError::Unsupported(_) => not_possible(Obstacle::Unsupported),
        LdsError::Cut | LdsError::Malformed(_) => not_possible(Obstacle::Unreadable),
    };
    PassiveReport {
        groups: groups.keys().map(|group| (*group, check)).collect(),
        signature: check,
        chain: check,
        signer: None,
        authority: None,
    }
}

fn failed(reason: Failure) -> Check {
    Check::Failed { reason }
}

fn not_possible(reason: Obstacle) -> Check {
    Check::NotPossible { reason }
}

fn check_group(sod: &Sod, group: DataGroup, bytes: &[u8]) -> Check {
    match sod.object.hashes.get(&group) {
        None => failed(Failure::NotListed),
        Some(hash) if *hash == sod.object.digest.hash(bytes) => Check::Passed,
        Some(_) => failed(Failure::HashDiffers),
    }
}

/// The certificate that the signer says is its own.
fn find_signer(sod: &Sod) -> Option<&Certificate> {
    sod.certificates.iter().find(|certificate| match &sod.signer {
        SignerId::IssuerAndSerial { issuer, serial } => certificate.issuer == *issuer && certificate.serial == *serial,
        SignerId::SubjectKey(name) => certificate.subject_key.as_ref() == Some(name),
    })
}

fn check_signature(sod: &Sod, signer: &Certificate) -> Check {
    if sod.content_type != SECURITY_OBJECT {
        return failed(Failure::OtherContent);
    }
    let (Ok(digest), Ok(scheme)) = (sod.digest, sod.scheme) else { return not_possible(Obstacle::Unsupported) };
    let signed = match &sod.attributes {
        Some(attributes) => {
            if attributes.content_type.as_deref() != Some(SECURITY_OBJECT) {
                return failed(Failure::OtherContent);
            }
            if attributes.message_digest != Some(digest.hash(&sod.content)) {
                return failed(Failure::ContentChanged);
            }
            &attributes.bytes
        }
        None => &sod.content,
    };
    match signer.verify(scheme, signed, &sod.signature) {
        Ok(true) => Check::Passed,
        Ok(false) => failed(Failure::SignatureWrong),
        Err(_) => not_possible(Obstacle::Unsupported),
    }
}

fn check_chain(signer: &Certificate, sod: &Sod, trust: &TrustList, on: Date) -> (Check, Option<Authority>) {
    if trust.anchors.is_empty() {
        return (not_possible(Obstacle::NoList), None);
    }
    // An authority keeps its name when it changes its key: any certificate of that name may be the one, but for those of another key's short name.
    let may_be = |anchor: &&Anchor| {
        let keys = (&signer.authority_key, &anchor.certificate.subject_key);
        anchor.certificate.subject == signer.issuer && !matches!(keys, (Some(wanted), Some(own)) if wanted != own)
    };
    let candidates: Vec<&Anchor> = trust.anchors.iter().filter(may_be).collect();
    let answers: Vec<_> = candidates.iter().map(|anchor| signer.is_signed_by(&anchor.certificate)).collect();
    // One authority may stand in the list more than once, renewed with the same key: the one that is valid on the day counts.
    let issuers =
        || candidates.iter().zip(&answers).filter(|(_, answer)| **answer == Ok(true)).map(|(anchor, _)| *anchor);
    let Some(anchor) = issuers().find(|anchor| anchor.certificate.is_valid_on(on)).or_else(|| issuers().next()) else {
        let reason = match &answers[..] {
            [] => not_possible(Obstacle::AuthorityUnknown),
            answers if answers.iter().any(Result::is_err) => not_possible(Obstacle::Unsupported),
            _ => failed(Failure::NotIssued),
        };
        return (reason, None);
    };
    let authority = Authority { name: anchor.certificate.subject_text(), provenance: anchor.provenance.clone() };
    (check_days(signer, anchor, sod, on), Some(authority))
}

fn check_days(signer: &Certificate, anchor: &Anchor, sod: &Sod, on: Date) -> Check {
    let signed_on = sod.attributes.as_ref().and_then(|attributes| attributes.signed_on);
    if signed_on.is_some_and(|day| !signer.is_valid_on(day)) {
        return failed(Failure::SignedOutOfTime);
    }
    if !signer.is_valid_on(on) {
        return failed(Failure::SignerNotValid);
    }
    if !anchor.certificate.is_valid_on(on) {
        return failed(Failure::AuthorityNotValid);
    }
    Check::Passed
}

#[cfg(test)]
#[path = "passive_tests.rs"]
mod tests;
