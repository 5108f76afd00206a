//! Slips of the finger, and the other spellings and nicknames people use.

use rand::{Rng, RngExt};

/// Rows of the keyboard: a finger that misses hits a neighbour.
const KEYS: [&[u8]; 3] = [b"qwertyuiop", b"asdfghjkl", b"zxcvbnm"];

/// A text with one slip: a letter left out, doubled or added, a neighbouring key, two letters
/// changed about. The first letter mostly stays: people look at what they begin. Texts below
/// three letters are left alone.
pub fn typo(text: &str, rng: &mut impl Rng) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 3 {
        return text.to_owned();
    }
    let from = usize::from(!rng.random_bool(0.08));
    let at = rng.random_range(from..letters.len());
    match rng.random_range(0..100) {
        0..25 => drop(letters.remove(at)),
        25..40 => letters.insert(at, letters[at]),
        40..48 => letters.insert(at, neighbour(letters[at], rng)),
        48..73 => letters[at] = neighbour(letters[at], rng),
        _ => {
            let at = at.min(letters.len() - 2);
            match letters[at] == letters[at + 1] {
                true => drop(letters.remove(at)),
                false => letters.swap(at, at + 1),
            }
        }
    }
    // A capital that moved from the front is small where it lands.
    if letters[1..].iter().any(|c| c.is_uppercase()) && text.chars().skip(1).all(char::is_lowercase)
    {
        return capitalised(&letters.iter().collect::<String>());
    }
    letters.into_iter().collect()
}

/// First letter a capital, the others small.
pub fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    let first: String = rest
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    first + &rest.as_str().to_lowercase()
}

/// A key beside this one in its row; digits slip to the next digit, other signs to a space.
fn neighbour(key: char, rng: &mut impl Rng) -> char {
    if let Some(digit) = key.to_digit(10) {
        let to = if rng.random_bool(0.5) {
            digit + 1
        } else {
            digit + 9
        } % 10;
        return char::from_digit(to, 10).unwrap_or('0');
    }
    let lower = key.to_ascii_lowercase();
    for row in KEYS {
        if let Some(at) = row.iter().position(|&k| char::from(k) == lower) {
            let to = match at {
                0 => 1,
                _ if at + 1 == row.len() => at - 1,
                _ if rng.random_bool(0.5) => at + 1,
                _ => at - 1,
            };
            let to = char::from(row[to]);
            return if key.is_uppercase() {
                to.to_ascii_uppercase()
            } else {
                to
            };
        }
    }
    'e'
}

/// Names people use for one another: the full name first, then what it becomes.
const NICKNAMES: &str = "William Bill Billy Will Liam;Robert Bob Rob Bobby Robbie;Richard Rick Dick Ricky Rich;James Jim Jamie Jimmy;John Jack Johnny Jon;Michael Mick Mike Mikey;Daniel Dan Danny;Christopher Chris Kit;Andrew Andy Drew;Thomas Tom Tommy;Matthew Matt Matty;Anthony Tony Ant;Stephen Steve Stevie;Joshua Josh;Benjamin Ben Benny;Benjamin Ben;Nathan Nate;Samuel Sam Sammy;Alexander Alex Sandy Lex;Bradley Brad;Harry Harold Henry;Nicholas Nick Nicky;Jonathan Jon Jonny;Edward Ed Eddie Ted Ned;David Dave Davey;Kenneth Ken Kenny;Peter Pete;Gary Gaz;Darren Daz;Charles Charlie Chas Chuck;Leonard Len Lenny;Arthur Art Archie;Terry Terence Tel;Vincent Vince Vinny;Zachary Zac Zak;Joseph Joe Joey;Lawrence Larry Loz;Ronald Ron Ronnie;Philip Phil;Gregory Greg;Martin Marty;Stuart Stu;Simon Si;Dominic Dom;Frederick Fred Freddie;Alan Al;Timothy Tim;Elizabeth Liz Beth Betty Lizzie;Katherine Kate Kathy Katie;Rebecca Becky Becca;Samantha Sam Sammy;Jessica Jess Jessie;Victoria Vicky Tori;Danielle Dani;Charlotte Charlie Lottie;Michelle Shell Chelle;Joanne Jo Joanna;Jennifer Jen Jenny;Kimberley Kim;Abigail Abbie Gail;Susan Sue Suzie;Margaret Maggie Peggy Meg;Patricia Pat Trish;Amanda Mandy;Deborah Debbie Deb;Eleanor Ellie Nell;Georgia Georgie;Frances Fran Frankie;Natalie Nat;Nicola Nicky Nic;Christine Chris Chrissie;Theresa Terry Tess;Philippa Pippa Pip;Alice Ali;Bethany Beth;Megan Meg;Jacqueline Jackie;Sandra Sandie;Emily Em Emmy;Emma Em;Hannah Han;Tracey Trace;Mohammed Mo Mohamed;Muhammad Mo Mohammad;Abdul Abs;Yusuf Joe Yousef;Ibrahim Ibby Abe;Emmanuel Manny;Oluwaseun Seun;Babatunde Tunde;Olumide Olu;Chukwuemeka Emeka;Nathaniel Nate Nat;Jermaine Jay;Harpreet Harry;Gurpreet Gary;Krzysztof Chris Kris;Piotr Peter;Tomasz Tom;Katarzyna Kasia Kate;Agnieszka Agnes Aga;Magdalena Magda;Andrei Andy;Padraig Paddy;Patrick Paddy Pat;Declan Dec;Dafydd Dai David;Siobhan Shiv;Catrin Cat;Gareth Gaz Gary";

/// Spellings that sound alike.
const SPELLINGS: &str = "Stephen Steven;Sean Shaun Shawn;Seán Sean Shaun;Mohammed Muhammad Mohamed Mohammad;Mark Marc;Philip Phillip;Stuart Stewart;Alan Allan Allen;Ian Iain;Kieran Ciaran Keiran;Callum Calum;Reece Rhys Reese;Connor Conor Conner;Aaron Aron;Jonathan Jonathon;Nicholas Nicolas;Carl Karl;Lewis Louis;Craig Greg;Sarah Sara;Claire Clare;Rachel Rachael;Stacey Stacy;Zoe Zoey;Hayley Haley Hailey;Kerry Kerrie;Tracey Tracy;Leanne Lianne;Katie Katy Kati;Kirsty Kirstie;Nicola Nichola;Michelle Michele;Lauren Lauran;Megan Meghan;Chloe Cloe;Danielle Daniele;Aisha Ayesha Aysha;Fatima Fatema;Ahmed Ahmad;Usman Osman;Yusuf Yousuf;Hussain Hussein Hussen;Rahman Rehman;Choudhry Chowdhury Choudhury;Qureshi Qureishi;Siddiqui Sidiqi;Mahmood Mahmud;Akhtar Akthar;Clark Clarke;Thompson Thomson Tompson;Reid Reed Read;Davies Davis;Philips Phillips;Phillips Philips;Green Greene;Brown Browne;Cook Cooke;Stevens Stephens;Taylor Tayler;Smith Smyth;Wilson Willson;Hughes Hughs;Harrison Harisson;Gray Grey;Shaw Shore;Allen Allan;Elliott Elliot Eliot;Bennett Bennet Benett;Barrett Barratt;McLean MacLean;McGregor MacGregor;Macdonald McDonald;McDonagh McDonough;O'Reilly Reilly;O'Neill O'Neil;O'Connor Connor;O'Brien O'Brian;Doherty Docherty;Murphy Murphey;Kelly Kelley;Byrne Burn;Nowak Novak;Kowalski Kovalski;Wisniewski Wisnewski;Singh Sing;Sandhu Sandu;Dhillon Dillon;Gill Gil;Patel Patell;Sharma Sharmah;Osei Osai;Adeyemi Adeyemy;Nguyen Ngyuen;Cheung Chung;Catrin Katrin;Siân Sian Shan;Gwilym Gwillym;Pritchard Prichard;Griffiths Griffith;Edwards Edwardes;Matthew Mathew;Jamie Jaime;Lee Leigh;Darren Darran;Shane Shayne;Dean Deane;Bradley Bradly;Jake Jayke;Amy Aimee;Emma Ema;Kelly Kellie;Gemma Jemma;Georgia Jorja;Jodie Jody;Shannon Shanon;Jade Jayde;Niamh Neve;Aoife Eefa;Siobhan Shivaun;Tariq Tarik;Zubair Zubayr;Imran Emran;Bilal Billal";

/// Another name from the groups this one is in; none when it is in none.
fn other_of(groups: &'static str, name: &str, rng: &mut impl Rng) -> Option<&'static str> {
    let mut others: Vec<&'static str> = Vec::new();
    for group in groups.split(';') {
        if group.split(' ').any(|n| n == name) {
            others.extend(group.split(' ').filter(|&n| n != name));
        }
    }
    (!others.is_empty()).then(|| others[rng.random_range(0..others.len())])
}

/// A nickname of the name, or a name it is the nickname of.
pub fn nickname(name: &str, rng: &mut impl Rng) -> Option<&'static str> {
    other_of(NICKNAMES, name, rng)
}

/// Another way to write what is heard.
pub fn other_spelling(name: &str, rng: &mut impl Rng) -> Option<&'static str> {
    other_of(SPELLINGS, name, rng)
}

/// One part of a name of two.
pub fn part(name: &str, rng: &mut impl Rng) -> Option<String> {
    let (first, second) = name.split_once('-')?;
    // St-John and Al-Hassan are never halved to `St` and `Al`.
    if first.chars().count() < 3 || second.chars().count() < 3 {
        return Some(name.replace('-', ""));
    }
    Some(if rng.random_bool(0.5) { first } else { second }.to_owned())
}

/// The name with its apostrophes, hyphens and accents gone or replaced; none when it has none.
pub fn without_marks(name: &str, rng: &mut impl Rng) -> Option<String> {
    let marked = |c: char| c == '\'' || c == '-' || !c.is_ascii();
    if !name.contains(marked) {
        return None;
    }
    let space = rng.random_bool(0.5);
    let mut plain = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '\'' if space => plain.push('\u{2019}'),
            '-' if space => plain.push(' '),
            '\'' | '-' => {}
            c if c.is_ascii() => plain.push(c),
            c => plain.push_str(unaccented(c)),
        }
    }
    Some(plain)
}

/// The plain letter under an accented one of the lists of names.
fn unaccented(c: char) -> &'static str {
    match c {
        'á' | 'â' | 'ã' | 'à' => "a",
        'ç' => "c",
        'é' | 'è' | 'ê' | 'ë' => "e",
        'í' | 'î' => "i",
        'ñ' => "n",
        'ó' | 'ô' | 'õ' | 'ö' => "o",
        'Ó' => "O",
        'ú' | 'ü' => "u",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    /// Every slip is one edit: at most one letter more or less, or two that differ.
    #[test]
    fn a_typo_is_one_slip() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..2_000 {
            let slipped = typo("Richardson", &mut rng);
            let n = slipped.chars().count();
            assert!((9..=11).contains(&n), "{slipped}");
            if n == 10 {
                let differ = slipped
                    .chars()
                    .zip("Richardson".chars())
                    .filter(|(a, b)| !a.eq_ignore_ascii_case(b));
                assert!(differ.count() <= 2, "{slipped}");
            }
        }
        assert_eq!(typo("Al", &mut rng), "Al");
    }

    #[test]
    fn nicknames_go_both_ways_and_marks_go() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        assert_eq!(
            nickname("Kenny", &mut rng).map(|n| n.starts_with("Ken")),
            Some(true)
        );
        assert!(nickname("Featherstone", &mut rng).is_none());
        let plain = without_marks("Ó-Briain", &mut rng).unwrap();
        assert!(plain == "OBriain" || plain == "O Briain");
        assert_eq!(part("Al-Hassan", &mut rng).as_deref(), Some("AlHassan"));
        assert!(part("Smith", &mut rng).is_none());
    }
}
