//! Whatever the bytes, the reader neither panics nor repeats a cell.

use crate::kit::*;
use proptest::prelude::*;

/// Everything the reader says about a file.
fn everything_said(bytes: &[u8]) -> String {
    match try_read(bytes) {
        Err(e) => format!("{e} {} {e:?}", e.hint()),
        Ok(c) => format!(
            "{:?} {:?} {:?} {} {}",
            c.problems,
            c.quality,
            c.attrition(),
            c.verdict.sentence(),
            serde_json::to_string(&c.quality).unwrap(),
        ),
    }
}

/// Words that no message contains, near enough to names, dates and identifiers to go wrong.
fn canary() -> impl Strategy<Value = String> {
    prop_oneof![
        "[QXZ][qxz]{4,9}",
        "[QXZ][qxz]{3,5}-[QXZ]'[qxz]{3,5}",
        "[3-9]{2}/[3-9]{2}/[3-9]{4}",
        "7[0-9]{3}/7[0-9]{6}[A-Z]",
        "[QXZ]7[0-9]{3}[QXZ]{2}",
        "=[QXZ]{4}\\(7[0-9]{5}\\)",
        "Ж[жщъ]{4,8}",
        "[QXZ]{2}[0-9]{2} [0-9][QXZ]{2}",
        "[QXZ][qxz]{4} \u{200B}\u{00A0}7{6}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = everything_said(&bytes);
    }

    #[test]
    fn no_text_below_headings_makes_the_reader_panic(
        text in "[ -~\\n\\r\t\"\",;|/é\u{200B}\u{FEFF}]{0,300}",
        start in prop::sample::select(vec![0_usize, 1]),
    ) {
        let bytes = format!("{}{text}", &HEAD[start..]);
        if let Ok(cohort) = try_read(bytes.as_bytes()) {
            assert_adds_up(&cohort);
        }
    }

    #[test]
    fn no_utf_16_makes_the_reader_panic(units in prop::collection::vec(any::<u16>(), 0..200)) {
        let mut bytes = vec![0xFF, 0xFE];
        bytes.extend(HEAD.encode_utf16().chain(units).flat_map(u16::to_le_bytes));
        let _ = everything_said(&bytes);
    }

    #[test]
    fn nothing_said_contains_any_cell(
        rows in prop::collection::vec(prop::collection::vec(canary(), 1..8), 1..8),
    ) {
        let head = "forename,surname,dob,sex,postcode,pnc_id,prison_number,programme_start\n";
        let lines: Vec<String> = rows.iter().map(|r| r.join(",")).collect();
        let said = everything_said(format!("{head}{}\n", lines.join("\n")).as_bytes());
        for cell in rows.iter().flatten() {
            prop_assert!(!said.contains(cell.as_str()), "said {}", cell);
        }
    }

    #[test]
    fn nothing_said_contains_a_heading_that_could_be_data(
        row in prop::collection::vec(canary(), 1..8),
    ) {
        for head in ["", "dob,start,pnc,"] {
            let said = everything_said(format!("{head}{}\n", row.join(",")).as_bytes());
            for cell in &row {
                prop_assert!(!said.contains(cell.as_str()), "said {}", cell);
            }
        }
    }

    #[test]
    fn every_valid_pnc_id_comes_back_from_every_writing(year in 1940_u32..2040, serial in 0_u32..10_000_000) {
        let letter = counterpart::identity::pnc::check_letter(year, serial);
        let canonical = format!("{year}/{serial:07}{letter}");
        for text in [
            canonical.clone(),
            format!("{:02}/{serial}{letter}", year % 100),
            format!(" {:02}{serial:07}{} ", year % 100, letter.to_ascii_lowercase()),
        ] {
            prop_assert_eq!(counterpart::identity::pnc::canonical(&text), Ok(canonical.clone()));
        }
    }

    #[test]
    fn one_wrong_digit_in_a_pnc_id_is_always_caught(
        serial in 0_u32..10_000_000, place in 0_u32..7, step in 1_u32..10,
    ) {
        let letter = counterpart::identity::pnc::check_letter(1999, serial);
        let unit = 10_u32.pow(place);
        let digit = serial / unit % 10;
        let wrong = serial - digit * unit + (digit + step) % 10 * unit;
        let text = format!("1999/{wrong:07}{letter}");
        prop_assert!(counterpart::identity::pnc::canonical(&text).is_err());
    }

    #[test]
    fn every_day_comes_back_from_every_style(days in 7_305_i32..=20_779) {
        let iso = iso(days);
        let (y, m, d) = (&iso[..4], &iso[5..7], &iso[8..]);
        for text in [iso.clone(), format!("{d}/{m}/{y}"), format!("{d}.{m}.{y}"), format!("{y}{m}{d}"), (days + 25_569).to_string()] {
            let cohort = dated("03/04/1960", &text);
            prop_assert_eq!(cohort.participants[0].start, days, "{}", text);
        }
    }
}
