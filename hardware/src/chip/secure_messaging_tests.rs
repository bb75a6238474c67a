use super::*;
use crate::chip::testing::hex;
use proptest::prelude::*;

/// The session of Doc 9303 part 11, appendix D.4.
fn worked_example() -> SecureMessaging {
    let cipher = Cipher::TripleDes;
    let secret = hex("0036D272F5C350ACAC50C3F572D23600");
    let session = SecureMessaging::new(cipher, &secret, 0x8870_2212_0C06_C226);
    assert_eq!(session.keys().0, hex("979EC13B1CBFE9DCD01AB0FED307EAE5"));
    assert_eq!(session.keys().1, hex("F1CB1F1FB5ADF208806B89DC579DC1F8"));
    session
}

#[test]
fn the_worked_example_is_reproduced_from_both_sides() {
    let (mut reader, mut card) = (worked_example(), worked_example());
    let exchanges = [
        (
            Command::select_file(0x011E),
            "0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800",
            "",
            "990290008E08FA855A5D4C50A8ED9000",
        ),
        (
            Command::read_binary(0, 4),
            "0CB000000D9701048E08ED6705417E96BA5500",
            "60145F01",
            "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000",
        ),
        (
            Command::read_binary(4, 18),
            "0CB000040D9701128E082EA28A70F3C7B53500",
            "04303130365F36063034303030305C026175",
            "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D749000",
        ),
    ];
    for (command, secured, data, answer) in exchanges {
        let sent = reader.wrap_command(&command).unwrap();
        assert_eq!(sent.to_bytes(), hex(secured));
        assert_eq!(card.unwrap_command(&sent).unwrap(), command);
        let answered = card.wrap_response(command.header[1], &Response::ok(hex(data))).unwrap();
        assert_eq!(answered.to_bytes(), hex(answer));
        assert_eq!(reader.unwrap_response(&answered).unwrap(), Response::ok(hex(data)));
    }
}

#[test]
fn a_bare_status_word_is_the_end_of_the_session() {
    let mut reader = worked_example();
    reader.wrap_command(&Command::read_binary(0, 4)).unwrap();
    assert_eq!(reader.unwrap_response(&Response::status(StatusWord::SM_WRONG)), Err(SmError::Missing));
}

#[test]
fn a_message_played_again_is_not_authentic() {
    let (mut reader, mut card) = (worked_example(), worked_example());
    let sent = reader.wrap_command(&Command::read_binary(0, 4)).unwrap();
    card.unwrap_command(&sent).unwrap();
    assert_eq!(card.unwrap_command(&sent), Err(SmError::Forged));
}

fn session(cipher: Cipher) -> (SecureMessaging, SecureMessaging) {
    (SecureMessaging::new(cipher, b"secret", 0), SecureMessaging::new(cipher, b"secret", 0))
}

proptest! {
    #[test]
    fn messages_round_trip(
        exchanges in proptest::collection::vec((any::<[u8; 3]>(), proptest::collection::vec(any::<u8>(), 0..400), proptest::option::of(1_usize..=0x1_0000), proptest::collection::vec(any::<u8>(), 0..400)), 1..4),
        cipher in prop::sample::select(vec![Cipher::TripleDes, Cipher::Aes128, Cipher::Aes192, Cipher::Aes256]),
    ) {
        let (mut reader, mut card) = session(cipher);
        for (header, data, expected, answer) in exchanges {
            let command = Command::new([0, header[0], header[1], header[2]], &data, expected);
            let secured = reader.wrap_command(&command).unwrap();
            let opened = card.unwrap_command(&Command::parse(&secured.to_bytes()).unwrap()).unwrap();
            prop_assert_eq!(&opened, &command);
            let response = Response::ok(answer);
            let secured = card.wrap_response(command.header[1], &response).unwrap();
            prop_assert_eq!(reader.unwrap_response(&secured).unwrap(), response);
        }
    }

    #[test]
    fn no_bit_can_be_changed_and_no_cut_is_taken(data in proptest::collection::vec(any::<u8>(), 1..64), at: prop::sample::Index, bit in 0..8_u32, aes: bool) {
        let cipher = if aes { Cipher::Aes128 } else { Cipher::TripleDes };
        let (mut reader, mut card) = session(cipher);
        let sent = reader.wrap_command(&Command::read_binary(0, 64)).unwrap();
        card.unwrap_command(&sent).unwrap();
        let answer = card.wrap_response(0xB0, &Response::ok(data)).unwrap();
        let at = at.index(answer.data.len());
        let mut changed = answer.clone();
        changed.data[at] ^= 1 << bit;
        let cut = Response { data: answer.data[..at].to_vec(), status: answer.status };
        for wrong in [changed, cut] {
            let counter = reader.counter;
            prop_assert!(reader.unwrap_response(&wrong).is_err());
            reader.counter = counter;
        }
    }

    #[test]
    fn any_bytes_are_borne(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let (mut reader, mut card) = session(Cipher::Aes256);
        prop_assert!(reader.unwrap_response(&Response::ok(bytes.clone())).is_err());
        prop_assert!(card.unwrap_command(&Command::new([0x0C, 0xB0, 0, 0], &bytes, None)).is_err());
    }
}
