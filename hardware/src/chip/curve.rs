//! The elliptic curves of chips, behind one type that speaks bytes: points uncompressed as in SEC 1, scalars big-endian of the field's length.

use elliptic_curve::group::Group;
use elliptic_curve::ops::Reduce;
use elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use elliptic_curve::{
    AffinePoint, CurveArithmetic, FieldBytes, FieldBytesSize, NonZeroScalar, PrimeField, ProjectivePoint, Scalar,
};
use zeroize::Zeroizing;

use super::cipher::Key;
pub use super::lds::curve::Curve;
use super::random::{NoRandomness, Randomness, draw};

/// Calls a function that is generic over the curve.
macro_rules! on_curve {
    ($curve:expr, $function:ident ( $($argument:expr),* )) => {
        match $curve {
            Curve::P256 => $function::<p256::NistP256>($($argument),*),
            Curve::BrainpoolP256r1 => $function::<bp256::BrainpoolP256r1>($($argument),*),
            Curve::P384 => $function::<p384::NistP384>($($argument),*),
            Curve::BrainpoolP384r1 => $function::<bp384::BrainpoolP384r1>($($argument),*),
            Curve::P521 => $function::<p521::NistP521>($($argument),*),
        }
    };
}

/// The numbers of the standardised domain parameters (Doc 9303 part 11, table 4).
const NUMBERS: [(Curve, u8); 5] = [
    (Curve::P256, 12),
    (Curve::BrainpoolP256r1, 13),
    (Curve::P384, 15),
    (Curve::BrainpoolP384r1, 16),
    (Curve::P521, 18),
];

/// The computations; what a curve is called stands in [`super::lds::curve`].
impl Curve {
    /// The curve of these standardised domain parameters.
    #[must_use]
    pub fn from_parameter_id(id: u8) -> Option<Self> {
        NUMBERS.iter().find(|(_, number)| *number == id).map(|(curve, _)| *curve)
    }

    /// The number of its standardised domain parameters.
    #[must_use]
    pub fn parameter_id(self) -> u8 {
        NUMBERS.iter().find(|(curve, _)| *curve == self).map_or(0, |(_, number)| *number)
    }

    /// A secret scalar, drawn evenly: a number that is no scalar of the curve is drawn again.
    ///
    /// # Errors
    /// [`NoRandomness`], also of a source that gives nothing but unusable numbers.
    pub fn secret(self, random: &mut dyn Randomness) -> Result<Key, NoRandomness> {
        for _ in 0..100 {
            let mut bytes = draw(random, self.bytes())?;
            if self == Self::P521 {
                bytes[0] &= 0x01;
            }
            if on_curve!(self, is_secret(&bytes)) {
                return Ok(bytes);
            }
        }
        Err(NoRandomness)
    }

    /// The curve's own generator.
    #[must_use]
    pub fn generator(self) -> Vec<u8> {
        on_curve!(self, generator_of())
    }

    /// A point times a secret; none when the point is not on the curve or the result is no point that may be used.
    #[must_use]
    pub fn multiply(self, point: &[u8], secret: &[u8]) -> Option<Vec<u8>> {
        on_curve!(self, multiply_on(point, secret))
    }

    /// The first coordinate of a product: what a key agreement shares.
    #[must_use]
    pub fn agree(self, point: &[u8], secret: &[u8]) -> Option<Key> {
        let shared = Zeroizing::new(self.multiply(point, secret)?);
        Some(Zeroizing::new(shared.get(1..=self.bytes())?.to_vec()))
    }

    /// The generic mapping of PACE: `nonce` times the generator, plus a shared point.
    #[must_use]
    pub fn mapped(self, nonce: &[u8], shared: &[u8]) -> Option<Vec<u8>> {
        on_curve!(self, map_on(nonce, shared))
    }

    /// Whether an ECDSA signature (both numbers, one after the other) of a hash is right for a public key.
    #[must_use]
    pub fn verifies(self, public: &[u8], hash: &[u8], signature: &[u8]) -> bool {
        // A hash shorter than the field is the same number with zeros before it.
        let mut number = vec![0; self.bytes().saturating_sub(hash.len())];
        number.extend_from_slice(hash);
        on_curve!(self, verify_on(public, &number, signature)).is_some()
    }

    /// An ECDSA signature of a hash, both numbers one after the other; the card's side.
    ///
    /// # Errors
    /// [`NoRandomness`], also for a key that is none.
    pub fn sign(self, secret: &[u8], hash: &[u8], random: &mut dyn Randomness) -> Result<Vec<u8>, NoRandomness> {
        let once = self.secret(random)?;
        let mut number = vec![0; self.bytes().saturating_sub(hash.len())];
        number.extend_from_slice(hash);
        on_curve!(self, sign_on(secret, &once, &number)).ok_or(NoRandomness)
    }
}

fn secret_on<C: CurveArithmetic>(bytes: &[u8]) -> Option<NonZeroScalar<C>> {
    let repr = FieldBytes::<C>::try_from(bytes).ok()?;
    Option::from(Scalar::<C>::from_repr(repr)).and_then(|scalar| Option::from(NonZeroScalar::<C>::new(scalar)))
}

fn is_secret<C: CurveArithmetic>(bytes: &[u8]) -> bool {
    secret_on::<C>(bytes).is_some()
}

fn point_on<C>(bytes: &[u8]) -> Option<ProjectivePoint<C>>
where
    C: CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    // Decoding refuses what is not on the curve; the curves have cofactor one, so that every other point is of the right order.
    AffinePoint::<C>::from_sec1_bytes(bytes).ok().map(ProjectivePoint::<C>::from)
}

fn encode<C>(point: ProjectivePoint<C>) -> Option<Vec<u8>>
where
    C: CurveArithmetic,
    AffinePoint<C>: ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    if bool::from(point.is_identity()) {
        return None;
    }
    let affine: AffinePoint<C> = point.into();
    Some(affine.to_sec1_point(false).as_bytes().to_vec())
}

fn generator_of<C>() -> Vec<u8>
where
    C: CurveArithmetic,
    AffinePoint<C>: ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    encode::<C>(ProjectivePoint::<C>::generator()).unwrap_or_default()
}

fn multiply_on<C>(point: &[u8], secret: &[u8]) -> Option<Vec<u8>>
where
    C: CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    encode::<C>(point_on::<C>(point)? * *secret_on::<C>(secret)?)
}

fn map_on<C>(nonce: &[u8], shared: &[u8]) -> Option<Vec<u8>>
where
    C: CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let mut wide = Zeroizing::new(FieldBytes::<C>::default());
    let start = wide.len().checked_sub(nonce.len())?;
    wide[start..].copy_from_slice(nonce);
    let scalar = <Scalar<C> as Reduce<FieldBytes<C>>>::reduce(&wide);
    encode::<C>(ProjectivePoint::<C>::generator() * scalar + point_on::<C>(shared)?)
}

fn verify_on<C>(public: &[u8], hash: &[u8], signature: &[u8]) -> Option<()>
where
    C: CurveArithmetic + ecdsa::EcdsaCurve,
    AffinePoint<C>: FromSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
    ecdsa::SignatureSize<C>: elliptic_curve::array::ArraySize,
{
    let signature = ecdsa::Signature::<C>::from_slice(signature).ok()?;
    ecdsa::hazmat::verify_prehashed::<C>(&point_on::<C>(public)?, hash, &signature).ok()
}

fn sign_on<C>(secret: &[u8], once: &[u8], hash: &[u8]) -> Option<Vec<u8>>
where
    C: CurveArithmetic + ecdsa::EcdsaCurve,
    ecdsa::SignatureSize<C>: elliptic_curve::array::ArraySize,
{
    let (secret, once) = (secret_on::<C>(secret)?, secret_on::<C>(once)?);
    let (signature, _) = ecdsa::hazmat::sign_prehashed::<C>(&secret, &once, hash).ok()?;
    Some(signature.to_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chip::random::SystemRandomness;
    use proptest::prelude::*;

    #[test]
    fn both_sides_agree_and_signatures_verify_on_every_curve() {
        for curve in Curve::ALL {
            assert_eq!(Curve::from_parameter_id(curve.parameter_id()), Some(curve));
            let random = &mut SystemRandomness;
            let (ours, theirs) = (curve.secret(random).unwrap(), curve.secret(random).unwrap());
            let public = |secret: &[u8]| curve.multiply(&curve.generator(), secret).unwrap();
            assert_eq!(curve.agree(&public(&ours), &theirs).unwrap(), curve.agree(&public(&theirs), &ours).unwrap());
            for hash in [vec![7; 20], vec![7; 32], vec![7; 64]] {
                let signature = curve.sign(&ours, &hash, random).unwrap();
                assert!(curve.verifies(&public(&ours), &hash, &signature), "{curve:?}");
                assert!(!curve.verifies(&public(&theirs), &hash, &signature));
                assert!(!curve.verifies(&public(&ours), &[8; 20], &signature));
            }
        }
    }

    #[test]
    fn a_point_off_the_curve_is_refused() {
        for curve in Curve::ALL {
            let mut point = curve.generator();
            *point.last_mut().unwrap() ^= 1;
            let secret = curve.secret(&mut SystemRandomness).unwrap();
            assert_eq!(curve.multiply(&point, &secret), None);
            assert_eq!(curve.multiply(&[0], &secret), None, "the point at infinity");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_borne(bytes in proptest::collection::vec(any::<u8>(), 0..140), curve in prop::sample::select(Curve::ALL.to_vec())) {
            prop_assert!(!curve.verifies(&bytes, &bytes, &bytes));
            prop_assert!(curve.mapped(&bytes, &bytes).is_none());
        }
    }
}
