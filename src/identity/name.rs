//! Names as they are compared: lower case, without accents, apostrophes, hyphens, spaces, titles.

/// Titles that stand before a forename in people's lists.
const TITLES: [&str; 12] = [
    "mr",
    "mrs",
    "miss",
    "ms",
    "mx",
    "dr",
    "prof",
    "professor",
    "rev",
    "sir",
    "lady",
    "master",
];

/// The form in which names are compared, within a file and with a register; empty when nothing comparable is left.
///
/// ```
/// use counterpart::identity::normalise_name;
/// assert_eq!(normalise_name("Mr. Seán"), "sean");
/// assert_eq!(normalise_name("O\u{2019}Brien-Smith "), normalise_name("obrien smith"));
/// ```
pub fn normalise_name(name: &str) -> String {
    let rest = without_title(name.trim());
    let mut plain = String::with_capacity(rest.len());
    for c in rest.chars().flat_map(char::to_lowercase) {
        match unaccented(c) {
            Some(letters) => plain.push_str(letters),
            None if c.is_alphanumeric() => plain.push(c),
            // Apostrophes, hyphens, spaces, full stops, combining accents.
            None => {}
        }
    }
    plain
}

/// The parts of a name, each as [`normalise_name`] gives it, with one space between: `Anne-Marie
/// Smith Jnr` is `anne marie smith`. Apostrophes join what they stand between; a leading title and
/// a closing `junior`, `senior` or number are left out, unless they are all there is.
///
/// ```
/// use counterpart::identity::name_parts;
/// assert_eq!(name_parts("O\u{2019}Brien-Smith Jnr."), "obrien smith");
/// assert_eq!(name_parts("Mr D\u{2019}Arcy"), "darcy");
/// ```
pub fn name_parts(name: &str) -> String {
    let separates = |c: char| {
        c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '.' | ',' | '/' | '_')
    };
    let mut parts: Vec<String> = without_title(name.trim())
        .split(separates)
        .map(normalise_name)
        .filter(|part| !part.is_empty())
        .collect();
    while parts.len() > 1
        && parts
            .last()
            .is_some_and(|last| SUFFIXES.contains(&last.as_str()))
    {
        parts.pop();
    }
    parts.join(" ")
}

/// What tells a son from his father on paper, and on few registers.
const SUFFIXES: [&str; 8] = ["jr", "jnr", "junior", "sr", "snr", "senior", "ii", "iii"];

/// Drops a leading title, unless it is all there is.
fn without_title(name: &str) -> &str {
    let Some((first, rest)) = name.split_once(|c: char| c.is_whitespace() || c == '.') else {
        return name;
    };
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '.');
    let is_title = TITLES.iter().any(|t| first.eq_ignore_ascii_case(t));
    if is_title && !rest.is_empty() {
        rest
    } else {
        name
    }
}

/// The letters under an accented Latin letter (lower case), as British records write them.
fn unaccented(c: char) -> Option<&'static str> {
    Some(match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẽ' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ǐ' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ơ' | 'ǒ' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'þ' => "th",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ư' | 'ǔ' => "u",
        'ŵ' | 'ẁ' | 'ẃ' | 'ẅ' => "w",
        'ý' | 'ÿ' | 'ŷ' | 'ỳ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_agree() {
        for (a, b) in [
            ("O'Brien", "OBrien"),
            ("O\u{2019}Brien", "o brien"),
            ("Smith-Jones", "Smith Jones"),
            ("Zoë", "ZOE"),
            ("Zoe\u{308}", "Zoë"),
            ("Łukasz", "Lukasz"),
            ("STRAßE", "Strasse"),
            ("İbrahim", "Ibrahim"),
            ("Dr Anne", "Anne"),
            ("MRS. Anne", "anne"),
            ("  De   La Cruz ", "delacruz"),
        ] {
            assert_eq!(normalise_name(a), normalise_name(b), "{a} and {b}");
        }
    }

    #[test]
    fn a_title_alone_or_inside_a_name_stays() {
        assert_eq!(normalise_name("Miss"), "miss");
        assert_eq!(normalise_name("Sir."), "sir");
        assert_eq!(normalise_name("Drew"), "drew");
        assert_eq!(normalise_name("Mst Anne"), "mstanne");
    }

    #[test]
    fn other_scripts_keep_their_letters() {
        assert_eq!(normalise_name("Ольга"), "ольга");
        assert_ne!(normalise_name("محمد"), "");
    }

    #[test]
    fn parts_stand_apart_and_suffixes_go() {
        for (name, parts) in [
            ("Smith-Jones", "smith jones"),
            ("smith   jones", "smith jones"),
            ("O'Brien", "obrien"),
            ("Al-Hassan, Jr", "al hassan"),
            ("John III", "john"),
            ("Junior", "junior"),
            ("Mary\u{2010}Jane", "mary jane"),
            ("-", ""),
        ] {
            assert_eq!(name_parts(name), parts, "{name}");
        }
    }

    #[test]
    fn nothing_comparable_is_empty() {
        for name in ["", "  ", "-", "'", ". . ."] {
            assert_eq!(normalise_name(name), "");
        }
    }
}
