use super::*;
use proptest::prelude::*;

#[test]
fn lengths_of_every_form_are_read() {
    type Found = Result<Option<(u32, usize)>, LdsError>;
    let rows: [(&[u8], Found); 14] = [
        (&[], Ok(None)),
        (&[0x61, 0x00], Ok(Some((0x61, 0)))),
        (&[0x61, 0x01, 0xAA], Ok(Some((0x61, 1)))),
        (&[0x61, 0x81, 0x01, 0xAA], Ok(Some((0x61, 1)))),
        (&[0x61, 0x82, 0x00, 0x01, 0xAA], Ok(Some((0x61, 1)))),
        (&[0x61, 0x84, 0x00, 0x00, 0x00, 0x01, 0xAA], Ok(Some((0x61, 1)))),
        (&[0x5F, 0x1F, 0x00], Ok(Some((0x5F1F, 0)))),
        (&[0x7F, 0x81, 0x02, 0x00], Ok(Some((0x7F_8102, 0)))),
        (&[0x7F, 0x81, 0x82, 0x83, 0x04, 0x00], Err(LdsError::TLV)),
        (&[0x61, 0x80, 0x00, 0x00], Err(LdsError::TLV)),
        (&[0x61, 0x85, 0x01], Err(LdsError::TLV)),
        (&[0x61, 0x02, 0xAA], Err(LdsError::Cut)),
        (&[0x61, 0x82, 0x01], Err(LdsError::Cut)),
        (&[0x61, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0x00], Err(LdsError::Cut)),
    ];
    for (bytes, expected) in rows {
        let found = Reader::new(bytes).element().map(|element| element.map(|one| (one.tag, one.value.len())));
        assert_eq!(found, expected, "{bytes:02X?}");
    }
}

#[test]
fn lengths_are_written_short() {
    for (length, head) in [
        (0, vec![0x04, 0x00]),
        (127, vec![0x04, 0x7F]),
        (128, vec![0x04, 0x81, 0x80]),
        (255, vec![0x04, 0x81, 0xFF]),
        (256, vec![0x04, 0x82, 0x01, 0x00]),
        (65_536, vec![0x04, 0x83, 0x01, 0x00, 0x00]),
    ] {
        let bytes = write(tag::OCTET_STRING, &vec![0; length]);
        assert_eq!(bytes[..head.len()], head);
        assert_eq!(file_length(&bytes[..head.len()]), Ok(Some(bytes.len())));
        assert_eq!(file_length(&bytes[..head.len() - 1]), Ok(None));
    }
}

#[test]
fn numbers_keep_their_sign() {
    assert_eq!(integer(&[0, 0, 5]), [2, 1, 5]);
    assert_eq!(integer(&[0x80]), [2, 2, 0, 0x80]);
    assert_eq!(integer(&[0, 0]), [2, 1, 0]);
    let number = |bytes: &[u8]| Reader::new(bytes).element().unwrap().unwrap().small_number();
    assert_eq!(number(&[2, 1, 5]), Some(5));
    assert_eq!(number(&[2, 5, 0, 0xFF, 0xFF, 0xFF, 0xFF]), Some(u32::MAX));
    assert_eq!(number(&[2, 1, 0xFF]), None);
    assert_eq!(number(&[2, 5, 1, 0, 0, 0, 0]), None);
    assert_eq!(number(&[2, 0]), None);
    assert_eq!(number(&[4, 1, 5]), None);
}

#[test]
fn an_optional_element_of_another_kind_stays() {
    let bytes = [write(tag::NULL, &[]), integer(&[7])].concat();
    let mut reader = Reader::new(&bytes);
    assert!(reader.optional(tag::INTEGER).unwrap().is_none());
    assert!(reader.optional(tag::NULL).unwrap().is_some());
    assert_eq!(reader.expect(tag::INTEGER).unwrap().small_number(), Some(7));
    assert!(reader.is_empty());
    assert_eq!(reader.expect(tag::INTEGER).err(), Some(LdsError::Cut));
}

proptest! {
    #[test]
    fn what_is_written_is_read(tag in prop::sample::select(vec![0x02_u32, 0x30, 0x61, 0x5F1F, 0x7F61]), value in prop::collection::vec(any::<u8>(), 0..400), behind in any::<[u8; 3]>()) {
        let bytes = [write(tag, &value), behind.to_vec()].concat();
        let mut reader = Reader::new(&bytes);
        let element = reader.element().unwrap().unwrap();
        prop_assert_eq!((element.tag, element.value), (tag, value.as_slice()));
        prop_assert_eq!(reader.rest(), behind);
    }

    #[test]
    fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(elements) = Reader::new(&bytes).all() {
            let whole: Vec<u8> = elements.iter().flat_map(|element| element.whole.to_vec()).collect();
            prop_assert_eq!(&whole, &bytes);
        }
        let _ = file_length(&bytes);
    }

    #[test]
    fn a_cut_is_a_cut(value in prop::collection::vec(any::<u8>(), 0..300), at in any::<prop::sample::Index>()) {
        let bytes = write(tag::SEQUENCE, &value);
        let end = at.index(bytes.len());
        prop_assert_eq!(file(&bytes[..end], tag::SEQUENCE).err(), Some(LdsError::Cut));
    }
}
