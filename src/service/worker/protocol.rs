//! What server and worker say to each other: frames of a kind, a length and a payload, either way.
//! Every kind has a greatest length, looked at before anything is read; every payload is parsed
//! strictly, and bounded once more by what it says.

use super::said::{Problem, Step};
use crate::comparison::Prior;
use crate::custody::hex;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Raised with every change of what is said.
pub const VERSION: u32 = 4;
/// Kind, and the payload's length with its little end first.
pub const HEADER: usize = 5;
/// Bytes of the file in one frame.
pub const MOST_DATA: usize = 1 << 18;
/// Rows of a problem that are listed.
pub const MOST_PROBLEMS: usize = 1_000;
/// Records that a release may be about: people that a list may have.
pub const MOST_TAGS: usize = crate::cohort::MAX_ROWS as usize;
/// Before the tags: two numbers.
const BEFORE_TAGS: usize = 4;
/// Characters of a problem's text.
const MOST_TEXT: usize = 2_000;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// To the worker: [`Order`].
    Job = 1,
    /// To the worker: bytes of the file.
    Data = 2,
    /// To the worker: the file is whole.
    End = 3,
    /// To the worker: its turn has come; [`Beside`].
    Begin = 4,
    /// To the worker: it may compute.
    Go = 5,
    /// To the worker: of the records asked about, which are used up; a bit each, the first lowest.
    UsedUp = 6,
    /// To the worker: what became of its release, [`Answered`].
    Recorded = 7,
    /// From the worker, with its memory beside it: [`Hello`].
    Hello = 65,
    /// It can take the file: [`Ready`].
    Ready = 66,
    /// It cannot: [`Cannot`].
    Cannot = 67,
    /// It has all of the file: [`Whole`].
    Whole = 68,
    /// A [`Step`] begins.
    Step = 69,
    /// It holds people and canaries: [`Holding`], and fingerprints after it.
    Held = 70,
    /// A form of the report: its name, a zero, its bytes.
    Face = 71,
    /// The last word, after the faces: [`Answer`].
    Answer = 72,
    /// The last word: [`Problem`].
    NoAnswer = 73,
    /// Which of these records are used up? [`Tags`].
    AskUsedUp = 74,
    /// A release is about to leave: [`Tags`].
    Release = 75,
}

impl Kind {
    /// All of them.
    const ALL: [Kind; 18] = [
        Kind::Job,
        Kind::Data,
        Kind::End,
        Kind::Begin,
        Kind::Go,
        Kind::Hello,
        Kind::Ready,
        Kind::Cannot,
        Kind::Whole,
        Kind::Step,
        Kind::Held,
        Kind::Face,
        Kind::Answer,
        Kind::NoAnswer,
        Kind::UsedUp,
        Kind::Recorded,
        Kind::AskUsedUp,
        Kind::Release,
    ];

    /// Bytes that its payload may have.
    pub fn most(self) -> usize {
        match self {
            Kind::End | Kind::Go => 0,
            Kind::Data => MOST_DATA,
            Kind::Job | Kind::Begin => 1 << 21,
            Kind::Hello | Kind::Cannot | Kind::Step => 256,
            Kind::Ready | Kind::Whole => 4_096,
            Kind::Held => 1 << 25,
            Kind::Face => 1 << 26,
            Kind::Answer => 1 << 14,
            Kind::NoAnswer => 1 << 23,
            Kind::UsedUp => MOST_TAGS.div_ceil(8),
            Kind::Recorded => 1,
            Kind::AskUsedUp | Kind::Release => BEFORE_TAGS + 8 * MOST_TAGS,
        }
    }
}

/// What was said is not what can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what was said is not what can be said here")]
pub struct Garbled;

/// Reads a header.
///
/// # Errors
/// When there is no such kind, or its payload would be too long.
pub fn header(bytes: [u8; HEADER]) -> Result<(Kind, usize), Garbled> {
    let [kind, length @ ..] = bytes;
    let known = Kind::ALL.into_iter().find(|&k| k as u8 == kind);
    let kind = known.ok_or(Garbled)?;
    let length = u32::from_le_bytes(length) as usize;
    match length <= kind.most() {
        true => Ok((kind, length)),
        false => Err(Garbled),
    }
}

/// A header for a payload of that length.
///
/// # Errors
/// When it is too long.
pub fn head(kind: Kind, length: usize) -> io::Result<[u8; HEADER]> {
    let fits = u32::try_from(length).ok().filter(|_| length <= kind.most());
    let [a, b, c, d] = fits.ok_or(io::ErrorKind::InvalidInput)?.to_le_bytes();
    Ok([kind as u8, a, b, c, d])
}

/// Sends a frame.
///
/// # Errors
/// When it is too long or cannot be written.
pub fn send(to: &mut impl Write, kind: Kind, payload: &[u8]) -> io::Result<()> {
    to.write_all(&head(kind, payload.len())?)?;
    to.write_all(payload)?;
    to.flush()
}

/// Receives a frame into `payload`, which is emptied first.
///
/// # Errors
/// When it is none, or the other side has gone.
pub fn receive(from: &mut impl Read, payload: &mut Vec<u8>) -> io::Result<Kind> {
    let mut head = [0; HEADER];
    from.read_exact(&mut head)?;
    let (kind, length) = header(head).map_err(|_| io::ErrorKind::InvalidData)?;
    payload.zeroize();
    payload.resize(length, 0);
    from.read_exact(payload)?;
    Ok(kind)
}

/// A payload as what it should be.
///
/// # Errors
/// When it is anything else.
pub fn parse<T: DeserializeOwned>(payload: &[u8]) -> Result<T, Garbled> {
    serde_json::from_slice(payload).map_err(|_| Garbled)
}

/// Something to be said, as a payload.
///
/// # Errors
/// Never for what is said here: structures of texts and numbers.
pub fn payload<T: Serialize>(said: &T) -> io::Result<Vec<u8>> {
    serde_json::to_vec(said).map_err(io::Error::other)
}

/// A job, as the worker is told of it.
#[derive(Serialize, Deserialize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The id, for what is sealed to it.
    #[zeroize(skip)]
    pub submission: String,
    /// The text of the study file.
    #[zeroize(skip)]
    pub study_toml: String,
    /// The text of its linkage model, where it names one.
    #[zeroize(skip)]
    pub linkage_model: Option<String>,
    /// The register's folder.
    #[zeroize(skip)]
    pub register: String,
    /// What the server has looked at in full already.
    #[zeroize(skip)]
    pub vouched: Option<crate::register::Vouched>,
    /// Of every random choice.
    #[zeroize(skip)]
    pub seed: u64,
    /// Of the canary people.
    pub canary_seed: [u8; 32],
    /// Of the fingerprints.
    pub mark_key: [u8; 32],
    /// Of the commitment.
    pub commitment_salt: [u8; 32],
    /// Of the tags of records.
    pub release_key: [u8; 32],
    /// The file comes encrypted.
    #[zeroize(skip)]
    pub sealed: bool,
    /// It is read and told of, and nobody is looked for.
    #[zeroize(skip)]
    pub check: bool,
    /// Bytes it may write to.
    #[zeroize(skip)]
    pub memory_bytes: u64,
    /// Seconds it may compute.
    #[zeroize(skip)]
    pub cpu_seconds: u64,
}

/// What is known beside the list once its turn comes. Nothing of it is about a person.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    /// The columns that may be shared; all of them where there is no agreement to look at.
    pub covered: Option<Vec<String>>,
    /// The programme's name; empty where it is not known.
    pub programme: String,
    /// The day, ISO 8601.
    pub today: String,
    /// Earlier released results of the programme.
    pub before: Vec<Prior>,
    /// What other providers published.
    pub others: Vec<Prior>,
}

/// The first word.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// [`VERSION`].
    pub version: u32,
}

/// It has given up what it does not need, and can take the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ready {
    /// Its memory cannot be swapped out.
    pub locked: bool,
    /// A filter of system calls and rules for files are in force.
    pub confined: bool,
    /// What is in force, or why not.
    pub note: String,
    /// The key to seal the file to, hexadecimal.
    pub public_key: Option<String>,
}

/// Why it cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cannot {
    /// The job's study is none.
    Study,
    /// The register cannot be opened.
    Register,
    /// The system refuses limits or confinement.
    Confine,
    /// The process for reading the file cannot be started.
    Reader,
}

impl Cannot {
    /// In fixed words.
    pub fn sentence(self) -> &'static str {
        match self {
            Cannot::Study => "its study file cannot be used",
            Cannot::Register => "the register cannot be opened",
            Cannot::Confine => "the system does not let it give up what it must not have",
            Cannot::Reader => "the process that reads the file cannot be started",
        }
    }
}

/// It has all of the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Whole {
    /// Bytes that came.
    pub bytes: u64,
    /// Hexadecimal; of a plain file.
    pub commitment: Option<String>,
}

/// It holds people and canaries.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holding {
    /// Canary people.
    pub canaries: u32,
    /// Hexadecimal.
    pub commitment: Option<String>,
}

/// The last word of a good end.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// How many faces came before.
    pub faces: usize,
    /// The finding in one sentence.
    pub headline: String,
    /// People in the file, to the nearest five.
    pub submitted: u64,
}

/// [`Holding`] with fingerprints, as a payload: the length of the first part, the two parts.
///
/// # Errors
/// As [`payload`].
pub fn held_payload(holding: &Holding, prints: &[u64]) -> io::Result<Vec<u8>> {
    let first = payload(holding)?;
    let mut all = Vec::with_capacity(4 + first.len() + 8 * prints.len());
    // A few dozen bytes.
    all.extend((first.len() as u32).to_le_bytes());
    all.extend(&first);
    prints.iter().for_each(|p| all.extend(p.to_le_bytes()));
    Ok(all)
}

/// The two parts again.
///
/// # Errors
/// When there are no two.
pub fn parse_held(all: &[u8]) -> Result<(Holding, Vec<u64>), Garbled> {
    let (length, rest) = all.split_first_chunk::<4>().ok_or(Garbled)?;
    let at = u32::from_le_bytes(*length) as usize;
    let (first, prints) = rest.split_at_checked(at).ok_or(Garbled)?;
    let (prints, over) = prints.as_chunks::<8>();
    let holding: Holding = parse(first)?;
    match over.is_empty() && holding.commitment.as_deref().is_none_or(is_digest) {
        true => Ok((
            holding,
            prints.iter().map(|&p| u64::from_le_bytes(p)).collect(),
        )),
        false => Err(Garbled),
    }
}

/// 32 bytes in hexadecimal?
pub fn is_digest(text: &str) -> bool {
    hex::decode_32(text).is_some()
}

/// A text for people: not too long, no control characters.
pub fn is_plain(text: &str) -> bool {
    text.len() <= MOST_TEXT && !text.chars().any(char::is_control)
}

/// A step by its name.
///
/// # Errors
/// When there is none of that name.
pub fn parse_step(payload: &[u8]) -> Result<Step, Garbled> {
    let step: Step = parse(payload)?;
    // Those two are the server's to say.
    match step {
        Step::Received | Step::Started => Err(Garbled),
        step => Ok(step),
    }
}

/// A problem whose texts can be shown.
///
/// # Errors
/// When a text cannot, or there are too many.
pub fn parse_problem(payload: &[u8]) -> Result<Problem, Garbled> {
    let problem: Problem = parse(payload)?;
    let word = |c: char| c.is_ascii_lowercase() || c == '_';
    let row = |p: &super::RowProblem| {
        let optional = [&p.column, &p.letter].into_iter().flatten();
        optional.chain([&p.rule, &p.remedy]).all(|t| is_plain(t))
            && ["error", "warning"].contains(&p.severity.as_str())
    };
    let sound = (1..=40).contains(&problem.code.len())
        && problem.code.chars().all(word)
        && is_plain(&problem.message)
        && is_plain(&problem.hint)
        && problem.problems.len() <= MOST_PROBLEMS
        && problem.problems.iter().all(row);
    match sound {
        true => Ok(problem),
        false => Err(Garbled),
    }
}

/// Held records under their tags, and what is asked of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tags {
    /// Fewest people by which a release must differ from earlier ones; 0 where none is to leave.
    pub apart: u16,
    /// Releases that a record may ever be part of; 0 where that is not limited.
    pub uses: u16,
    /// Each once, and none 0.
    pub tags: Vec<u64>,
}

impl Tags {
    /// As a payload: the two numbers, then the tags; all with the little end first.
    pub fn to_payload(&self) -> Vec<u8> {
        let mut all = Vec::with_capacity(BEFORE_TAGS + 8 * self.tags.len());
        all.extend(self.apart.to_le_bytes());
        all.extend(self.uses.to_le_bytes());
        self.tags.iter().for_each(|t| all.extend(t.to_le_bytes()));
        all
    }

    /// The same again.
    ///
    /// # Errors
    /// When it is none, or a tag is 0 or comes twice.
    pub fn parse(payload: &[u8]) -> Result<Tags, Garbled> {
        let (apart, rest) = payload.split_first_chunk().ok_or(Garbled)?;
        let (uses, rest) = rest.split_first_chunk().ok_or(Garbled)?;
        let (tags, over) = rest.as_chunks::<8>();
        let tags: Vec<u64> = tags.iter().map(|&t| u64::from_le_bytes(t)).collect();
        let mut sorted = tags.clone();
        sorted.sort_unstable();
        let sound = over.is_empty()
            && sorted.first() != Some(&0)
            && sorted.windows(2).all(|pair| pair[0] < pair[1]);
        match sound {
            true => Ok(Tags {
                apart: u16::from_le_bytes(*apart),
                uses: u16::from_le_bytes(*uses),
                tags,
            }),
            false => Err(Garbled),
        }
    }
}

/// A bit for each, as a payload.
pub fn bits(all: &[bool]) -> Vec<u8> {
    let byte = |eight: &[bool]| {
        (0u8..)
            .zip(eight)
            .fold(0, |b, (i, &set)| b | u8::from(set) << i)
    };
    all.chunks(8).map(byte).collect()
}

/// So many of them again.
///
/// # Errors
/// When there are more or fewer.
pub fn parse_bits(payload: &[u8], how_many: usize) -> Result<Vec<bool>, Garbled> {
    match payload.len() == how_many.div_ceil(8) {
        true => Ok((0..how_many)
            .map(|i| payload[i / 8] >> (i % 8) & 1 == 1)
            .collect()),
        false => Err(Garbled),
    }
}

/// What became of a release, as the worker hears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Answered {
    /// It is on record, and may leave.
    Kept = 1,
    /// Nearly the same people were released before.
    NearRepeat = 2,
    /// Some of its records were used up meanwhile.
    Overtaken = 3,
    /// It could not be recorded.
    NotRecorded = 4,
}

impl Answered {
    /// By its number.
    ///
    /// # Errors
    /// When there is none.
    pub fn parse(payload: &[u8]) -> Result<Answered, Garbled> {
        match payload {
            [1] => Ok(Answered::Kept),
            [2] => Ok(Answered::NearRepeat),
            [3] => Ok(Answered::Overtaken),
            [4] => Ok(Answered::NotRecorded),
            _ => Err(Garbled),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_bits_come_back_and_what_is_unsound_does_not() {
        let tags = Tags {
            apart: 30,
            uses: 3,
            tags: vec![9, 1, u64::MAX],
        };
        let payload = tags.to_payload();
        assert_eq!(Tags::parse(&payload), Ok(tags.clone()));
        assert_eq!(Tags::parse(&payload[..payload.len() - 1]), Err(Garbled));
        assert_eq!(Tags::parse(&[0; 3]), Err(Garbled));
        for bad in [vec![0], vec![5, 5]] {
            let bad = Tags {
                tags: bad,
                ..tags.clone()
            };
            assert_eq!(Tags::parse(&bad.to_payload()), Err(Garbled));
        }
        let all: Vec<bool> = (0..19).map(|i| i % 3 == 0).collect();
        assert_eq!(parse_bits(&bits(&all), 19), Ok(all.clone()));
        assert_eq!(parse_bits(&bits(&all), 25), Err(Garbled));
        assert_eq!(Answered::parse(&[0]), Err(Garbled));
        let most = u32::try_from(Kind::Release.most()).unwrap();
        let [a, b, c, d] = (most + 1).to_le_bytes();
        assert_eq!(header([Kind::Release as u8, a, b, c, d]), Err(Garbled));
    }
}
