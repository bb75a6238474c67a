//! What is on an emulated card: its files, its keys, and how it opens.

use std::collections::BTreeMap;

use super::issuer::stranger;
use super::pki::{MakingError, SigningKey};
use super::profile::CardProfile;
use crate::chip::active::{Hash, rsa_message};
use crate::chip::cipher::{Cipher, Key};
use crate::chip::curve::Curve;
use crate::chip::key::{Can, ChipKey, KeyError, MrzKey};
use crate::chip::random::{Randomness, SystemRandomness, draw};
use crate::chip::security_infos::{Mapping, PaceInfo, SecurityInfos, write_dg14};
use crate::chip::{files, tlv};

/// 0.4.0.127.0.7.2.2.4.2: PACE by ECDH with the generic mapping; the last number says the cipher.
const PACE_GENERIC: [u8; 9] = [0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x04, 0x02];

/// The key with which a card signs in active authentication.
#[derive(Clone)]
pub(super) enum ActiveSecret {
    /// RSA, ISO 9796-2.
    Rsa(Box<rsa::PrivateKey>),
    /// ECDSA.
    Elliptic(Curve, Key),
}

impl From<SigningKey> for ActiveSecret {
    fn from(key: SigningKey) -> Self {
        match key {
            SigningKey::P256(key) => Self::Elliptic(Curve::P256, Key::new(key.to_bytes().to_vec())),
            SigningKey::Brainpool(key) => Self::Elliptic(Curve::BrainpoolP256r1, Key::new(key.to_bytes().to_vec())),
            SigningKey::Rsa(key) => Self::Rsa(key),
        }
    }
}

impl ActiveSecret {
    /// The card's signature of a challenge.
    pub(super) fn sign(&self, challenge: &[u8], random: &mut dyn Randomness) -> Option<Vec<u8>> {
        match self {
            Self::Elliptic(curve, secret) => curve.sign(secret, &Hash::Sha256.of(challenge), random).ok(),
            Self::Rsa(key) => sign_rsa(key, challenge, random),
        }
    }
}

fn sign_rsa(key: &rsa::PrivateKey, challenge: &[u8], random: &mut dyn Randomness) -> Option<Vec<u8>> {
    use rsa::BoxedUint;
    use rsa::traits::PublicKeyParts;
    let mut own = |count| draw(random, count).map(|bytes| bytes.to_vec()).unwrap_or_default();
    let message = rsa_message(key.size(), &mut own, challenge, Hash::Sha256)?;
    let number = BoxedUint::from_be_slice(&message, key.n_bits_precision()).ok()?;
    // An emulated card keeps no secret that a timing could give away: no blinding.
    let signed = rsa::hazmat::rsa_decrypt::<rsa::rand_core::UnwrapErr<getrandom::SysRng>>(None, key, &number).ok()?;
    let bytes = signed.to_be_bytes();
    Some(bytes[bytes.len().checked_sub(key.size())?..].to_vec())
}

/// Everything on a card.
#[derive(Clone)]
pub struct CardContents {
    pub(super) can: Can,
    pub(super) mrz: MrzKey,
    /// Files by identifier, EF.CardAccess among them.
    pub(super) files: BTreeMap<u16, Vec<u8>>,
    /// Files that are there and cannot be read, such as the fingerprints.
    pub(super) protected: Vec<u16>,
    pub(super) pace: Vec<PaceInfo>,
    pub(super) bac: bool,
    pub(super) signing: Option<ActiveSecret>,
    /// The key of chip authentication; its public half stands in DG14.
    pub(super) chip: Option<(Curve, Key)>,
}

impl CardContents {
    /// A card with no files yet, which opens by PACE (AES-128, P-256) and by BAC.
    ///
    /// # Errors
    /// [`KeyError`] for numbers and dates that cannot be.
    pub fn new(can: &str, document: &str, birth: &str, expiry: &str) -> Result<Self, KeyError> {
        let contents = Self {
            can: Can::new(can)?,
            mrz: MrzKey::new(document, birth, expiry)?,
            files: BTreeMap::new(),
            protected: vec![0x0103],
            pace: Vec::new(),
            bac: true,
            signing: None,
            chip: None,
        };
        Ok(contents.with_pace(&[(Cipher::Aes128, Curve::P256)]))
    }

    /// Puts a file on the card.
    #[must_use]
    pub fn with_file(mut self, id: u16, bytes: Vec<u8>) -> Self {
        self.files.insert(id, bytes);
        self
    }

    /// The bytes of a file.
    #[must_use]
    pub fn file(&self, id: u16) -> Option<&[u8]> {
        self.files.get(&id).map(Vec::as_slice)
    }

    /// The ways of PACE that EF.CardAccess names, in DER order; with none there is no such file.
    #[must_use]
    pub fn with_pace(mut self, ways: &[(Cipher, Curve)]) -> Self {
        self.pace = ways.iter().map(|(cipher, curve)| pace_info(*cipher, *curve)).collect();
        let mut entries: Vec<Vec<u8>> = self.pace.iter().map(security_info).collect();
        entries.sort();
        self.files.insert(files::CARD_ACCESS, tlv::write(0x31, &entries.concat()));
        if ways.is_empty() {
            self.files.remove(&files::CARD_ACCESS);
        }
        self
    }

    /// Writes EF.CardAccess as some real cards do: an entry of another kind first, the set in no order, lengths longer than need be.
    #[must_use]
    pub fn with_unordered_card_access(mut self) -> Self {
        let foreign = tlv::write(
            0x30,
            &[tlv::write(0x06, &[0x67, 0x81, 0x08, 0x01, 0x01, 0x7F]), tlv::write(0x02, &[1])].concat(),
        );
        let mut entries: Vec<Vec<u8>> = self.pace.iter().map(security_info).chain([foreign]).collect();
        entries.sort();
        entries.reverse();
        let set = entries.concat();
        let length = (set.len() as u16).to_be_bytes();
        self.files.insert(files::CARD_ACCESS, [&[0x31, 0x82, length[0], length[1]], &set[..]].concat());
        self
    }

    /// Whether the card opens by BAC.
    #[must_use]
    pub fn with_bac(mut self, opens: BasicAccess) -> Self {
        self.bac = opens == BasicAccess::Offered;
        self
    }

    /// The key of active authentication.
    #[must_use]
    pub fn with_signing_key(mut self, key: SigningKey) -> Self {
        self.signing = Some(key.into());
        self
    }

    /// The secret of chip authentication.
    #[must_use]
    pub fn with_chip_key(mut self, curve: Curve, secret: Key) -> Self {
        self.chip = Some((curve, secret));
        self
    }

    /// The key that this password number of PACE means.
    pub(super) fn password(&self, reference: u8) -> Option<ChipKey> {
        match reference {
            1 => Some(ChipKey::Mrz(self.mrz.clone())),
            2 => Some(ChipKey::Can(self.can.clone())),
            _ => None,
        }
    }

    /// What DG14 says of the key of chip authentication.
    pub(super) fn chip_cipher(&self) -> Option<Cipher> {
        SecurityInfos::parse(self.files.get(&0x010E)?)?.chip_keys.first().map(|key| key.cipher)
    }
}

/// Whether a card opens by BAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BasicAccess {
    /// It does.
    Offered,
    /// It does not know the commands.
    Unknown,
}

fn pace_info(cipher: Cipher, curve: Curve) -> PaceInfo {
    let number = match cipher {
        Cipher::TripleDes => 1,
        Cipher::Aes128 => 2,
        Cipher::Aes192 => 3,
        Cipher::Aes256 => 4,
    };
    PaceInfo { oid: [&PACE_GENERIC[..], &[number]].concat(), mapping: Mapping::Generic, cipher, curve }
}

fn security_info(info: &PaceInfo) -> Vec<u8> {
    let numbers = [tlv::write(0x02, &[2]), tlv::write(0x02, &[info.curve.parameter_id()])].concat();
    tlv::write(0x30, &[tlv::write(0x06, &info.oid), numbers].concat())
}

/// What can be false about a card beyond its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActiveForgery {
    /// The key is the card's own.
    None,
    /// The chip was copied: it has the public key, and not the secret one.
    WrongKey,
}

impl CardContents {
    /// The chip of a person's card: every file, PACE and BAC, active and chip authentication.
    ///
    /// # Errors
    /// [`MakingError`] if it cannot be made.
    pub fn of_profile(profile: &CardProfile, active: ActiveForgery) -> Result<(Self, Vec<u8>), MakingError> {
        let curve = Curve::P256;
        let secret = curve.secret(&mut SystemRandomness).map_err(|_| MakingError::Signing)?;
        let public = curve.multiply(&curve.generator(), &secret).ok_or(MakingError::Signing)?;
        let card = profile.personalise(Some(write_dg14(Cipher::Aes128, curve, &public)))?;
        let mrz = &card.mrz;
        let contents = Self::new(&card.can, &mrz.document_number, &mrz.birth, &mrz.expiry);
        let mut contents = contents.map_err(|_| MakingError::Number)?.with_chip_key(curve, secret);
        for (file, bytes) in card.files {
            contents = contents.with_file(u16::from_be_bytes(file.identifier()), bytes);
        }
        if let Some(key) = card.active_key {
            let key = if active == ActiveForgery::WrongKey { stranger()? } else { key };
            contents = contents.with_signing_key(key);
        }
        Ok((contents, card.authority))
    }
}
