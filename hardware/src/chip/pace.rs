//! PACE with the generic mapping over elliptic curves (Doc 9303 part 11, 4.4): a short password opens a strong session. Pure; both sides call it.

use super::cipher::{Cipher, Key, Mac, Purpose, pad};
use super::curve::Curve;
use super::key::ChipKey;
use super::random::{NoRandomness, Randomness};
use super::secure_messaging::SecureMessaging;
use super::security_infos::PaceInfo;
use super::tlv;

/// The nonces that may be: one block, or two where a key is longer than a block.
const NONCE_BYTES: [usize; 2] = [16, 32];

/// Uncovers the nonce that the card hid with the password; with a wrong password it becomes another. None when it is no nonce at all.
#[must_use]
pub fn uncover(cipher: Cipher, key: &ChipKey, hidden: &[u8]) -> Option<Key> {
    if !NONCE_BYTES.contains(&hidden.len()) {
        return None;
    }
    let password = cipher.derive(&key.password(), Purpose::Password);
    cipher.decrypt(&password, &vec![0; cipher.block_bytes()], hidden).map(Key::new)
}

/// Hides a nonce with the password, as the card does.
#[must_use]
pub fn hide(cipher: Cipher, key: &ChipKey, nonce: &[u8]) -> Option<Vec<u8>> {
    let password = cipher.derive(&key.password(), Purpose::Password);
    cipher.encrypt(&password, &vec![0; cipher.block_bytes()], nonce)
}

/// A key pair for once.
pub struct KeyPair {
    curve: Curve,
    secret: Key,
    /// The public point.
    pub public: Vec<u8>,
}

impl KeyPair {
    /// Draws a pair over a generator.
    ///
    /// # Errors
    /// [`NoRandomness`], also when the generator is none.
    pub fn draw(curve: Curve, generator: &[u8], random: &mut dyn Randomness) -> Result<Self, NoRandomness> {
        let secret = curve.secret(random)?;
        let public = curve.multiply(generator, &secret).ok_or(NoRandomness)?;
        Ok(Self { curve, secret, public })
    }

    /// The generator of the second agreement, from the nonce and the other side's point of the first. None when the point is not on the curve, or
    /// is our own played back.
    #[must_use]
    pub fn mapped_generator(&self, nonce: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
        let shared = self.curve.multiply(self.foreign(theirs)?, &self.secret)?;
        self.curve.mapped(nonce, &shared)
    }

    /// The session from the second agreement. None as in [`KeyPair::mapped_generator`].
    #[must_use]
    pub fn session(&self, cipher: Cipher, theirs: &[u8]) -> Option<SecureMessaging> {
        let shared = self.curve.agree(self.foreign(theirs)?, &self.secret)?;
        Some(SecureMessaging::new(cipher, &shared, 0))
    }

    fn foreign<'a>(&self, theirs: &'a [u8]) -> Option<&'a [u8]> {
        (theirs != self.public).then_some(theirs)
    }
}

/// The token by which a side shows that it has the session's keys: the authentication of the other side's public point.
#[must_use]
pub fn token(session: &SecureMessaging, info: &PaceInfo, public: &[u8]) -> Option<Mac> {
    let key = [tlv::write(0x06, &info.oid), tlv::write(0x86, public)].concat();
    let mut message = tlv::write(0x7F49, &key);
    if session.cipher() == Cipher::TripleDes {
        message = pad(&message, Cipher::TripleDes.block_bytes());
    }
    session.cipher().mac(session.authentication_key(), &message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chip::key::MrzKey;
    use crate::chip::random::{Scripted, SystemRandomness};
    use crate::chip::security_infos::{Mapping, SecurityInfos};
    use crate::chip::testing::hex;

    fn scripted(text: &str) -> Scripted {
        Scripted(hex(text).into())
    }

    /// Appendix G.1 of Doc 9303 part 11: both sides, every value.
    #[test]
    fn the_worked_example_is_reproduced_to_the_bit() {
        let infos = SecurityInfos::parse(&hex("31143012060A04007F0007020204020202010202010D")).unwrap();
        let info = &infos.pace[0];
        let key = ChipKey::Mrz(MrzKey::new("T22000129", "640812", "101031").unwrap());
        let ChipKey::Mrz(mrz) = &key else { unreachable!() };
        assert_eq!(mrz.information(), b"T22000129364081251010318");
        let password = info.cipher.derive(&key.password(), Purpose::Password);
        assert_eq!(password[..], hex("89DED1B26624EC1E634C1989302849DD"));

        let nonce = hex("3F00C4D39D153F2B2A214A078D899B22");
        let hidden = hide(info.cipher, &key, &nonce).unwrap();
        assert_eq!(hidden, hex("95A3A016522EE98D01E76CB6B98B42C3"));
        assert_eq!(uncover(info.cipher, &key, &hidden).unwrap()[..], nonce);

        let generator = info.curve.generator();
        let mut ours = scripted("7F4EF07B9EA82FD78AD689B38D0BC78CF21F249D953BC46F4C6E19259C010F99");
        let mut theirs = scripted("498FF49756F2DC1587840041839A85982BE7761D14715FB091EFA7BCE9058560");
        let reader = KeyPair::draw(info.curve, &generator, &mut ours).unwrap();
        let card = KeyPair::draw(info.curve, &generator, &mut theirs).unwrap();
        assert_eq!(
            reader.public,
            hex(
                "047ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E544552DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D"
            )
        );
        assert_eq!(
            card.public,
            hex(
                "04824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F5730D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C54"
            )
        );

        let mapped = reader.mapped_generator(&nonce, &card.public).unwrap();
        assert_eq!(
            mapped,
            hex(
                "048CED63C91426D4F0EB1435E7CB1D74A46723A0AF21C89634F65A9AE87A9265E28C879506743F8611AC33645C5B985C80B5F09A0B83407C1B6A4D857AE76FE522"
            )
        );
        assert_eq!(card.mapped_generator(&nonce, &reader.public).unwrap(), mapped);

        let mut ours = scripted("A73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595");
        let mut theirs = scripted("107CF58696EF6155053340FD633392BA81909DF7B9706F226F32086C7AFF974A");
        let reader = KeyPair::draw(info.curve, &mapped, &mut ours).unwrap();
        let card = KeyPair::draw(info.curve, &mapped, &mut theirs).unwrap();
        assert_eq!(
            reader.public,
            hex(
                "042DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB36462"
            )
        );
        assert_eq!(
            card.public,
            hex(
                "049E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F094"
            )
        );

        let shared = info.curve.agree(&card.public, &reader.secret).unwrap();
        assert_eq!(shared[..], hex("28768D20701247DAE81804C9E780EDE582A9996DB4A315020B2733197DB84925"));
        let session = reader.session(info.cipher, &card.public).unwrap();
        let (encryption, authentication) =
            (hex("F5F0E35C0D7161EE6724EE513A0D9A7F"), hex("FE251C7858B356B24514B3BD5F4297D1"));
        assert_eq!(session.keys(), (&encryption[..], &authentication[..]));
        assert_eq!(token(&session, info, &card.public).unwrap()[..], hex("C2B0BD78D94BA866"));
        let session = card.session(info.cipher, &reader.public).unwrap();
        assert_eq!(token(&session, info, &reader.public).unwrap()[..], hex("3ABB9674BCE93C08"));
    }

    #[test]
    fn both_sides_agree_in_every_way_and_disagree_on_another_password() {
        let keys = ["123456", "123457"].map(|can| ChipKey::Can(crate::chip::key::Can::new(can).unwrap()));
        for curve in [12, 13, 15, 16, 18].map(|id| Curve::from_parameter_id(id).unwrap()) {
            for cipher in [Cipher::TripleDes, Cipher::Aes128, Cipher::Aes192, Cipher::Aes256] {
                let info = PaceInfo { oid: vec![1, 2], mapping: Mapping::Generic, cipher, curve };
                for (key, agrees) in keys.iter().zip([true, false]) {
                    let hidden = hide(cipher, &keys[0], &[9; 16]).unwrap();
                    let nonce = uncover(cipher, key, &hidden).unwrap();
                    let pair = |generator: &[u8]| KeyPair::draw(curve, generator, &mut SystemRandomness).unwrap();
                    let (ours, theirs) = (pair(&curve.generator()), pair(&curve.generator()));
                    assert!(ours.mapped_generator(&nonce, &ours.public).is_none(), "our own point played back");
                    let mapped = ours.mapped_generator(&nonce, &theirs.public).unwrap();
                    let of_card = theirs.mapped_generator(&[9; 16], &ours.public).unwrap();
                    assert_eq!(mapped == of_card, agrees);
                    let (ours, theirs) = (pair(&mapped), pair(&of_card));
                    let near = ours.session(cipher, &theirs.public).unwrap();
                    let far = theirs.session(cipher, &ours.public).unwrap();
                    assert_eq!(token(&near, &info, &theirs.public) == token(&far, &info, &theirs.public), agrees);
                }
            }
        }
    }
}
