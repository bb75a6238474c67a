//! EF.COM: the versions of the data structure, and which groups the chip says that it has. It is not signed; EF.SOD's list is.

use super::tlv;
use super::{DataGroup, LdsError, LdsFile, Part};

const TAG_VERSION: u32 = 0x5F01;
const TAG_UNICODE: u32 = 0x5F36;
const TAG_LIST: u32 = 0x5C;

/// What EF.COM says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Com {
    /// The version of the data structure, such as `0107`.
    pub version: String,
    /// The version of Unicode, such as `040000`.
    pub unicode: String,
    /// The groups, in the order of the list; tags of no group are left out.
    pub groups: Vec<DataGroup>,
}

/// Reads EF.COM.
///
/// # Errors
/// [`LdsError`] for bytes that are no such file.
pub fn parse(bytes: &[u8]) -> Result<Com, LdsError> {
    let mut fields = tlv::file(bytes, u32::from(LdsFile::Com.tag()))?.inside();
    let text = |value: &[u8]| String::from_utf8(value.to_vec()).map_err(|_| LdsError::Malformed(Part::Com));
    let version = text(fields.expect(TAG_VERSION)?.value)?;
    let unicode = text(fields.expect(TAG_UNICODE)?.value)?;
    let group = |tag: &u8| match LdsFile::of_tag(*tag) {
        Some(LdsFile::Group(group)) => Some(group),
        _ => None,
    };
    let groups = fields.expect(TAG_LIST)?.value.iter().filter_map(group).collect();
    Ok(Com { version, unicode, groups })
}

/// Writes EF.COM.
#[must_use]
pub fn write(com: &Com) -> Vec<u8> {
    let tags: Vec<u8> = com.groups.iter().map(|group| LdsFile::Group(*group).tag()).collect();
    tlv::write_all(
        u32::from(LdsFile::Com.tag()),
        &[
            &tlv::write(TAG_VERSION, com.version.as_bytes()),
            &tlv::write(TAG_UNICODE, com.unicode.as_bytes()),
            &tlv::write(TAG_LIST, &tags),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_list_of_groups_is_read_and_written() {
        let bytes = [0x60, 0x17, 0x5F, 0x01, 0x04, 0x30, 0x31, 0x30, 0x37, 0x5F, 0x36, 0x06, 0x30, 0x34]
            .into_iter()
            .chain([0x30, 0x30, 0x30, 0x30, 0x5C, 0x05, 0x61, 0x75, 0x6D, 0x6E, 0x6F])
            .collect::<Vec<u8>>();
        let com = parse(&bytes).unwrap();
        assert_eq!((com.version.as_str(), com.unicode.as_str()), ("0107", "040000"));
        assert_eq!(com.groups.iter().map(|group| group.number()).collect::<Vec<_>>(), [1, 2, 13, 14, 15]);
        assert_eq!(write(&com), bytes);
        for end in 0..bytes.len() {
            assert_eq!(parse(&bytes[..end]), Err(LdsError::Cut), "{end}");
        }
    }

    #[test]
    fn tags_of_no_group_are_left_out() {
        let com = Com { version: "0107".to_owned(), unicode: "040000".to_owned(), groups: vec![DataGroup::DG1] };
        let mut bytes = write(&com);
        let last = bytes.len() - 1;
        bytes[last] = 0x7F;
        assert_eq!(parse(&bytes).unwrap().groups, []);
        bytes[0] = 0x30;
        assert_eq!(parse(&bytes), Err(LdsError::TLV));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = parse(&bytes);
        }
    }
}
