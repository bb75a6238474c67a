//! What is written on an emulated card: from a description of a person to the files of the chip.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use serde::Deserialize;

use super::issuer::{Issuer, IssuerKeys, SignerKind, stranger};
use super::pki::{self, MakingError, RsaPadding, SigningKey};
use crate::chip::lds::com::{self, Com};
use crate::chip::lds::dg2::{Face, FaceFormat};
use crate::chip::lds::dg13::{Dg13, Expiry};
use crate::chip::lds::digest::Digest;
use crate::chip::lds::mrz::{Mrz, MrzFormat, latin_name};
use crate::chip::lds::sod::SecurityObject;
use crate::chip::lds::{DataGroup, LdsFile, dg1, dg2, dg13, dg15};
use crate::scanner::{BirthDate, CardNumber, Sex};

/// The face's picture on the chip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FaceChoice {
    /// A JPEG.
    Jpeg,
    /// A JPEG 2000, as on the cards in the field.
    #[default]
    Jpeg2000,
}

/// The key of active authentication.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActiveKeyChoice {
    /// NIST P-256.
    #[default]
    P256,
    /// RSA, 2048 bits.
    Rsa,
    /// None: the card has no DG15.
    None,
}

/// What is false about a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Forgery {
    /// A group was changed after it was signed.
    Group {
        /// The group's number.
        group: u8,
    },
    /// EF.SOD was signed with another key than the document signer's.
    Signature,
    /// The document signer's certificate has expired.
    ExpiredSigner,
    /// The document signer's certificate is not from the authority.
    Stranger,
}

/// The description of a card. What is left out is that of an invented person. Dates are `YYYY-MM-DD`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CardProfile {
    /// The personal number, twelve digits.
    pub number: String,
    /// The name, with diacritics.
    pub name: String,
    /// The birth date.
    pub birth: Date,
    /// Whether the card says Nữ.
    pub female: bool,
    /// The nationality.
    pub nationality: String,
    /// The ethnicity.
    pub ethnicity: String,
    /// The religion.
    pub religion: String,
    /// The place of origin.
    pub origin: String,
    /// The place of permanent residence.
    pub residence: String,
    /// Distinguishing marks.
    pub marks: String,
    /// The issue date.
    pub issued: Date,
    /// The expiry date; none for a card without one.
    pub expiry: Option<Date>,
    /// The father's name.
    pub father: Option<String>,
    /// The mother's name.
    pub mother: Option<String>,
    /// The spouse's name.
    pub spouse: Option<String>,
    /// The number of the older card.
    pub old_number: Option<String>,
    /// The face's picture.
    pub face: FaceChoice,
    /// The key of active authentication.
    pub active_key: ActiveKeyChoice,
    /// The issuer's keys.
    pub issuer: IssuerKeys,
    /// What is false about it.
    pub forgery: Option<Forgery>,
}

impl Default for CardProfile {
    fn default() -> Self {
        let residence = "Số 1 Phố Mẫu, Hàng Trống, Hoàn Kiếm, Hà Nội";
        Self {
            number: "001199000123".to_owned(),
            name: "Nguyễn Thị Mẫu".to_owned(),
            birth: date(1999, 2, 15),
            female: true,
            nationality: "Việt Nam".to_owned(),
            ethnicity: "Kinh".to_owned(),
            religion: "Không".to_owned(),
            origin: "Hàng Trống, Hoàn Kiếm, Hà Nội".to_owned(),
            residence: residence.to_owned(),
            marks: "Nốt ruồi cách 1 cm dưới đuôi mắt trái".to_owned(),
            issued: date(2021, 5, 10),
            expiry: Some(date(2039, 2, 15)),
            father: Some("Nguyễn Văn Thử".to_owned()),
            mother: Some("Trần Thị Thí".to_owned()),
            spouse: None,
            old_number: Some("012345678".to_owned()),
            face: FaceChoice::default(),
            active_key: ActiveKeyChoice::default(),
            issuer: IssuerKeys::default(),
            forgery: None,
        }
    }
}

/// A card's chip: its files and its secrets.
pub struct PersonalisedCard {
    /// The files as they are read.
    pub files: BTreeMap<LdsFile, Vec<u8>>,
    /// The machine-readable zone, from which the keys of BAC are made.
    pub mrz: Mrz,
    /// The card access number: the last six digits of the personal number.
    pub can: String,
    /// The key of active authentication.
    pub active_key: Option<SigningKey>,
    /// The authority's certificate, DER: for the trust list of whoever is to believe the card.
    pub authority: Vec<u8>,
    /// The document signer's certificate, DER.
    pub signer: Vec<u8>,
}

impl CardProfile {
    /// Makes the card. DG14 tells how the chip can be spoken to, which the one who plays the chip knows; its whole file is handed in.
    ///
    /// # Errors
    /// [`MakingError`] if signing fails.
    pub fn personalise(&self, dg14: Option<Vec<u8>>) -> Result<PersonalisedCard, MakingError> {
        let kind = match self.forgery {
            Some(Forgery::ExpiredSigner) => SignerKind::Expired,
            Some(Forgery::Stranger) => SignerKind::Stranger,
            _ => SignerKind::Good,
        };
        let issuer = Issuer::new(self.issuer, kind)?;
        let active_key = self.active_key.read()?;
        let mut groups = self.groups(active_key.as_ref(), dg14)?;
        let sod = self.sign(&groups, &issuer)?;
        if let Some(group) = self.forged_group()
            && let Some(bytes) = groups.get_mut(&group)
        {
            *bytes = self.forged(group, bytes)?;
        }
        let com =
            Com { version: "0107".to_owned(), unicode: "040000".to_owned(), groups: groups.keys().copied().collect() };
        let mut files: BTreeMap<_, _> =
            groups.into_iter().map(|(group, bytes)| (LdsFile::Group(group), bytes)).collect();
        files.insert(LdsFile::Com, com::write(&com));
        files.insert(LdsFile::Sod, sod);
        let can = self.card_number()?.digits()[6..].to_owned();
        Ok(PersonalisedCard {
            files,
            mrz: self.mrz()?,
            can,
            active_key,
            authority: issuer.authority,
            signer: issuer.signer,
        })
    }

    fn groups(
        &self,
        active_key: Option<&SigningKey>,
        dg14: Option<Vec<u8>>,
    ) -> Result<BTreeMap<DataGroup, Vec<u8>>, MakingError> {
        let mut groups = BTreeMap::from([
            (DataGroup::DG1, dg1::write(&self.mrz()?)),
            (DataGroup::DG2, dg2::write(&self.face.read())),
            (DataGroup::DG13, dg13::write(&self.details()?)),
        ]);
        groups.extend(dg14.map(|bytes| (DataGroup::DG14, bytes)));
        groups.extend(active_key.map(|key| (DataGroup::DG15, dg15::write(&key.public()))));
        Ok(groups)
    }

    fn sign(&self, groups: &BTreeMap<DataGroup, Vec<u8>>, issuer: &Issuer) -> Result<Vec<u8>, MakingError> {
        let digest = Digest::Sha256;
        let hashes = groups.iter().map(|(group, bytes)| (*group, digest.hash(bytes))).collect();
        let object = SecurityObject { version: 0, digest, hashes };
        if self.forgery == Some(Forgery::Signature) {
            return pki::security_object(&object, &issuer.signer, &stranger()?, RsaPadding::Pkcs1);
        }
        pki::security_object(&object, &issuer.signer, &issuer.key, issuer.padding)
    }

    /// The machine-readable zone of the card.
    ///
    /// # Errors
    /// [`MakingError::Number`] for a number that has not twelve digits.
    pub fn mrz(&self) -> Result<Mrz, MakingError> {
        let number = self.card_number()?;
        let folded = latin_name(&self.name);
        let (surname, given_names) = folded.split_once(' ').unwrap_or((&folded, ""));
        let digits = |day: Date| day.strftime("%y%m%d").to_string();
        Ok(Mrz {
            format: MrzFormat::Td1,
            document_code: "ID".to_owned(),
            issuer: "VNM".to_owned(),
            document_number: number.digits()[3..].to_owned(),
            optional: number.digits().to_owned(),
            optional_2: String::new(),
            birth: digits(self.birth),
            sex: if self.female { 'F' } else { 'M' },
            expiry: self.expiry.map_or_else(|| "<<<<<<".to_owned(), digits),
            nationality: "VNM".to_owned(),
            surname: surname.to_owned(),
            given_names: given_names.to_owned(),
            wrong_checks: Vec::new(),
        })
    }

    /// The details of DG13.
    ///
    /// # Errors
    /// [`MakingError::Number`] for a number that has not twelve digits.
    pub fn details(&self) -> Result<Dg13, MakingError> {
        let text = |text: &str| Some(text.to_owned());
        Ok(Dg13 {
            number: Some(self.card_number()?),
            name: text(&self.name),
            birth: Some(BirthDate::Full { date: self.birth }),
            sex: Some(if self.female { Sex::Female } else { Sex::Male }),
            nationality: text(&self.nationality),
            ethnicity: text(&self.ethnicity),
            religion: text(&self.religion),
            origin: text(&self.origin),
            residence: text(&self.residence),
            marks: text(&self.marks),
            issued: Some(self.issued),
            expiry: Some(self.expiry.map_or(Expiry::Never, |date| Expiry::On { date })),
            father: self.father.clone(),
            mother: self.mother.clone(),
            spouse: self.spouse.clone(),
            old_number: self.old_number.clone(),
            item_16: text("0000000000000001"),
            other: Vec::new(),
        })
    }

    fn card_number(&self) -> Result<CardNumber, MakingError> {
        CardNumber::parse(&self.number).ok_or(MakingError::Number)
    }

    fn forged_group(&self) -> Option<DataGroup> {
        match self.forgery {
            Some(Forgery::Group { group }) => DataGroup::new(group),
            _ => None,
        }
    }

    /// What a forger would make of a group: another name, or else any other byte.
    fn forged(&self, group: DataGroup, bytes: &[u8]) -> Result<Vec<u8>, MakingError> {
        let other = Self { name: "Trần Văn Giả".to_owned(), ..self.clone() };
        match group {
            DataGroup::DG1 => Ok(dg1::write(&other.mrz()?)),
            DataGroup::DG13 => Ok(dg13::write(&other.details()?)),
            _ => {
                let mut bytes = bytes.to_vec();
                if let Some(last) = bytes.last_mut() {
                    *last ^= 1;
                }
                Ok(bytes)
            }
        }
    }
}

impl FaceChoice {
    fn read(self) -> Face {
        let (format, image) = match self {
            Self::Jpeg => (FaceFormat::Jpeg, include_bytes!("../../../../fixtures/chips/face.jpg").to_vec()),
            Self::Jpeg2000 => (FaceFormat::Jpeg2000, include_bytes!("../../../../fixtures/chips/face.jp2").to_vec()),
        };
        Face { format, width: 240, height: 320, image }
    }
}

impl ActiveKeyChoice {
    fn read(self) -> Result<Option<SigningKey>, MakingError> {
        let pem = match self {
            Self::P256 => include_str!("../../../../fixtures/chips/keys/active-p256.pem"),
            Self::Rsa => include_str!("../../../../fixtures/chips/keys/active-rsa.pem"),
            Self::None => return Ok(None),
        };
        SigningKey::from_pem(pem).map(Some)
    }
}

#[cfg(test)]
#[path = "profile_tests.rs"]
mod tests;
