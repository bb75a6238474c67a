//! What a chip says that it can (Doc 9303 part 11, 9.2): the SecurityInfos of EF.CardAccess and DG14. Real chips write their sets in any order, with
//! lengths longer than need be and entries of their own; all that is skipped, and nothing else of the file is lost by it.

use super::cipher::Cipher;
use super::curve::Curve;
use super::lds::key::PublicKey;
use super::tlv;

const SEQUENCE: u32 = 0x30;
const SET: u32 = 0x31;
const INTEGER: u32 = 0x02;
const BIT_STRING: u32 = 0x03;
const OID: u32 = 0x06;
const DG14: u32 = 0x6E;

/// 0.4.0.127.0.7.2.2.4: PACE.
const PACE: &[u8] = &[0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x04];
/// 0.4.0.127.0.7.2.2.3.2: chip authentication by ECDH.
const CHIP_AUTHENTICATION: &[u8] = &[0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x03, 0x02];
/// 0.4.0.127.0.7.2.2.1.2: a public key for it.
const CHIP_KEY: &[u8] = &[0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x01, 0x02];
/// 2.23.136.1.1.5: active authentication by ECDSA.
const ACTIVE_AUTHENTICATION: &[u8] = &[0x67, 0x81, 0x08, 0x01, 0x01, 0x05];
/// 0.4.0.127.0.7.1.1.4.1: ECDSA in its plain form; the last number says the hash.
const PLAIN_ECDSA: &[u8] = &[0x04, 0x00, 0x7F, 0x00, 0x07, 0x01, 0x01, 0x04, 0x01];

/// How PACE carries the nonce over to a generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mapping {
    /// By a key agreement.
    Generic,
    /// By a key agreement, with the chip's own key proved along the way. To a reader that does not ask for the proof it is the generic mapping.
    ChipAuthentication,
}

/// A way of PACE that a chip offers and this reader knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaceInfo {
    /// Its object identifier's bytes.
    pub oid: Vec<u8>,
    /// How the nonce is mapped.
    pub mapping: Mapping,
    /// The cipher.
    pub cipher: Cipher,
    /// The curve.
    pub curve: Curve,
}

/// A key by which a chip proves that it is itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChipKeyInfo {
    /// The object identifier of the protocol that goes with it.
    pub oid: Vec<u8>,
    /// The cipher of the session that follows.
    pub cipher: Cipher,
    /// The curve.
    pub curve: Curve,
    /// The public key, uncompressed.
    pub public: Vec<u8>,
    /// Which of several keys it is.
    pub id: Option<Vec<u8>>,
}

/// All that is understood of a chip's SecurityInfos.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecurityInfos {
    /// Ways of PACE, the strongest cipher first.
    pub pace: Vec<PaceInfo>,
    /// Whether PACE is offered in ways that this reader does not know.
    pub foreign_pace: bool,
    /// Keys of chip authentication, with protocols that go with them.
    pub chip_keys: Vec<ChipKeyInfo>,
    /// Bytes of the hash of active authentication by ECDSA, where the chip says it.
    pub active_hash_bytes: Option<usize>,
}

impl SecurityInfos {
    /// Reads EF.CardAccess, or DG14 with or without its tag; none when the bytes are no set of SecurityInfos at all.
    #[must_use]
    pub fn parse(file: &[u8]) -> Option<Self> {
        let set = tlv::value(tlv::value(file, DG14).unwrap_or(file), SET)?;
        let entries: Vec<Entry<'_>> = tlv::all(set)?.into_iter().filter_map(Entry::parse).collect();
        let mut infos = Self {
            pace: entries.iter().filter_map(Entry::pace).collect(),
            chip_keys: chip_keys(&entries),
            active_hash_bytes: entries.iter().find_map(Entry::active_hash_bytes),
            ..Self::default()
        };
        infos.foreign_pace = infos.pace.is_empty() && entries.iter().any(|entry| entry.oid.starts_with(PACE));
        infos.pace.sort_by_key(|info| {
            std::cmp::Reverse(info.cipher.key_bytes() * usize::from(info.cipher != Cipher::TripleDes))
        });
        Some(infos)
    }
}

/// An entry: what it is, and what stands after that.
struct Entry<'a> {
    oid: &'a [u8],
    rest: Vec<tlv::Tlv<'a>>,
}

impl<'a> Entry<'a> {
    fn parse(object: tlv::Tlv<'a>) -> Option<Self> {
        if object.tag != SEQUENCE {
            return None;
        }
        let mut rest = tlv::all(object.value)?;
        if rest.first()?.tag != OID {
            return None;
        }
        let oid = rest.remove(0).value;
        Some(Self { oid, rest })
    }

    fn integer(&self, at: usize) -> Option<&'a [u8]> {
        self.rest.get(at).filter(|object| object.tag == INTEGER).map(|object| object.value)
    }

    /// PACEInfo: version and the number of standardised domain parameters.
    fn pace(&self) -> Option<PaceInfo> {
        let [mapping, cipher] = *self.oid.strip_prefix(PACE)? else { return None };
        let mapping = match mapping {
            2 => Mapping::Generic,
            6 => Mapping::ChipAuthentication,
            _ => return None,
        };
        let [curve] = *self.integer(1)? else { return None };
        let curve = Curve::from_parameter_id(curve)?;
        Some(PaceInfo { oid: self.oid.to_vec(), mapping, cipher: cipher_numbered(cipher)?, curve })
    }

    /// ChipAuthenticationInfo: the cipher, and which key goes with it.
    fn chip_protocol(&self) -> Option<(Cipher, Option<&'a [u8]>)> {
        let [cipher] = *self.oid.strip_prefix(CHIP_AUTHENTICATION)? else { return None };
        Some((cipher_numbered(cipher)?, self.integer(1)))
    }

    /// ChipAuthenticationPublicKeyInfo: a key, and which it is.
    fn chip_key(&self) -> Option<((Curve, Vec<u8>), Option<&'a [u8]>)> {
        if self.oid != CHIP_KEY {
            return None;
        }
        let key = self.rest.first().filter(|object| object.tag == SEQUENCE)?;
        Some((elliptic_key(key.value)?, self.integer(1)))
    }

    /// ActiveAuthenticationInfo: the hash of its signature's algorithm.
    fn active_hash_bytes(&self) -> Option<usize> {
        if self.oid != ACTIVE_AUTHENTICATION {
            return None;
        }
        let [hash] = *self.rest.get(1)?.value.strip_prefix(PLAIN_ECDSA)? else { return None };
        [20, 28, 32, 48, 64].get(usize::from(hash).checked_sub(1)?).copied()
    }
}

/// Each protocol with the key that it names, or the only one.
fn chip_keys(entries: &[Entry<'_>]) -> Vec<ChipKeyInfo> {
    let keys: Vec<_> = entries.iter().filter_map(Entry::chip_key).collect();
    let protocols: Vec<_> = entries.iter().filter_map(|entry| Some((entry.oid, entry.chip_protocol()?))).collect();
    let mut found = Vec::new();
    for ((curve, public), id) in &keys {
        let goes = protocols.iter().find(|(_, (_, named))| named == id || keys.len() == 1);
        if let Some((oid, (cipher, _))) = goes {
            let id = id.map(<[u8]>::to_vec);
            let (curve, public) = (*curve, public.clone());
            found.push(ChipKeyInfo { oid: oid.to_vec(), cipher: *cipher, curve, public, id });
        }
    }
    found
}

fn cipher_numbered(number: u8) -> Option<Cipher> {
    [Cipher::TripleDes, Cipher::Aes128, Cipher::Aes192, Cipher::Aes256]
        .get(usize::from(number).checked_sub(1)?)
        .copied()
}

/// Standardised domain parameters, named by number (BSI TR-03110 part 3, A.2.1.1).
const STANDARDISED: &[u8] = &[0x04, 0x00, 0x7F, 0x00, 0x07, 0x01, 0x02];

/// The curve and the point of a SubjectPublicKeyInfo whose curve is named, numbered or spelled out; none for any other key.
fn elliptic_key(info: &[u8]) -> Option<(Curve, Vec<u8>)> {
    let key = numbered_key(info).or_else(|| match PublicKey::parse(&tlv::write(SEQUENCE, info)) {
        Ok(PublicKey::Ec { curve, point }) => Some((curve, point)),
        _ => None,
    });
    key.filter(|(curve, point)| point.len() == 1 + 2 * curve.bytes() && point.first() == Some(&0x04))
}

fn numbered_key(info: &[u8]) -> Option<(Curve, Vec<u8>)> {
    let (algorithm, rest) = tlv::first(info)?;
    let [kind, number, ..] = tlv::all(algorithm.value)?[..] else { return None };
    let [id] = *number.value else { return None };
    if (kind.tag, kind.value) != (OID, STANDARDISED) {
        return None;
    }
    let point = tlv::value(rest, BIT_STRING)?.strip_prefix(&[0])?.to_vec();
    Some((Curve::from_parameter_id(id)?, point))
}

/// DG14 of a chip that proves itself by this key, with this cipher for the session that follows; the card's side.
#[must_use]
pub fn write_dg14(cipher: Cipher, curve: Curve, public: &[u8]) -> Vec<u8> {
    let number = 1 + [Cipher::TripleDes, Cipher::Aes128, Cipher::Aes192, Cipher::Aes256]
        .iter()
        .position(|one| *one == cipher)
        .unwrap_or(0);
    let protocol = [CHIP_AUTHENTICATION, &[number as u8]].concat();
    let algorithm = [tlv::write(OID, STANDARDISED), tlv::write(INTEGER, &[curve.parameter_id()])].concat();
    let point = [&[0], public].concat();
    let key = [tlv::write(SEQUENCE, &algorithm), tlv::write(BIT_STRING, &point)].concat();
    let entries = [
        tlv::write(SEQUENCE, &[tlv::write(OID, CHIP_KEY), tlv::write(SEQUENCE, &key)].concat()),
        tlv::write(SEQUENCE, &[tlv::write(OID, &protocol), tlv::write(INTEGER, &[1])].concat()),
    ];
    tlv::write(DG14, &tlv::write(SET, &entries.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chip::testing::hex;
    use proptest::prelude::*;

    /// EF.CardAccess of appendix G.1.
    const WORKED: &str = "31143012060A04007F0007020204020202010202010D";

    #[test]
    fn the_worked_example_names_pace() {
        let infos = SecurityInfos::parse(&hex(WORKED)).unwrap();
        let oid = hex("04007F00070202040202");
        let (mapping, cipher, curve) = (Mapping::Generic, Cipher::Aes128, Curve::BrainpoolP256r1);
        assert_eq!(infos.pace, [PaceInfo { oid, mapping, cipher, curve }]);
    }

    #[test]
    fn order_foreign_entries_and_long_lengths_do_not_matter() {
        let aes256 = "3012060A04007F0007020204020402010202010C";
        let foreign = "300D06082A864886F70D0101020101";
        let worked = "30820012060A04007F0007020204020202010202010D";
        let entries = hex(&format!("{foreign}{worked}{aes256}"));
        let infos = SecurityInfos::parse(&tlv::write(SET, &entries)).unwrap();
        assert_eq!(infos.pace.iter().map(|info| info.cipher).collect::<Vec<_>>(), [Cipher::Aes256, Cipher::Aes128]);
        assert!(!infos.foreign_pace);
    }

    #[test]
    fn pace_in_an_unknown_way_is_told() {
        // id-PACE-DH-GM-3DES-CBC-CBC.
        let infos = SecurityInfos::parse(&hex("31143012060A04007F00070202040101020102020100")).unwrap();
        assert!(infos.pace.is_empty() && infos.foreign_pace);
    }

    #[test]
    fn a_chips_key_is_read_with_its_curve_named_or_numbered() {
        for curve in Curve::ALL {
            let point = curve.generator();
            let dg14 = write_dg14(Cipher::Aes256, curve, &point);
            let [key] = &SecurityInfos::parse(&dg14).unwrap().chip_keys[..] else { panic!("one key") };
            assert_eq!((key.curve, key.cipher, &key.public, &key.id), (curve, Cipher::Aes256, &point, &None));
            let named = PublicKey::Ec { curve, point: point.clone() }.write();
            assert_eq!(elliptic_key(tlv::value(&named, SEQUENCE).unwrap()), Some((curve, point)));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_borne(bytes in proptest::collection::vec(any::<u8>(), 0..80), at: prop::sample::Index) {
            let mut worked = hex(WORKED);
            let at = at.index(worked.len());
            worked.splice(at..at, bytes.iter().copied());
            for file in [bytes, worked] {
                let infos = SecurityInfos::parse(&file).unwrap_or_default();
                prop_assert!(infos.pace.len() <= file.len());
                prop_assert!(elliptic_key(&file).is_none());
            }
        }
    }
}
