//! The two families of ciphers that chips use, each with its message authentication and its derivation of keys (Doc 9303 part 11, 9.7 and 9.8).

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use cmac::{Cmac, KeyInit};
use des::cipher::{BlockCipherDecrypt, BlockCipherEncrypt};
use des::{Des, TdesEde2};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// A message authentication code, cut to eight bytes as everywhere in Doc 9303.
pub type Mac = [u8; 8];

/// A key, wiped when it is dropped.
pub type Key = Zeroizing<Vec<u8>>;

/// What a derived key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To encrypt.
    Encryption = 1,
    /// To authenticate.
    Authentication = 2,
    /// A password's key, with which PACE hides its nonce.
    Password = 3,
}

/// A cipher with its message authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cipher {
    /// Two-key triple DES and the retail MAC.
    TripleDes,
    /// AES of 128 bits, CMAC.
    Aes128,
    /// AES of 192 bits, CMAC.
    Aes192,
    /// AES of 256 bits, CMAC.
    Aes256,
}

impl Cipher {
    /// Bytes of a key.
    #[must_use]
    pub const fn key_bytes(self) -> usize {
        match self {
            Self::TripleDes | Self::Aes128 => 16,
            Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }

    /// Bytes of a block.
    #[must_use]
    pub const fn block_bytes(self) -> usize {
        match self {
            Self::TripleDes => 8,
            _ => 16,
        }
    }

    /// A key from a secret.
    #[must_use]
    pub fn derive(self, secret: &[u8], purpose: Purpose) -> Key {
        let counter = (purpose as u32).to_be_bytes();
        let mut hash = Zeroizing::new(match self {
            Self::TripleDes | Self::Aes128 => {
                Sha1::new().chain_update(secret).chain_update(counter).finalize().to_vec()
            }
            Self::Aes192 | Self::Aes256 => Sha256::new().chain_update(secret).chain_update(counter).finalize().to_vec(),
        });
        hash.truncate(self.key_bytes());
        if self == Self::TripleDes {
            hash.iter_mut().for_each(|byte| *byte = odd_parity(*byte));
        }
        hash
    }

    /// Encrypts whole blocks in CBC mode; none when key, vector or data have not the lengths that they must have.
    #[must_use]
    pub fn encrypt(self, key: &[u8], vector: &[u8], data: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::TripleDes => encrypt_with::<cbc::Encryptor<TdesEde2>>(key, vector, data),
            Self::Aes128 => encrypt_with::<cbc::Encryptor<Aes128>>(key, vector, data),
            Self::Aes192 => encrypt_with::<cbc::Encryptor<Aes192>>(key, vector, data),
            Self::Aes256 => encrypt_with::<cbc::Encryptor<Aes256>>(key, vector, data),
        }
    }

    /// Decrypts whole blocks in CBC mode; none as in [`Cipher::encrypt`].
    #[must_use]
    pub fn decrypt(self, key: &[u8], vector: &[u8], data: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::TripleDes => decrypt_with::<cbc::Decryptor<TdesEde2>>(key, vector, data),
            Self::Aes128 => decrypt_with::<cbc::Decryptor<Aes128>>(key, vector, data),
            Self::Aes192 => decrypt_with::<cbc::Decryptor<Aes192>>(key, vector, data),
            Self::Aes256 => decrypt_with::<cbc::Decryptor<Aes256>>(key, vector, data),
        }
    }

    /// The MAC of a message, which is padded already where the protocol pads; none when a retail MAC's message is no whole blocks.
    #[must_use]
    pub fn mac(self, key: &[u8], message: &[u8]) -> Option<Mac> {
        match self {
            Self::TripleDes => retail_mac(key, message),
            Self::Aes128 => cmac_with::<Cmac<Aes128>>(key, message),
            Self::Aes192 => cmac_with::<Cmac<Aes192>>(key, message),
            Self::Aes256 => cmac_with::<Cmac<Aes256>>(key, message),
        }
    }
}

/// Padding method 2 of ISO/IEC 9797-1: 80, then as many 00 as fill the block.
#[must_use]
pub fn pad(data: &[u8], block_bytes: usize) -> Vec<u8> {
    let mut padded = data.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(block_bytes), 0);
    padded
}

/// Takes the padding off; none when there is none.
#[must_use]
pub fn unpad(data: &[u8]) -> Option<&[u8]> {
    let end = data.iter().rposition(|byte| *byte != 0)?;
    (data[end] == 0x80).then(|| &data[..end])
}

/// DES keys have odd parity in each byte.
fn odd_parity(byte: u8) -> u8 {
    let upper = byte & 0xFE;
    upper | u8::from(upper.count_ones().is_multiple_of(2))
}

fn encrypt_with<M: BlockModeEncrypt + KeyIvInit>(key: &[u8], vector: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let mode = M::new_from_slices(key, vector).ok()?;
    let mut out = data.to_vec();
    mode.encrypt_padded::<NoPadding>(&mut out, data.len()).ok()?;
    Some(out)
}

fn decrypt_with<M: BlockModeDecrypt + KeyIvInit>(key: &[u8], vector: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let mode = M::new_from_slices(key, vector).ok()?;
    let mut out = data.to_vec();
    mode.decrypt_padded::<NoPadding>(&mut out).ok()?;
    Some(out)
}

fn cmac_with<M: cmac::Mac + KeyInit>(key: &[u8], message: &[u8]) -> Option<Mac> {
    let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
    mac.update(message);
    mac.finalize().into_bytes().first_chunk().copied()
}

/// MAC algorithm 3 of ISO/IEC 9797-1: DES-CBC with the first half of the key, the last block through the second half and back.
fn retail_mac(key: &[u8], message: &[u8]) -> Option<Mac> {
    let (first, second) = key.split_at_checked(8)?;
    let (first, second) = (Des::new_from_slice(first).ok()?, Des::new_from_slice(second).ok()?);
    let (blocks, rest) = message.as_chunks::<8>();
    if !rest.is_empty() {
        return None;
    }
    let mut state = [0_u8; 8];
    for block in blocks {
        state.iter_mut().zip(block).for_each(|(state, byte)| *state ^= byte);
        first.encrypt_block((&mut state).into());
    }
    second.decrypt_block((&mut state).into());
    first.encrypt_block((&mut state).into());
    Some(state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Cipher; 4] = [Cipher::TripleDes, Cipher::Aes128, Cipher::Aes192, Cipher::Aes256];

    #[test]
    fn lengths_that_cannot_be_are_refused() {
        for cipher in ALL {
            let (key, vector) = (vec![1; cipher.key_bytes()], vec![0; cipher.block_bytes()]);
            assert!(cipher.encrypt(&key[1..], &vector, &[]).is_none());
            assert!(cipher.encrypt(&key, &vector[1..], &[]).is_none());
            assert!(cipher.encrypt(&key, &vector, &[0; 7]).is_none());
            assert!(cipher.decrypt(&key, &vector, &[0; 7]).is_none());
            assert!(cipher.mac(&key[1..], &[]).is_none());
        }
    }

    proptest! {
        #[test]
        fn what_is_encrypted_is_decrypted(data in proptest::collection::vec(any::<u8>(), 0..200), secret: [u8; 16], cipher in prop::sample::select(&ALL[..])) {
            let key = cipher.derive(&secret, Purpose::Encryption);
            let vector = vec![0; cipher.block_bytes()];
            let padded = pad(&data, cipher.block_bytes());
            let hidden = cipher.encrypt(&key, &vector, &padded).unwrap();
            prop_assert_ne!(&hidden, &padded);
            let shown = cipher.decrypt(&key, &vector, &hidden).unwrap();
            prop_assert_eq!(unpad(&shown), Some(&data[..]));
        }
    }
}
