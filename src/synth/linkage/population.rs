//! The people of a register made for linkage: those of [`crate::synth::person`], with the long
//! tail of surnames a country has, and fathers and sons of one name at one address.

use crate::synth::names::{self, Heritage};
use crate::synth::person::{Household, People, Person, civil, pnc_id};
use crate::synth::random::{Purpose, Streams};
use rand::{Rng, RngExt};

/// Of pairs of neighbours who share no household, how many are father and son of one name.
const JUNIORS: f64 = 0.02;
/// Share of families with a surname of the long tail.
const RARE_SURNAMES: f64 = 0.24;
/// Share of people with a second forename hyphenated to the first.
const DOUBLE_FORENAMES: f64 = 0.015;

/// Why somebody may be taken for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kin {
    /// No near relation made on purpose.
    Plain,
    /// Shares the surname, and mostly the address, with another.
    Sibling,
    /// Shares surname, address and day of birth with another.
    Twin,
    /// Shares forename, surname and address with father or son.
    Junior,
}

/// A population: anyone of it at any time.
pub struct Population {
    people: People,
    streams: Streams,
}

impl Population {
    /// The population of a seed.
    pub fn new(streams: Streams) -> Self {
        Population {
            people: People::new(streams),
            streams,
        }
    }

    /// Person number `index`, and how they relate to the person before. People come in pairs, an
    /// even number and the odd one after it; relations never cross pairs.
    pub fn person(&self, index: u64) -> (Person, Kin) {
        let mut person = self.people.person(index);
        let mut rng = self.streams.at(Purpose::Family, index);
        let kin = match person.household {
            Household::Own if index % 2 == 1 && rng.random_bool(JUNIORS) => Kin::Junior,
            Household::Own => Kin::Plain,
            Household::Shared => Kin::Sibling,
            Household::Twin => Kin::Twin,
        };
        match kin {
            Kin::Plain => self.name(&mut person, index),
            Kin::Sibling | Kin::Twin => {
                let (other, _) = self.person(index - 1);
                person.surname = other.surname;
                if kin == Kin::Twin && person.forename == other.forename {
                    // No mother gives one name to both.
                    person.forename = names::forename(person.heritage, person.female, &mut rng);
                }
            }
            Kin::Junior => {
                let (other, _) = self.person(index - 1);
                if other.female {
                    self.name(&mut person, index);
                    return (person, Kin::Plain);
                }
                share_a_name(&mut person, other, &mut rng);
            }
        }
        (person, kin)
    }

    /// The forename in full: now and then a double one. Father and son have the same.
    pub fn forename(&self, index: u64, person: &Person, kin: Kin) -> String {
        let bearer = if kin == Kin::Junior { index - 1 } else { index };
        let mut rng = self.streams.at(Purpose::Forename, bearer);
        if !person.forename.contains('-') && rng.random_bool(DOUBLE_FORENAMES) {
            let second = names::forename(person.heritage, person.female, &mut rng);
            if second != person.forename && !second.contains('-') {
                return format!("{}-{second}", person.forename);
            }
        }
        person.forename.to_owned()
    }

    /// How person number `index` relates to the other of the pair, whichever is which.
    pub fn kin(&self, index: u64) -> Kin {
        self.person(index | 1).1
    }

    fn name(&self, person: &mut Person, index: u64) {
        let mut rng = self.streams.at(Purpose::Family, index);
        // The first number decides on juniors.
        let _: f64 = rng.random();
        if rng.random_bool(RARE_SURNAMES) {
            person.surname = rare_surname(person.heritage, &mut rng);
        }
    }
}

/// Makes the person father or son of the other: same name, mostly the same address.
fn share_a_name(person: &mut Person, other: Person, rng: &mut impl Rng) {
    person.forename = other.forename;
    person.surname = other.surname;
    person.heritage = other.heritage;
    person.region = other.region;
    person.female = false;
    if rng.random_bool(0.85) {
        person.postcode = other.postcode;
    }
    let gap_days = rng.random_range(18 * 365..36 * 365);
    let young_days = crate::synth::person::FIRST_DAY - 18 * 366;
    person.dob = match other.dob + gap_days {
        son if son <= young_days => son,
        _ => other.dob - gap_days,
    };
    let serial = person.pnc_id.get(5..12).and_then(|s| s.parse().ok());
    let born = i32::from(civil(person.dob).year());
    person.pnc_id = pnc_id(born + person.age_first_offence, serial.unwrap_or(0));
}

/// Beginnings, middles and ends a rare surname is put together from.
fn syllables(heritage: Heritage) -> [&'static str; 3] {
    match heritage {
        Heritage::British | Heritage::Caribbean => [
            "Ab Ack Al Ap As Ashb Bag Ban Bar Bec Bil Blen Bod Bos Brad Bran Brig Brom Buck Cald Carl Chad Chil Clif Col Cop Cran Crom Cul Dal Den Dit Dor Dray Eas Eck Ed Ell Ever Fair Far Fen Fin Ful Gar Gil Glos Gran Gro Had Hal Han Har Haw Hed Hen Hob Hol Hor Hux Il Kel Ken Kim Kir Lan Led Lin Lod Lux Mal Mar Mel Mid Mor Nar Nor Oak Old Os Pad Pem Pil Pol Pres Quen Rad Red Rip Rod Rus Sal Scar Sed Shel Sil Sker Som Stan Sul Swin Tad Tam Thor Tin Tre Ul Up Var Wad Wal War Wen Whit Wil Win Wol Wyn Yel",
            "a e er i in ing o on en le ne ter ber der",
            "beck bold borough bourne bury by combe cote croft dale den field fold ford gate ham head hill hurst land leigh ley low man mead more ness pole port ridge shall shaw side sley stead stock ston stone ter thorpe ton tree wade well wick win wood worth worthy yard",
        ],
        Heritage::Welsh | Heritage::Irish => [
            "Mac Mc O' Gil Kil Fitz Pen Tre Llan Cad Gwyn Mor Mul Con Cor Dun Fin Hen Ken Lan Mel Ros",
            "a o i e ar or an en al",
            "ahan aghan ally ane arty aughlin enny erty gan gwyn hurley ian igan ill ley mody nan nelly ney nolly rick rigan ryn vey wyn",
        ],
        Heritage::European => [
            "Bar Bog Bor Bran Ciob Dab Dob Drag Dum Gor Grab Iva Jan Jar Kal Kar Kov Kra Kuz Lup Mal Mar Mat Mih Mik Nik Ost Pav Pet Pod Rad Rom Sad Sob Stef Tar Tod Urb Vas Vlad Woj Zab Zaj",
            "a e i o u al an ar en ol os",
            "auskas bara chev cki cu czak czyk dze enko escu ev evic iak ian icz iene in inski kin ko kov lic lis nik nov off ova ovic owicz pulos ra ras sen ski tis tos ulis vic wicz",
        ],
        Heritage::Muslim => [
            "Ab Ad Ak Al Am An As Az Ba Bak Bas Dar Far Gha Had Haf Ham Has Hay Ib Ik Jab Jam Kab Kal Kar Kha Lat Mah Mal Man Mas Min Mu Nad Nas Naw Qad Raf Raz Sab Sad Sal Sar Sha Sul Tah Tar Wah Was Yaq Zah Zam",
            "a i oo ee aa ar am",
            "bari dar di din faz ghani hab hi im jee kar khan lah li man mi nawaz ni qi r ra rani shah si t ullah wal war yar zai zi",
        ],
        Heritage::Indian => [
            "Ag Ah Aj Am An Ar Ba Bal Bha Bir Cha Chop Dal Deo Dha Gho Gup Har Jai Jas Kal Kan Kap Kha Kri Lak Mal Man Mat Mo Nag Nar Pan Par Pra Pur Raj Ram San Sar Set Shi Sri Sub Tan Tri Vad Var Ven Vi Yad",
            "a i u o ee aa",
            "bal chand dar das dia garajan ghotra hal han i jani kal kar la lia ma mani nathan ni ppa raj ram ran rana swamy thy tia tra wal war yan",
        ],
        Heritage::African => [
            "Ab Ad Af Ag Ak Am An Ar As Ay Bab Bam Bol Chi Da Dan Eb Ek Em Fa Fol Ga Gya Ib If Ike Ka Kan Kwa La Ma Mba Mu Nga Nja Nk Nwa Oba Odu Ogu Ola Olu Omo On Opo Osa Owo Sa Sow Ta To Tshi Uche Wa Ya Zu",
            "a e i o u de bo ko lu",
            "ana anda ani ati bayo boye chi chukwu da dele di fe feh folabi go gwe kah ke koya kwe ma meh mi mola ndi ne ngo nle nu pong ra ro shola ta tayo teng to wale wu ye yinka",
        ],
        Heritage::Chinese => [
            "Ch Sh Zh X J Q L F H G K T Y W Ts N",
            "a e i o u ia ua",
            "n ng u i ang eng ong ew m k",
        ],
    }
}

/// A surname few share: some are ten times as common as others, most occur once in a long while.
fn rare_surname(heritage: Heritage, rng: &mut impl Rng) -> String {
    let [first, second, third] = syllables(heritage).map(|list| skewed(list, rng));
    let middle = if rng.random_bool(0.55) { second } else { "" };
    format!("{first}{middle}{third}")
}

/// One of a list, the earlier the likelier.
fn skewed(list: &'static str, rng: &mut impl Rng) -> &'static str {
    let n = list.split(' ').count();
    let at = (rng.random::<f64>().powf(1.5) * n as f64) as usize;
    list.split(' ').nth(at.min(n - 1)).unwrap_or_default()
}
