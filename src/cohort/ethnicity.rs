//! Ethnic group as a charity writes it, to one of the five broad groups of the 2021 census of
//! England and Wales. Text that is none of them is a note by row and column; never the text.

use super::fields::Fault;

/// A broad ethnic group. Not printable of itself: who asks for the name has a reason.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ethnicity {
    /// Asian or Asian British: Indian, Pakistani, Bangladeshi, Chinese and others.
    Asian,
    /// Black, Black British, Caribbean or African.
    Black,
    /// Mixed or multiple groups.
    Mixed,
    /// White: British, Irish, Gypsy or Irish Traveller, Roma and others.
    White,
    /// Another group: Arab and others.
    Other,
}

impl Ethnicity {
    /// The names in the order of the census, for lists to choose from and for tables.
    pub const NAMES: [&'static str; 5] = [
        "Asian or Asian British",
        "Black, Black British, Caribbean or African",
        "Mixed or multiple",
        "White",
        "Other",
    ];

    /// The same, short and without commas: a spreadsheet's list of choices is parted by them.
    pub const CHOICES: [&'static str; 5] = [
        "Asian or Asian British",
        "Black or Black British",
        "Mixed or multiple",
        "White",
        "Other",
    ];

    /// The census's name.
    pub fn name(self) -> &'static str {
        Ethnicity::NAMES[self as usize]
    }
}

/// Not stated, refused, prefer not to say: an answer, and nothing is known.
const NOT_SAID: &str = "not stated|not said|refused|refusal|declined|declined to say|\
    declined to answer|prefer not to say|prefers not to say|preferred not to say|prefer not say|\
    prefer not to answer|would rather not say|rather not say|does not wish to say|\
    did not wish to say|not disclosed|undisclosed|not given|not recorded|not provided|not known|\
    not asked|not obtained|not yet obtained|not collected|not applicable|unknown|missing|none|\
    n a|na|ns|nk|n k|nil|no answer|dont know|don t know|ns not stated|n1|n2|n3|n4|n9";

/// Words that belong to the names of groups and tell no group from another.
const FILLING: &str = "any another background backgrounds ethnic ethnicity group groups heritage or \
    and british english welsh scottish northern south east southeast uk gb specified please";

/// What one word says.
fn of_word(word: &str) -> Option<Ethnicity> {
    Some(match word {
        "asian" | "indian" | "pakistani" | "bangladeshi" | "chinese" => Ethnicity::Asian,
        "black" | "african" | "caribbean" | "afro" | "africans" => Ethnicity::Black,
        "mixed" | "multiple" | "dual" => Ethnicity::Mixed,
        "white" | "irish" | "gypsy" | "roma" | "traveller" => Ethnicity::White,
        "arab" => Ethnicity::Other,
        _ => return None,
    })
}

/// The codes in which people say it themselves to the police and prisons (16+1 and 18+1): `W1`.
fn of_code(word: &str) -> Option<Ethnicity> {
    Some(match word {
        "w1" | "w2" | "w3" | "w4" | "w5" | "w8" | "w9" => Ethnicity::White,
        "m1" | "m2" | "m3" | "m9" => Ethnicity::Mixed,
        // O1 was Chinese before it became A4.
        "a1" | "a2" | "a3" | "a4" | "a9" | "o1" => Ethnicity::Asian,
        "b1" | "b2" | "b9" => Ethnicity::Black,
        "o2" | "o9" => Ethnicity::Other,
        _ => return None,
    })
}

/// The broad group; `None` when it was not said.
pub(super) fn read(text: &str) -> Result<Option<Ethnicity>, Fault> {
    let low = text.to_lowercase();
    let split = low.split(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = split.filter(|w| !w.is_empty()).collect();
    let whole = words.join(" ");
    if NOT_SAID.split('|').any(|said| said.trim() == whole) {
        return Ok(None);
    }
    let joined = low.contains(['/', '&', '+']) || words.contains(&"and");
    let code = words.first().and_then(|w| of_code(w));
    match code.or_else(|| of_words(&words, joined)) {
        Some(group) => Ok(Some(group)),
        None => Err(Fault {
            rule: "the ethnic group is none of the census's; read as not known",
            remedy: "write Asian, Black, Mixed, White or Other, a detailed group of the census or a code such as W1, or leave the cell blank",
        }),
    }
}

/// The group that all the words together say; `joined` when two things are said to be both.
fn of_words(words: &[&str], joined: bool) -> Option<Ethnicity> {
    let known = |w: &&str| {
        of_word(w).is_some() || *w == "other" || FILLING.split(' ').any(|f| f.trim() == *w)
    };
    if !words.iter().all(known) {
        return None;
    }
    let has = |group| words.iter().any(|w| of_word(w) == Some(group));
    // Northern Irish is a part of White British, and a White person is no Asian for being so.
    let of = [
        Ethnicity::Asian,
        Ethnicity::Black,
        Ethnicity::White,
        Ethnicity::Other,
    ];
    let said: Vec<Ethnicity> = of.into_iter().filter(|g| has(*g)).collect();
    let other = words.contains(&"other") || words.starts_with(&["another"]);
    match said.as_slice() {
        _ if has(Ethnicity::Mixed) => Some(Ethnicity::Mixed),
        // "Chinese or other" was a group of the census of 2001, and is two of today's.
        [Ethnicity::Asian] if other && words.contains(&"chinese") => None,
        [one] => Some(*one),
        [_, _] if joined && has(Ethnicity::White) && !has(Ethnicity::Other) => {
            Some(Ethnicity::Mixed)
        }
        [] if other => Some(Ethnicity::Other),
        _ => None,
    }
}
